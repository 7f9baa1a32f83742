import type { FromPort, PortHeader, ToPort } from "../../../schemas/ports.ts";
import { fromBase64, toBase64 } from "../../streams/base64.ts";
import { sha256 } from "../../streams/sha256.ts";
import { isEqualInConstantTime } from "../access/constant-time.ts";
import type { JobQueue } from "../jobs/job-queue.ts";
import type { JobTable } from "../jobs/job-table.ts";
import type { RunnerConnection } from "./runner-connection.ts";
import type { RunnerSockets } from "./runner-sockets.ts";

/** Maximum number of concurrent requests to all containers. Each holds one piece of its response in memory. */
const MAX_EXCHANGES = 64;
/** Timeout for the start of a response and for each piece, in milliseconds: slightly longer than that of runners. */
const WAIT_MS = 40_000;

/** Header of a request to the object: a `PortRequest` as JSON. The body is that of the proxied request. */
export const portHeader = "varve-port";
/** Header of the object's response when the container sent none: a `PortRefusal`. The body is the reason. */
export const refusalHeader = "varve-port-refusal";

/** A request to a port of a container. */
export interface PortRequest
  extends Omit<Extract<ToPort, { type: "request" }>, "type" | "exchange" | "body"> {
  /** Job of the container, and the token for its ports. */
  id: string;
  token: string;
}

export type PortRefusal = "unknown" | "too-many" | "unanswered";

interface Exchange {
  id: string;
  job: string;
  /** Sends a message about this exchange to the runner. */
  send(message: ToPort): void;
  begin(message: Extract<FromPort, { type: "response" }>): void;
  fail(reason: string): void;
  /** Reason of the failure. */
  failure?: string;
  /** Resolves with the next piece, or with undefined at the end of the response. */
  piece?: ReturnType<typeof Promise.withResolvers<Uint8Array | undefined>>;
}

interface PortExchangesOptions {
  ctx: DurableObjectState;
  table: JobTable;
  queue: JobQueue;
  runners: RunnerSockets;
}

/** Relays HTTP requests to ports of containers and their responses. */
export class PortExchanges {
  readonly #ctx: DurableObjectState;
  readonly #table: JobTable;
  readonly #queue: JobQueue;
  readonly #runners: RunnerSockets;
  readonly #exchanges = new Map<string, Exchange>();

  constructor({ ctx, table, queue, runners }: PortExchangesOptions) {
    this.#ctx = ctx;
    this.#table = table;
    this.#queue = queue;
    this.#runners = runners;
  }

  /** Accepts requests with this token for the ports of a container. */
  offer(job: string, token: string): void {
    this.#ctx.storage.kv.put(tokenKey(job), sha256(token));
  }

  /** Closes the ports of a container that has ended. */
  forget(job: string): void {
    this.#ctx.storage.kv.delete(tokenKey(job));
    for (const exchange of this.#exchanges.values())
      if (exchange.job === job) exchange.fail("the container has ended");
  }

  /** Proxies a request to a container. The response has the headers of the container, or `refusalHeader`. */
  async fetch(request: Request, { id: job, token, ...forwarded }: PortRequest): Promise<Response> {
    const expected = this.#ctx.storage.kv.get<string>(tokenKey(job));
    if (expected === undefined || !isEqualInConstantTime(expected, sha256(token)))
      return refuse("unknown", "");
    const body = request.body === null ? undefined : new Uint8Array(await request.arrayBuffer());
    const row = this.#table.find(job);
    const runner = row?.state === "running" ? this.#runners.find(row.runner) : undefined;
    if (runner === undefined) return refuse("unanswered", "the container is not running");
    if (this.#exchanges.size >= MAX_EXCHANGES) return refuse("too-many", "");
    return this.#exchange(runner, job, {
      ...forwarded,
      ...(body !== undefined && body.length > 0 && { body: toBase64(body) }),
    });
  }

  /** Handles a message of a container's runner. */
  receive(runner: RunnerConnection, job: string, message: FromPort): void {
    const exchange = this.#exchanges.get(message.exchange);
    if (exchange?.job !== job || !this.#queue.has(runner, job)) return;
    switch (message.type) {
      case "response":
        exchange.begin(message);
        break;
      case "bytes":
        exchange.piece?.resolve(fromBase64(message.bytes));
        break;
      case "end":
        if (message.reason === undefined) exchange.piece?.resolve(undefined);
        else exchange.fail(message.reason);
    }
  }

  async #exchange(
    runner: RunnerConnection,
    job: string,
    request: Omit<PortRequest, "id" | "token"> & { body?: string },
  ): Promise<Response> {
    const id = crypto.randomUUID();
    const begun = Promise.withResolvers<Extract<FromPort, { type: "response" }> | string>();
    const exchange: Exchange = {
      id,
      job,
      send: (message) => void runner.send({ type: "port", job, message }),
      begin: (message) => begun.resolve(message),
      fail: (reason) => {
        exchange.failure ??= reason;
        begun.resolve(reason);
        exchange.piece?.reject(new Error(reason));
        this.#exchanges.delete(id);
      },
    };
    this.#exchanges.set(id, exchange);
    exchange.send({ type: "request", exchange: id, ...request });
    const first = await within(begun.promise, exchange);
    if (typeof first === "string") return refuse("unanswered", first);
    const { status, headers } = first;
    const hasBody = request.method !== "HEAD" && ![204, 205, 304].includes(status);
    if (!hasBody) this.#abort(exchange);
    return new Response(hasBody ? this.#body(exchange) : null, { status, headers: headersOf(headers) });
  }

  #body(exchange: Exchange): ReadableStream<Uint8Array> {
    return new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          if (exchange.failure !== undefined) throw new Error(exchange.failure);
          exchange.piece = Promise.withResolvers();
          exchange.send({ type: "more", exchange: exchange.id });
          const piece = await within(exchange.piece.promise, exchange);
          if (piece !== undefined) return controller.enqueue(piece);
          this.#exchanges.delete(exchange.id);
          controller.close();
        },
        cancel: () => this.#abort(exchange),
      },
      { highWaterMark: 0 },
    );
  }

  #abort(exchange: Exchange): void {
    exchange.send({ type: "abort", exchange: exchange.id });
    this.#exchanges.delete(exchange.id);
  }
}

async function within<T>(promise: Promise<T>, exchange: Exchange): Promise<T> {
  const timer = setTimeout(() => {
    exchange.send({ type: "abort", exchange: exchange.id });
    exchange.fail("the runner of the container did not respond in time");
  }, WAIT_MS);
  return promise.finally(() => clearTimeout(timer));
}

function refuse(refusal: PortRefusal, reason: string): Response {
  return new Response(reason, { status: 502, headers: { [refusalHeader]: refusal } });
}

/** Converts pairs to headers; skips invalid ones. */
function headersOf(pairs: readonly PortHeader[]): Headers {
  const headers = new Headers();
  for (const [name, value] of pairs) {
    try {
      if (name.toLowerCase() !== refusalHeader) headers.append(name, value);
    } catch {
      // The name or the value is invalid.
    }
  }
  return headers;
}

function tokenKey(job: string): string {
  return `ports/${job}`;
}

import { type ClientRequest, type IncomingMessage, request as sendRequest } from "node:http";
import type { FromPort, PortHeader, ToPort } from "../../../schemas/ports.ts";
import type { RunningContainer } from "../containers/container.ts";
import { ContainerError } from "../containers/container-error.ts";

/** Requests at a time to the ports of one container. */
const MAX_EXCHANGES = 16;
/** Time until the headers of a response, and until its end. */
const HEAD_MS = 30_000;
const TOTAL_MS = 5 * 60_000;
const MAX_BYTES = 64 * 2 ** 20;
/** Bytes of a message. */
const PIECE = 64 * 1024;

interface Exchange {
  request?: ClientRequest;
  response?: IncomingMessage;
  chunks?: AsyncIterator<Buffer>;
  /** Bytes that were read and not sent. */
  rest: Buffer;
  sent: number;
  timer: NodeJS.Timeout;
}

/** Sends HTTP requests of clients to the ports of a container, and the responses back. */
export class ContainerExchanges {
  readonly #container: RunningContainer;
  readonly #send: (message: FromPort) => void;
  readonly #exchanges = new Map<string, Exchange>();

  constructor(container: RunningContainer, send: (message: FromPort) => void) {
    this.#container = container;
    this.#send = send;
  }

  receive(message: ToPort): void {
    switch (message.type) {
      case "request":
        void this.#request(message);
        break;
      case "more":
        void this.#more(message.exchange);
        break;
      case "abort":
        this.#forget(message.exchange);
    }
  }

  close(): void {
    for (const id of this.#exchanges.keys()) this.#end(id, "the container has ended");
  }

  async #request({
    exchange: id,
    port,
    method,
    path,
    headers,
    body,
  }: Extract<ToPort, { type: "request" }>): Promise<void> {
    if (this.#exchanges.has(id)) return;
    if (this.#exchanges.size >= MAX_EXCHANGES) {
      this.#send({ type: "end", exchange: id, reason: "too many requests wait for the container" });
      return;
    }
    const late = () => this.#end(id, "the program in the container did not answer in time");
    const exchange: Exchange = { rest: Buffer.alloc(0), sent: 0, timer: setTimeout(late, HEAD_MS) };
    this.#exchanges.set(id, exchange);
    try {
      const socket = await this.#container.connect(port);
      if (this.#exchanges.get(id) !== exchange) {
        socket.destroy();
        return;
      }
      const content = body === undefined ? undefined : Buffer.from(body, "base64");
      const request = sendRequest({
        createConnection: () => socket,
        method,
        path,
        setHost: false,
        headers: [
          ...headers.flat(),
          ...["host", `localhost:${port}`, "connection", "close"],
          ...(content === undefined ? [] : ["content-length", String(content.length)]),
        ],
      });
      exchange.request = request;
      request.on("error", ({ message }) => this.#end(id, message));
      request.once("close", () => {
        if (exchange.response === undefined)
          this.#end(id, "the program in the container closed the connection");
      });
      request.once("response", (response) => {
        clearTimeout(exchange.timer);
        exchange.timer = setTimeout(() => this.#end(id, "the response took too long"), TOTAL_MS);
        exchange.response = response;
        exchange.chunks = response[Symbol.asyncIterator]();
        response.on("error", () => {});
        this.#send({
          type: "response",
          exchange: id,
          status: response.statusCode ?? 502,
          headers: pairsOf(response.rawHeaders),
        });
      });
      request.end(content);
    } catch (error) {
      this.#end(
        id,
        error instanceof ContainerError ? error.message : `the request failed: ${(error as Error).message}`,
      );
    }
  }

  /** Sends the next piece of a body. */
  async #more(id: string): Promise<void> {
    const exchange = this.#exchanges.get(id);
    if (exchange?.chunks === undefined) return;
    try {
      if (exchange.rest.length === 0) {
        const { done, value } = await exchange.chunks.next();
        if (done === true) return this.#end(id);
        exchange.rest = value;
      }
    } catch (error) {
      return this.#end(id, `the response was interrupted: ${(error as Error).message}`);
    }
    if (this.#exchanges.get(id) !== exchange) return;
    const piece = exchange.rest.subarray(0, PIECE);
    exchange.rest = exchange.rest.subarray(PIECE);
    exchange.sent += piece.length;
    if (exchange.sent > MAX_BYTES) return this.#end(id, `the response has more than ${MAX_BYTES} bytes`);
    this.#send({ type: "bytes", exchange: id, bytes: piece.toString("base64") });
  }

  #end(id: string, reason?: string): void {
    if (!this.#exchanges.has(id)) return;
    this.#forget(id);
    this.#send({ type: "end", exchange: id, ...(reason !== undefined && { reason: reason.slice(0, 500) }) });
  }

  #forget(id: string): void {
    const exchange = this.#exchanges.get(id);
    if (exchange === undefined) return;
    this.#exchanges.delete(id);
    clearTimeout(exchange.timer);
    exchange.request?.destroy();
  }
}

/** Headers as pairs, of those that a message can have. */
function pairsOf(raw: readonly string[]): PortHeader[] {
  const pairs = Array.from(
    { length: raw.length / 2 },
    (_, index): PortHeader => [raw[2 * index] ?? "", raw[2 * index + 1] ?? ""],
  );
  return pairs.filter(([name, value]) => name.length <= 256 && value.length <= 16 * 1024).slice(0, 128);
}

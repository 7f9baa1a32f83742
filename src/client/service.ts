import type { Explanation } from "../../schemas/build.ts";
import type { CheckResult } from "../../schemas/check.ts";
import type { ContextState } from "../../schemas/contexts.ts";
import type { BuildEvent } from "../../schemas/events.ts";
import type { BuildOptions } from "../../schemas/options.ts";
import type { Problem } from "../../schemas/problem.ts";
import { chunks } from "../streams/chunks.ts";
import { lineBatches } from "../streams/lines.ts";

/** The server said no. */
export class ServiceError extends Error {
  override name = "ServiceError";
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail ?? problem.title);
    this.problem = problem;
  }
}

/** The server did not say anything: it is not there, or the way to it is not. */
export class UnreachableError extends Error {
  override name = "UnreachableError";
}

export interface ServiceOptions {
  fetch?: typeof fetch;
  /** Milliseconds before a request that failed on its way is made again; doubled each time. Default 250. */
  retryAfter?: number;
}

/** What is to be built. */
export interface BuildRequest {
  /** Digest of an uploaded context, or an archive; nothing for a Dockerfile alone. */
  context: string | Uint8Array | ReadableStream<Uint8Array> | undefined;
  /** Text of the Dockerfile when it is not to be taken from the context; not with an archive. */
  dockerfile?: string | undefined;
  /** Text of the ignore file, likewise. */
  ignore?: string | undefined;
  options: Partial<BuildOptions>;
}

/** A build that was begun. */
export interface RunningBuild {
  id: string;
  /** Its log until it ends. */
  events: AsyncIterable<BuildEvent>;
}

/** Times that a request is made before giving up. */
const TRIES = 5;
const WORTH_ANOTHER_TRY = new Set([408, 425, 429, 500, 502, 503, 504]);

/** A varve server, by its native interface. Every answer that is no success is thrown as a `ServiceError`. */
export class Service {
  readonly #url: string;
  readonly #fetch: typeof fetch;
  readonly #retryAfter: number;
  /** Bytes of all bodies sent so far. */
  sentBytes = 0;

  /** @param url as `http://localhost:8787` */
  constructor(url: string, options: ServiceOptions = {}) {
    this.#url = url.replace(/\/+$/, "");
    this.#fetch = options.fetch ?? fetch;
    this.#retryAfter = options.retryAfter ?? 250;
  }

  /** Begins a build, or joins one of the same inputs. */
  async build({ context, dockerfile, ignore, options }: BuildRequest): Promise<RunningBuild> {
    const archive = typeof context === "string" || context === undefined ? undefined : context;
    const named = JSON.stringify({ dockerfile, ignore, context, options });
    const response = await this.#send(`/v1/builds?${queryOf(options)}`, {
      method: "POST",
      headers: {
        accept: "application/x-ndjson",
        "content-type": archive === undefined ? "application/json" : "application/x-tar",
      },
      body: archive ?? named,
    });
    return { id: response.headers.get("varve-build") ?? "", events: eventsOf(response) };
  }

  /** Sends a listing, or what is different from another one: lines as `posted-listing.ts` writes them. */
  async postListing(scope: string, listing: Uint8Array): Promise<ContextState> {
    const headers = { "content-type": "application/x-ndjson" };
    const request = { method: "POST", headers, body: listing };
    return json(await this.#sendAgain(`/v1/contexts?scope=${encodeURIComponent(scope)}`, request));
  }

  async hasPack(scope: string, digest: string): Promise<boolean> {
    try {
      await this.#sendAgain(packPath(scope, digest), { method: "HEAD" });
      return true;
    } catch (error) {
      if (error instanceof ServiceError && error.problem.status === 404) return false;
      throw error;
    }
  }

  async putPack(scope: string, digest: string, pack: Uint8Array): Promise<void> {
    const headers = { "content-type": "application/octet-stream" };
    await json(await this.#sendAgain(packPath(scope, digest), { method: "PUT", headers, body: pack }));
  }

  /** Lints a Dockerfile. @param name of the file, for messages */
  async check(dockerfile: Uint8Array, name: string): Promise<CheckResult> {
    const path = `/v1/check?dockerfile=${encodeURIComponent(name)}`;
    return json(await this.#sendAgain(path, { method: "POST", body: dockerfile }));
  }

  /** Why each step of a build was carried out or not. */
  async explain(id: string): Promise<Explanation> {
    return json(await this.#sendAgain(`/v1/builds/${encodeURIComponent(id)}/explain`, {}));
  }

  /** For what may be done twice. */
  async #sendAgain(path: string, request: RequestInit): Promise<Response> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#send(path, request);
      } catch (error) {
        if (tries === TRIES || !isPassing(error)) throw error;
        await new Promise((resolve) => setTimeout(resolve, this.#retryAfter * 2 ** (tries - 1)));
      }
    }
  }

  async #send(path: string, request: RequestInit): Promise<Response> {
    const { body } = request;
    if (typeof body === "string") this.sentBytes += body.length;
    else if (body instanceof Uint8Array) this.sentBytes += body.length;
    const counted = body instanceof ReadableStream ? body.pipeThrough(this.#counter()) : body;
    let response: Response;
    try {
      response = await this.#fetch(`${this.#url}${path}`, {
        ...request,
        ...(counted && { body: counted }),
        ...(counted instanceof ReadableStream && { duplex: "half" }),
      } as RequestInit);
    } catch (cause) {
      throw new UnreachableError(`Cannot reach ${this.#url}: ${reasonOf(cause)}`, { cause });
    }
    if (response.ok) return response;
    throw new ServiceError(await problemOf(response));
  }

  #counter(): TransformStream<Uint8Array, Uint8Array> {
    return new TransformStream({
      transform: (chunk, controller) => {
        this.sentBytes += chunk.length;
        controller.enqueue(chunk);
      },
    });
  }
}

function packPath(scope: string, digest: string): string {
  return `/v1/packs/${digest}?scope=${encodeURIComponent(scope)}`;
}

/** The tags name the scope of the context, and only what is in the query is known before the body is read. */
function queryOf({ tags = [] }: Partial<BuildOptions>): URLSearchParams {
  return new URLSearchParams(tags.map((tag) => ["t", tag]));
}

async function* eventsOf(response: Response): AsyncGenerator<BuildEvent> {
  const body = response.body as ReadableStream<Uint8Array> | null;
  if (body === null) return;
  for await (const lines of lineBatches(chunks(body, 1))) {
    for (const line of lines) yield JSON.parse(line) as BuildEvent;
  }
}

async function json<T>(response: Response): Promise<T> {
  return (await response.json()) as T;
}

async function problemOf(response: Response): Promise<Problem> {
  const { status } = response;
  const text = await response.text();
  // An answer to HEAD has no body.
  if (text !== "" && /^application\/problem\+json\b/.test(response.headers.get("content-type") ?? "")) {
    return { ...(JSON.parse(text) as Problem), status };
  }
  return {
    type: "about:blank",
    title: "The server does not speak as varve does",
    status,
    code: "no-problem",
    detail: `The server answered with status ${status}${text === "" ? "" : `: ${text.slice(0, 500)}`}`,
  };
}

function isPassing(error: unknown): boolean {
  if (error instanceof ServiceError) return WORTH_ANOTHER_TRY.has(error.problem.status);
  return error instanceof UnreachableError;
}

/** `fetch` says "fetch failed", and what failed is the cause. */
function reasonOf(error: unknown): string {
  const { cause, message } = error as Error;
  if (!(cause instanceof Error)) return message;
  return cause.message || String((cause as { code?: unknown }).code ?? message);
}

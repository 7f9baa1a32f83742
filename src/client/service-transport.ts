import { trimEnd } from "../streams/trim-end.ts";
import {
  foreignProblem,
  problemCodeOf,
  readProblem,
  reasonOf,
  ServiceError,
  UnreachableError,
} from "./service-error.ts";

export interface ServiceTransportOptions {
  fetch?: typeof fetch;
  /** Milliseconds before the first retry of a failed request, doubled each time. Default 250. */
  retryAfter?: number;
  /** The `Authorization` header of every request to the server. Never sent to another host. */
  authorization?: string | undefined;
  /** User-Agent, which records of builds contain: `varve/1.2.3`. Browsers send their own. */
  agent?: string;
  /** Cancels running requests. */
  signal?: AbortSignal | undefined;
}

/** A request for `fetch`. Bytes may have any buffer, because the types of browsers and of Node differ. */
export type ServiceRequest = Omit<RequestInit, "body"> & {
  body?: string | Uint8Array | ReadableStream<Uint8Array>;
};

/** Attempts of a request. */
export const TRIES = 5;
/** Node's codes for a connection that the other side closes while a body is sent. */
const CUT_OFF = new Set(["EPIPE", "ECONNRESET", "UND_ERR_SOCKET"]);
const TEMPORARY_STATUSES = new Set([408, 425, 429, 500, 502, 503, 504]);

/** Sends requests to a server, and repeats them after temporary failures. */
export class ServiceTransport {
  readonly url: string;
  readonly signal: AbortSignal | undefined;
  readonly #fetch: typeof fetch;
  readonly #retryAfter: number;
  readonly #authorization: string | undefined;
  readonly #agent: string | undefined;
  #wasReached = false;
  /** Bytes of all request bodies so far. */
  sentBytes = 0;

  constructor(url: string, options: ServiceTransportOptions) {
    this.url = trimEnd(url, "/");
    this.signal = options.signal;
    this.#fetch = options.fetch ?? fetch;
    this.#retryAfter = options.retryAfter ?? 250;
    this.#authorization = options.authorization;
    this.#agent = options.agent;
  }

  /**
   * Sends a request that may be repeated.
   * @param attempts maximum number
   * @throws {ServiceError | UnreachableError}
   */
  async sendWithRetries(path: string, request: ServiceRequest, attempts = TRIES): Promise<Response> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.send(path, request);
      } catch (error) {
        if (tries === attempts || !isTemporary(error) || this.signal?.aborted) throw error;
        // No retry when the server refuses connections from the start.
        if (error instanceof UnreachableError && error.isRefused && !this.#wasReached) throw error;
        await this.wait(tries);
      }
    }
  }

  /** Waits before another attempt, twice as long each time, until `signal` aborts. */
  wait(tries: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        this.signal?.removeEventListener("abort", end);
        resolve();
      };
      const timer = setTimeout(end, this.#retryAfter * 2 ** (tries - 1));
      this.signal?.addEventListener("abort", end);
    });
  }

  /** Sends a request once. @throws {ServiceError | UnreachableError} */
  async send(path: string, request: ServiceRequest): Promise<Response> {
    const { body } = request;
    if (typeof body === "string" || body instanceof Uint8Array) this.sentBytes += body.length;
    const counted = body instanceof ReadableStream ? body.pipeThrough(this.#counter()) : body;
    const response = await this.#fetchOnce(`${this.url}${path}`, {
      ...request,
      headers: {
        ...request.headers,
        ...(this.#agent !== undefined && { "user-agent": this.#agent }),
        ...(this.#authorization !== undefined && { authorization: this.#authorization }),
      },
      // Another host must not receive the request and its token.
      redirect: "manual",
      ...(this.signal && { signal: this.signal }),
      ...(counted && { body: counted }),
      ...(counted instanceof ReadableStream && { duplex: "half" }),
    } as RequestInit);
    if (response.ok) return response;
    const problem = await readProblem(response).catch((error) => {
      throw cutOffAnswer(response.url, error);
    });
    throw new ServiceError(problem);
  }

  async #fetchOnce(url: string, request: RequestInit): Promise<Response> {
    try {
      const response = await this.#fetch(url, request);
      this.#wasReached = true;
      return response;
    } catch (cause) {
      if (this.signal?.aborted) throw cause;
      const isRefused = problemCodeOf(cause) === "ECONNREFUSED";
      const isCutOff = request.body instanceof ReadableStream && CUT_OFF.has(problemCodeOf(cause) ?? "");
      const message = isCutOff
        ? `Cannot send the request to ${this.url}: the connection ended while the body was sent`
        : `Cannot reach ${this.url}: ${reasonOf(cause)}`;
      throw new UnreachableError(message, { isRefused, isCutOff, cause });
    }
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

/** The error for an answer that cannot be read to its end. Other errors, as that of an aborted request, stay. */
function cutOffAnswer(url: string, error: unknown): unknown {
  if (!(error instanceof TypeError)) return error;
  const message = `Cannot read the answer of ${new URL(url).origin}: the connection ended in the middle of it`;
  return new UnreachableError(message, { cause: error });
}

/** The JSON of an answer. @throws {ServiceError | UnreachableError} when it has none, or ends early */
export async function readJson<T>(response: Response): Promise<T> {
  try {
    return (await response.json()) as T;
  } catch (error) {
    if (error instanceof SyntaxError)
      throw new ServiceError(foreignProblem(response.status, "a body that is not JSON"));
    throw cutOffAnswer(response.url, error);
  }
}

function isTemporary(error: unknown): boolean {
  if (error instanceof ServiceError) return TEMPORARY_STATUSES.has(error.problem.status);
  return error instanceof UnreachableError;
}

import { type Fetch, followRedirects } from "../../network/follow-redirects.ts";
import { RegistryError, type RegistryFault } from "../errors.ts";
import type { Realms } from "../realm.ts";
import { Authorizer, type Credentials } from "./authorizer.ts";
import { readBody, readErrorDetail } from "./body.ts";
import { type AbortableResponse, fetchWithRetries, type RetryOptions } from "./fetch-with-retries.ts";
import { networkError, statusError } from "./remote-error.ts";

export interface TransportOptions extends RetryOptions {
  /** Sends one request and follows redirects; checks addresses if the network policy requires it. */
  fetch?: Fetch;
  now?: () => number;
  /** Maximum wait for the next bytes of a body, in milliseconds. */
  idleTimeout?: number;
  /** Actions for which tokens are requested. */
  actions?: "pull" | "pull,push";
  /** Token services configured by the user. */
  realms?: Realms;
}

/** A request to a repository of a registry. */
export interface RepositoryRequest {
  /** The registry as in references. */
  host: string;
  /** Base URL of the registry. */
  base: string;
  repository: string;
  method: string;
  /** Absolute. If its origin differs from that of `base`, no credentials are sent. */
  url: string;
  headers?: Record<string, string>;
  /** A stream cannot be sent again after a challenge, so an earlier request must have been authorized. */
  body?: Uint8Array | ReadableStream<Uint8Array>;
  credentials?: Credentials | undefined;
  /** `Authorization` header to send until the registry has issued a token. */
  authorization?: string | undefined;
  /** The fault for a missing resource, and the resource's name. */
  absent: { fault: RegistryFault; name: string };
}

/** Sends requests to registries: retries, responds to challenges, and converts failures to errors. */
export class Transport {
  readonly #fetch: Fetch;
  readonly #persistent: (url: string, init: RequestInit) => Promise<AbortableResponse>;
  readonly #authorizer: Authorizer;
  readonly #idleTimeout: number;

  constructor(options: TransportOptions = {}) {
    this.#fetch = options.fetch ?? followRedirects((url, init) => fetch(url, init));
    this.#persistent = fetchWithRetries(this.#fetch, options);
    this.#idleTimeout = options.idleTimeout ?? 60_000;
    this.#authorizer = new Authorizer(
      async (url, init) => (await this.#persistent(url, init)).response,
      options,
    );
  }

  /** Sends a request and returns a successful response. @throws {RegistryError} */
  async send(request: RepositoryRequest): Promise<AbortableResponse> {
    const { base, credentials } = request;
    const isOwn = new URL(request.url).origin === new URL(base).origin;
    const known = this.#authorizer.cachedHeader(request) ?? request.authorization;
    let answer = await this.#attempt(request, isOwn ? known : undefined);
    let challenge: string | null = null;
    if (answer.response.status === 401) {
      challenge = answer.response.headers.get("WWW-Authenticate");
      const canRepeat = isOwn && !(request.body instanceof ReadableStream);
      const header = canRepeat
        ? await this.#authorizer.answerChallenge(answer.response, request, credentials)
        : undefined;
      if (header !== undefined) {
        await answer.response.body?.cancel();
        answer = await this.#attempt(request, header);
        challenge = answer.response.headers.get("WWW-Authenticate");
      }
    }
    if (answer.response.ok) return answer;
    throw await this.#failure(request, answer, challenge);
  }

  /** The bytes of a response. */
  body(answer: AbortableResponse): AsyncGenerator<Uint8Array, void, undefined> {
    return readBody(answer, this.#idleTimeout);
  }

  async #attempt(
    { method, url, headers, body }: RepositoryRequest,
    authorization: string | undefined,
  ): Promise<AbortableResponse> {
    const init = {
      method,
      headers: {
        "User-Agent": "varve",
        ...headers,
        ...(authorization !== undefined && { Authorization: authorization }),
      },
      ...(body !== undefined && { body: body as Uint8Array<ArrayBuffer> }),
      ...(body instanceof ReadableStream && { duplex: "half" }),
    };
    // No timeout for the response, because sending a body takes as long as its size requires.
    return body === undefined ? this.#persistent(url, init) : this.#sendBody(url, init);
  }

  async #sendBody(url: string, init: RequestInit & { method: string }): Promise<AbortableResponse> {
    const controller = new AbortController();
    try {
      const response = await this.#fetch(url, { ...init, signal: controller.signal });
      return { response, abort: (reason) => controller.abort(reason) };
    } catch (cause) {
      throw networkError(init.method, url, cause);
    }
  }

  async #failure(
    { method, url, absent }: RepositoryRequest,
    answer: AbortableResponse,
    challenge: string | null,
  ): Promise<RegistryError> {
    const detail = await readErrorDetail(answer, this.#idleTimeout);
    const { status } = answer.response;
    const isPull = method === "GET" || method === "HEAD";
    if (status === 404 && isPull) return new RegistryError(absent.fault, `${absent.name}: not found`);
    if (status !== 401) return statusError(method, url, status, detail, absent.fault);
    const reason = /error="?([a-z_]{1,60})/.exec(challenge ?? "")?.[1];
    return new RegistryError(
      "UNAUTHORIZED",
      `${isPull ? "pull" : "push"} access denied, repository does not exist or may require authorization: ` +
        `${reason === undefined ? "" : `server message: ${reason}: `}authorization failed`,
    );
  }
}

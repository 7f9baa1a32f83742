import { type Fetch, followRedirects } from "../../network/follow-redirects.ts";
import { RegistryError, type RegistryFault } from "../errors.ts";
import type { Realms } from "../realm.ts";
import { Authorizer, type Credentials } from "./authorizer.ts";
import { bodyOf, readErrorDetail } from "./body.ts";
import { type Answer, type PersistenceOptions, persistentFetch } from "./persistent-fetch.ts";
import { networkError, statusError } from "./remote-error.ts";

export interface TransportOptions extends PersistenceOptions {
  /** Sends one request and follows redirects; checks addresses where that is needed. */
  fetch?: Fetch;
  now?: () => number;
  /** Longest wait for the next bytes of a body, in milliseconds. */
  idleTimeout?: number;
  /** What tokens are requested for. */
  actions?: "pull" | "pull,push";
  /** Token services that the user configured. */
  realms?: Realms;
}

/** A request about a repository of a registry. */
export interface RepositoryRequest {
  /** The registry as in references. */
  host: string;
  /** Base URL of the registry. */
  base: string;
  repository: string;
  method: string;
  /** Absolute; on another origin than `base` it gets no credentials. */
  url: string;
  headers?: Record<string, string>;
  /** A stream is sent once: the request that precedes it must have been authorized. */
  body?: Uint8Array | ReadableStream<Uint8Array>;
  credentials?: Credentials | undefined;
  /** Header for a registry that has no credentials of its own yet. */
  authorization?: string | undefined;
  /** The fault when what is requested does not exist, and its name. */
  absent: { fault: RegistryFault; name: string };
}

/** Sends requests to registries: repeats them when that helps, answers challenges, and makes errors of failures. */
export class Transport {
  readonly #fetch: Fetch;
  readonly #persistent: (url: string, init: RequestInit) => Promise<Answer>;
  readonly #authorizer: Authorizer;
  readonly #idleTimeout: number;

  constructor(options: TransportOptions = {}) {
    this.#fetch = options.fetch ?? followRedirects((url, init) => fetch(url, init));
    this.#persistent = persistentFetch(this.#fetch, options);
    this.#idleTimeout = options.idleTimeout ?? 60_000;
    this.#authorizer = new Authorizer(
      async (url, init) => (await this.#persistent(url, init)).response,
      options,
    );
  }

  /** The answer to a request; its status is one of success. @throws RegistryError */
  async send(request: RepositoryRequest): Promise<Answer> {
    const { base, credentials } = request;
    const isOwn = new URL(request.url).origin === new URL(base).origin;
    const known = this.#authorizer.known(request) ?? request.authorization;
    let answer = await this.#attempt(request, isOwn ? known : undefined);
    let challenge: string | null = null;
    if (answer.response.status === 401) {
      challenge = answer.response.headers.get("WWW-Authenticate");
      const canRepeat = isOwn && !(request.body instanceof ReadableStream);
      const header = canRepeat
        ? await this.#authorizer.answer(answer.response, request, credentials)
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

  /** The bytes of an answer. */
  body(answer: Answer): AsyncGenerator<Uint8Array, void, undefined> {
    return bodyOf(answer, this.#idleTimeout);
  }

  async #attempt(
    { method, url, headers, body }: RepositoryRequest,
    authorization: string | undefined,
  ): Promise<Answer> {
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
    // How long a body takes depends on its size, so there is no time in which an answer is due.
    return body === undefined ? this.#persistent(url, init) : this.#sendBody(url, init);
  }

  async #sendBody(url: string, init: RequestInit & { method: string }): Promise<Answer> {
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
    answer: Answer,
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

import type { CheckResult } from "../../schemas/check.ts";
import type { ClientRunner } from "../../schemas/client-runner.ts";
import type { ContextPaths, ContextState } from "../../schemas/contexts.ts";
import type { BuildEvent } from "../../schemas/events.ts";
import type { BuildOptions } from "../../schemas/options.ts";
import type { Credentials } from "../registry/remote/authorizer.ts";
import { chunks } from "../streams/chunks.ts";
import { lineBatches } from "../streams/lines.ts";
import { ServiceError, UnreachableError } from "./service-error.ts";
import {
  readJson,
  type ServiceRequest,
  ServiceTransport,
  type ServiceTransportOptions,
  TRIES,
} from "./service-transport.ts";

export { ServiceError, UnreachableError };

export interface ServiceOptions extends ServiceTransportOptions {
  /** The user's credentials for another registry, as `docker login` stored them, for private images of a build. */
  loginFor?: (registry: string) => Promise<Credentials | undefined>;
  /**
   * Attempts to reach the server while a build is followed. Default: 9, which take about a minute, because a busy machine
   * restarts a server slowly.
   */
  followTries?: number;
}

/** A build to start. */
export interface BuildRequest {
  /**
   * Digest of an uploaded context, or an archive; undefined for a Dockerfile without a context. A function opens an archive
   * that can be sent several times.
   */
  context: string | Uint8Array | ReadableStream<Uint8Array> | (() => ReadableStream<Uint8Array>) | undefined;
  /** Text of the Dockerfile, instead of the one in the context. Not with an archive. */
  dockerfile?: string | undefined;
  /** Text of the ignore file, instead of the one in the context. Not with an archive. */
  ignore?: string | undefined;
  /** The selected paths of incomplete contexts. Not with an archive. */
  selected?: ContextPaths | undefined;
  options: Partial<BuildOptions>;
}

/** A started build. */
export interface RunningBuild {
  id: string;
  /** Its events until it ends. */
  events: AsyncIterable<BuildEvent>;
  /** Token for the offered runner, valid until the build ends. */
  runnerToken?: string;
}

/** Data that is sent with builds and does not affect their result. */
export interface Companion {
  /** A runner of this client. */
  offer?: ClientRunner;
  /** Values of secrets, for the server's runners. */
  secrets?: Readonly<Record<string, Uint8Array>>;
}

const FOLLOW_TRIES = 9;
const STREAM_HINT =
  "A context from a stream cannot be sent again with the stored credentials: use a file or a folder.";
/** Registries of one build whose credentials are sent. */
const MAX_LOGINS = 16;

/** A client of a varve server's native API. @throws {ServiceError} for every answer that is not a success */
export class Service {
  readonly #transport: ServiceTransport;
  readonly #loginFor: ServiceOptions["loginFor"];
  readonly #followTries: number;
  /** Sent with each build. */
  companion: Companion = {};

  /** @param url for example `http://localhost:8787` */
  constructor(url: string, options: ServiceOptions = {}) {
    this.#transport = new ServiceTransport(url, options);
    this.#loginFor = options.loginFor;
    this.#followTries = options.followTries ?? FOLLOW_TRIES;
  }

  /**
   * Starts a build, or joins a running one with the same inputs. When a registry rejects the request for an image, repeats
   * the build with the user's credentials for that registry. The server receives no other credentials.
   */
  async build(build: BuildRequest): Promise<RunningBuild> {
    const logins = new Map<string, Credentials>();
    for (;;) {
      try {
        return await this.#build(build, logins);
      } catch (error) {
        if (!(error instanceof ServiceError)) throw error;
        const { registry } = error.problem;
        if (registry === undefined || logins.has(registry) || logins.size === MAX_LOGINS) throw error;
        const login = await this.#loginFor?.(registry);
        if (login === undefined) throw error;
        if (build.context instanceof ReadableStream)
          throw new ServiceError({ ...error.problem, hint: STREAM_HINT });
        logins.set(registry, login);
      }
    }
  }

  async #build(
    { context: given, dockerfile, ignore, selected, options }: BuildRequest,
    logins: ReadonlyMap<string, Credentials>,
  ): Promise<RunningBuild> {
    const context = typeof given === "function" ? given() : given;
    const archive = typeof context === "string" || context === undefined ? undefined : context;
    const { offer, secrets = {} } = this.companion;
    const named =
      archive === undefined ? JSON.stringify({ dockerfile, ignore, context, selected, options }) : undefined;
    const plain = {
      contentType: named === undefined ? "application/x-tar" : "application/json",
      body: archive ?? named,
    };
    const { contentType, body } =
      Object.keys(secrets).length === 0
        ? plain
        : (await import("./build-form.ts")).encodeForm([
            ...Object.entries(secrets).map(([id, value]) => [`secret.${id}`, value] as const),
            archive === undefined ? ["request", named ?? ""] : ["context", archive],
          ]);
    const request = {
      method: "POST",
      headers: {
        accept: "application/x-ndjson",
        "content-type": contentType,
        ...(logins.size > 0 && {
          "x-registry-config": (await import("./registry-config.ts")).encode(logins),
        }),
      },
      ...(body !== undefined && { body }),
    };
    const query =
      archive === undefined ? tagsOf(options) : (await import("./build-query.ts")).formatBuildQuery(options);
    if (offer !== undefined) addOffer(query, offer);
    const path = `/v1/builds?${query}`;
    // A retry is safe, because equal inputs are the same build. A stream can be sent only once.
    const response = await (archive instanceof ReadableStream
      ? this.#transport.send(path, request)
      : this.#transport.sendWithRetries(path, request));
    const id = response.headers.get("varve-build") ?? "";
    const runnerToken = response.headers.get("varve-runner");
    const events = this.#follow(eventsPath(id, response.headers.get("varve-run")), response);
    return { id, events, ...(runnerToken !== null && { runnerToken }) };
  }

  /** Cancels a build for all clients that wait for it. */
  async cancel(id: string): Promise<void> {
    await readJson(
      await this.#transport.sendWithRetries(`/v1/builds/${encodeURIComponent(id)}`, { method: "DELETE" }),
    );
  }

  /** Replays the events of a run of a build, by default the last one, and follows it until it ends. */
  async follow(id: string, run?: number): Promise<RunningBuild> {
    const headers = { accept: "application/x-ndjson" };
    const path = eventsPath(id, run === undefined ? null : String(run));
    return { id, events: this.#follow(path, await this.#transport.sendWithRetries(path, { headers })) };
  }

  /** Sends any other request that may be repeated, and returns the JSON of the answer. @param path with its query */
  async ask<T>(path: string, request: ServiceRequest = {}): Promise<T> {
    return readJson(await this.#transport.sendWithRetries(path, request));
  }

  /** Yields events until the last one. Reconnects and continues after a lost connection. */
  async *#follow(path: string, first: Response): AsyncGenerator<BuildEvent> {
    let last = 0;
    let response = first;
    for (let tries = 1; ; tries++) {
      try {
        for await (const event of eventsOf(response)) {
          last = event.seq;
          tries = 1;
          yield event;
          if (event.type === "result" || event.type === "error") return;
        }
      } catch (cause) {
        if (this.#transport.signal?.aborted) throw cause;
        if (tries >= TRIES || path === "") throw lost(this.#transport.url, cause);
      }
      if (tries >= TRIES || path === "") throw lost(this.#transport.url, undefined);
      await this.#transport.wait(tries);
      const headers = { accept: "application/x-ndjson", "last-event-id": String(last) };
      response = await this.#transport.sendWithRetries(path, { headers }, this.#followTries);
    }
  }

  /** Sends a listing, or its differences from another one, as lines of `posted-listing.ts`. */
  async postListing(scope: string, listing: Uint8Array): Promise<ContextState> {
    const headers = { "content-type": "application/x-ndjson" };
    const request = { method: "POST", headers, body: listing };
    return readJson(
      await this.#transport.sendWithRetries(`/v1/contexts?scope=${encodeURIComponent(scope)}`, request),
    );
  }

  async hasPack(scope: string, digest: string): Promise<boolean> {
    try {
      await this.#transport.sendWithRetries(packPath(scope, digest), { method: "HEAD" });
      return true;
    } catch (error) {
      if (error instanceof ServiceError && error.problem.status === 404) return false;
      throw error;
    }
  }

  async putPack(scope: string, digest: string, pack: Uint8Array): Promise<void> {
    const headers = { "content-type": "application/octet-stream" };
    await readJson(
      await this.#transport.sendWithRetries(packPath(scope, digest), { method: "PUT", headers, body: pack }),
    );
  }

  /** Lints a Dockerfile. @param name of the file, for messages */
  async check(dockerfile: Uint8Array, name: string): Promise<CheckResult> {
    const path = `/v1/check?dockerfile=${encodeURIComponent(name)}`;
    return readJson(await this.#transport.sendWithRetries(path, { method: "POST", body: dockerfile }));
  }

  get url(): string {
    return this.#transport.url;
  }

  /** Cancels running requests, and the work for further ones. */
  get signal(): AbortSignal | undefined {
    return this.#transport.signal;
  }

  /** Bytes of all request bodies so far. */
  get sentBytes(): number {
    return this.#transport.sentBytes;
  }

  /** Sends a request that may be repeated. Reading the body of the answer is not retried. */
  request(path: string, request: ServiceRequest = {}): Promise<Response> {
    return this.#transport.sendWithRetries(path, request);
  }

  /** Sends a request that must not be repeated, or whose body can be read only once. */
  requestOnce(path: string, request: ServiceRequest): Promise<Response> {
    return this.#transport.send(path, request);
  }
}

/** Empty for a build without an id. @param run number of a run; null for the last one */
function eventsPath(id: string, run: string | null): string {
  if (id === "") return "";
  return `/v1/builds/${encodeURIComponent(id)}/events${run === null ? "" : `?run=${run}`}`;
}

function packPath(scope: string, digest: string): string {
  return `/v1/packs/${digest}?scope=${encodeURIComponent(scope)}`;
}

/** The server needs the tags for the scope of the context before it reads the body, so they are in the query. */
function tagsOf({ tags = [] }: Partial<BuildOptions>): URLSearchParams {
  return new URLSearchParams(tags.map((tag) => ["t", tag]));
}

function addOffer(query: URLSearchParams, { runner, secrets, ssh }: ClientRunner): void {
  query.set("runner", runner);
  for (const id of secrets) query.append("secret", id);
  for (const id of ssh) query.append("ssh", id);
}

function lost(url: string, cause: unknown): UnreachableError {
  return new UnreachableError(`Lost the connection to ${url}; the build continues there`, { cause });
}

async function* eventsOf(response: Response): AsyncGenerator<BuildEvent> {
  const body = response.body as ReadableStream<Uint8Array> | null;
  if (body === null) return;
  for await (const lines of lineBatches(chunks(body, 1))) {
    for (const line of lines) yield JSON.parse(line) as BuildEvent;
  }
}

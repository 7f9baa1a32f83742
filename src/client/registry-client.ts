import type { Descriptor } from "../oci/descriptor.ts";
import { MANIFEST_TYPES } from "../oci/media-types.ts";
import { Authorizer, type Credentials } from "../registry/authorizer.ts";
import { type Fetch, followRedirects } from "../registry/follow-redirects.ts";
import { persistentFetch } from "../registry/persistent-fetch.ts";
import type { Realms } from "../registry/realm.ts";
import { chunks } from "../streams/chunks.ts";
import { readable } from "../streams/readable.ts";
import { sha256 } from "../streams/sha256.ts";
import { verified } from "../streams/verify.ts";
import { RegistryClientError, registryError } from "./registry-client-error.ts";

export interface RegistryClientOptions {
  credentials?: Credentials | undefined;
  /** Token services that the user configured. */
  realms?: Realms;
  /** Shown to this registry unasked: what a varve server knows its users by. */
  authorization?: string | undefined;
  fetch?: Fetch;
  /** Bytes of a piece of a blob that the registry does not take whole. Default 64 MiB. */
  piece?: number;
}

/** A manifest or an index as it is stored. */
export interface StoredManifest {
  mediaType: string;
  digest: string;
  bytes: Uint8Array;
}

/** Gives the bytes of a blob from some place on; called again when they have to be sent again. */
export type BlobSource = () => Promise<AsyncIterable<Uint8Array>>;

/** Tries of an upload that broke off. */
const TRIES = 3;
/** What a registry takes at once that does not take a blob whole: less than the smallest limit of usual proxies. */
const PIECE = 64 * 1024 * 1024;

/** Pulls from and pushes to one registry (distribution-spec 1.1). Everything it gives is verified. */
export class RegistryClient {
  /** As `https://registry.example`. */
  readonly base: string;
  readonly #credentials: Credentials | undefined;
  readonly #authorization: string | undefined;
  readonly #fetch: Fetch;
  readonly #piece: number;
  readonly #persistent: (url: string, init: RequestInit) => Promise<Response>;
  readonly #authorizer: Authorizer;

  constructor(base: string, options: RegistryClientOptions = {}) {
    this.base = base;
    this.#credentials = options.credentials;
    this.#authorization = options.authorization;
    this.#fetch = followRedirects((url, init) => (options.fetch ?? fetch)(url, init));
    this.#piece = options.piece ?? PIECE;
    const persistent = persistentFetch(this.#fetch);
    this.#persistent = async (url, init) => (await persistent(url, init)).response;
    this.#authorizer = new Authorizer(this.#persistent, { actions: "pull,push", realms: options.realms });
  }

  /** @throws {RegistryClientError} */
  async manifest(name: string, reference: string): Promise<StoredManifest> {
    const headers = { accept: MANIFEST_TYPES.join(", ") };
    const answer = await this.#ask(name, `manifests/${reference}`, { headers });
    const bytes = new Uint8Array(await answer.arrayBuffer());
    const digest = sha256(bytes);
    if (reference.includes(":") && reference !== digest)
      throw new RegistryClientError(`${this.base}: ${name}@${reference} has digest ${digest}`, 502);
    const mediaType = (answer.headers.get("content-type") ?? "").split(";")[0]?.trim() ?? "";
    return { mediaType, digest, bytes };
  }

  /** Whether a manifest is there. */
  hasManifest(name: string, digest: string): Promise<boolean> {
    return this.#has(name, `manifests/${digest}`, { accept: MANIFEST_TYPES.join(", ") });
  }

  hasBlob(name: string, digest: string): Promise<boolean> {
    return this.#has(name, `blobs/${digest}`, {});
  }

  /** The bytes of a blob; they are right only when their iteration ends without an error. */
  async blob(name: string, descriptor: Descriptor): Promise<AsyncIterable<Uint8Array>> {
    const headers = { "accept-encoding": "identity" };
    const { body } = await this.#ask(name, `blobs/${descriptor.digest}`, { headers });
    return verified(body === null ? nothing() : chunks(body as ReadableStream<Uint8Array>), descriptor);
  }

  /** Manifests that have this one as their subject (distribution-spec, "Listing Referrers"). */
  async referrers(name: string, digest: string): Promise<Descriptor[]> {
    try {
      const answer = await this.#ask(name, `referrers/${digest}`, {});
      return ((await answer.json()) as { manifests?: Descriptor[] }).manifests ?? [];
    } catch (error) {
      if (error instanceof RegistryClientError && error.status === 404) return [];
      throw error;
    }
  }

  /** Says whether the registry lists it among the referrers of its subject, if it has one. */
  async putManifest(
    name: string,
    reference: string,
    { mediaType, bytes }: StoredManifest,
  ): Promise<{ isListed: boolean }> {
    const answer = await this.#ask(name, `manifests/${reference}`, {
      method: "PUT",
      headers: { "content-type": mediaType },
      body: bytes as Uint8Array<ArrayBuffer>,
    });
    return { isListed: answer.headers.has("oci-subject") };
  }

  /**
   * Sends a blob, in pieces when it is too large for one request. Nothing is sent when the registry can take it from
   * another of its repositories.
   * @param from that repository
   */
  async putBlob(name: string, descriptor: Descriptor, source: BlobSource, from?: string): Promise<void> {
    const mount = from === undefined ? "" : `?${new URLSearchParams({ mount: descriptor.digest, from })}`;
    let location = await this.#begin(name, mount);
    let piece: number | undefined;
    for (let tries = 1; location !== undefined; tries++) {
      try {
        await this.#upload(name, location, descriptor, source, piece);
        return;
      } catch (error) {
        const isTooLarge =
          error instanceof RegistryClientError && error.status === 413 && piece === undefined;
        if (isTooLarge) piece = this.#piece;
        else if (tries >= TRIES || !isPassing(error)) throw error;
        location = await this.#begin(name, "");
      }
    }
  }

  /** Where an upload goes; undefined when the blob is there already. */
  async #begin(name: string, query: string): Promise<string | undefined> {
    const answer = await this.#ask(name, `blobs/uploads/${query}`, { method: "POST" });
    return answer.status === 201 ? undefined : this.#location(answer);
  }

  async #upload(
    name: string,
    start: string,
    { digest, size }: Descriptor,
    source: BlobSource,
    piece: number | undefined,
  ): Promise<void> {
    let location = start;
    let sent = 0;
    const parts = piece === undefined ? [readable(await source())] : piecesOf(await source(), piece);
    for await (const part of parts) {
      const length = part instanceof Uint8Array ? part.length : size;
      const answer = await this.#send(name, location, {
        method: "PATCH",
        headers: {
          "content-type": "application/octet-stream",
          ...(piece !== undefined && { "content-range": `${sent}-${sent + length - 1}` }),
        },
        body: part,
        duplex: "half",
      } as RequestInit);
      location = this.#location(answer);
      sent += length;
    }
    const end = new URL(location);
    end.searchParams.set("digest", digest);
    await this.#send(name, end.href, { method: "PUT", headers: { "content-length": "0" } });
  }

  #location(answer: Response): string {
    const location = answer.headers.get("location");
    if (location === null) throw new RegistryClientError(`${this.base} does not say where to upload`, 502);
    return new URL(location, answer.url || this.base).href;
  }

  async #has(name: string, resource: string, headers: Record<string, string>): Promise<boolean> {
    try {
      await this.#ask(name, resource, { method: "HEAD", headers });
      return true;
    } catch (error) {
      if (error instanceof RegistryClientError && error.status === 404) return false;
      throw error;
    }
  }

  #ask(name: string, resource: string, request: RequestInit): Promise<Response> {
    return this.#send(name, `${this.base}/v2/${name}/${resource}`, request);
  }

  async #fetchBody(url: string, request: RequestInit): Promise<Response> {
    try {
      return await this.#fetch(url, request);
    } catch (error) {
      const { cause, message } = error as Error;
      const reason = cause instanceof Error ? cause.message : message;
      throw new RegistryClientError(`The connection to ${new URL(url).host} broke off: ${reason}`, 503);
    }
  }

  /** Sends a request with what the registry wants to be shown. A stream is sent once: what opens it has settled that. */
  async #send(name: string, url: string, request: RequestInit): Promise<Response> {
    const isStream = request.body instanceof ReadableStream;
    // How long a body takes depends on its size, so there is no time in which an answer is due.
    const send =
      request.body === undefined
        ? this.#persistent
        : (url: string, init: RequestInit) => this.#fetchBody(url, init);
    // What is for this registry is shown to no other: uploads may go elsewhere.
    const isOwn = new URL(url).origin === new URL(this.base).origin;
    const attempt = (authorization: string | undefined) =>
      send(url, {
        ...request,
        headers: {
          "user-agent": "varve",
          ...(request.headers as Record<string, string>),
          ...(isOwn && authorization !== undefined && { authorization }),
        },
      });
    const registry = { host: new URL(this.base).host, base: this.base, repository: name };
    let answer = await attempt(this.#authorizer.known(registry) ?? this.#authorization);
    if (answer.status === 401 && !isStream && isOwn) {
      const header = await this.#authorizer.answer(answer, registry, this.#credentials);
      if (header !== undefined) {
        await answer.body?.cancel();
        answer = await attempt(header);
      }
    }
    if (answer.ok) return answer;
    throw await registryError(request.method ?? "GET", url, answer);
  }
}

/** What broke off, and not what was refused. */
function isPassing(error: unknown): boolean {
  return error instanceof RegistryClientError && (error.status >= 500 || error.status === 429);
}

async function* piecesOf(
  source: AsyncIterable<Uint8Array>,
  size: number,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const piece = new Uint8Array(size);
  let length = 0;
  for await (const chunk of source) {
    for (let at = 0; at < chunk.length; ) {
      const part = chunk.subarray(at, at + size - length);
      piece.set(part, length);
      length += part.length;
      at += part.length;
      if (length < size) continue;
      yield piece;
      length = 0;
    }
  }
  if (length > 0) yield piece.subarray(0, length);
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

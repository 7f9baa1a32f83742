import type { Descriptor } from "../oci/descriptor.ts";
import { isDigest, requireDigest } from "../oci/digest.ts";
import { MAX_DOCUMENT } from "../oci/document.ts";
import { isSchema1, MANIFEST_TYPES } from "../oci/media-types.ts";
import { formatReference, type Reference, withDefaultTag } from "../oci/reference.ts";
import { chunks } from "../streams/chunks.ts";
import { collect, TooLargeError } from "../streams/collect.ts";
import { Digester } from "../streams/sha256.ts";
import { verified } from "../streams/verify.ts";
import { Authorizer, type Credentials } from "./authorizer.ts";
import { checkedFetch, type Fetch } from "./checked-fetch.ts";
import { endpointOf, type Mirrors } from "./endpoint.ts";
import type { NetworkPolicy } from "./network-policy.ts";
import { type Answer, type PersistenceOptions, persistentFetch } from "./persistent-fetch.ts";
import type { Realms } from "./realm.ts";
import { statusError, UpstreamError } from "./upstream-error.ts";

export interface UpstreamOptions extends PersistenceOptions {
  policy: NetworkPolicy;
  mirrors?: Mirrors;
  /** Credentials for a registry, by the host in its references. */
  credentials?: (host: string) => Credentials | undefined;
  /** Token services that the user configured. */
  realms?: Realms;
  fetch?: Fetch;
  now?: () => number;
  /** Longest wait for the next bytes of a body, in milliseconds. */
  idleTimeout?: number;
}

/** A manifest or index as a registry gave it, its digest verified. */
export interface FetchedManifest {
  descriptor: Descriptor;
  bytes: Uint8Array;
}

/** Characters of a registry's own message that are passed on. */
const MAX_DETAIL = 500;

/** Reads images from other registries (distribution-spec 1.1, pull). Everything it gives is verified. */
export class Upstream {
  readonly #fetch: (url: string, init: RequestInit) => Promise<Answer>;
  readonly #authorizer: Authorizer;
  readonly #mirrors: Mirrors;
  readonly #credentials: (host: string) => Credentials | undefined;
  readonly #idleTimeout: number;

  constructor(options: UpstreamOptions) {
    const { mirrors = {}, policy } = options;
    this.#mirrors = mirrors;
    this.#credentials = options.credentials ?? (() => undefined);
    this.#idleTimeout = options.idleTimeout ?? 60_000;
    const trustedOrigins = [
      ...(policy.trustedOrigins ?? []),
      ...Object.values(mirrors).map((base) => new URL(base).origin),
    ];
    const checked = checkedFetch({ ...policy, trustedOrigins, allowPlainHttp: false }, options.fetch);
    this.#fetch = persistentFetch(checked, options);
    this.#authorizer = new Authorizer(async (url, init) => (await this.#fetch(url, init)).response, {
      now: options.now,
      realms: options.realms,
    });
  }

  /**
   * What a tag stands for just now. Asks with HEAD, which Docker Hub does not count.
   *
   * @throws UpstreamError
   */
  async resolve(reference: Reference): Promise<Descriptor> {
    const { tag, digest } = withDefaultTag(reference);
    const { response } = await this.#ask("HEAD", reference, `manifests/${digest ?? tag}`);
    const stated = digest ?? response.headers.get("Docker-Content-Digest") ?? "";
    const size = contentLength(response);
    if (!isDigest(stated) || size === undefined) return (await this.manifest(reference)).descriptor;
    if (size > MAX_DOCUMENT) throw badAnswer(reference, `rejecting ${size} byte manifest`);
    return { mediaType: manifestType(response, reference), digest: stated, size };
  }

  /**
   * The manifest or index that a reference names, by its digest if it has one.
   *
   * @throws UpstreamError
   */
  async manifest(reference: Reference): Promise<FetchedManifest> {
    const { tag, digest } = withDefaultTag(reference);
    const { response, abort } = await this.#ask("GET", reference, `manifests/${digest ?? tag}`);
    const bytes = await this.#collect(response, abort, reference);
    const stated = digest ?? response.headers.get("Docker-Content-Digest");
    const algorithm = stated !== null && isDigest(stated) ? requireDigest(stated).algorithm : "sha256";
    const actual = new Digester(algorithm).update(bytes).digest();
    if (stated !== null && isDigest(stated) && stated !== actual) {
      throw badAnswer(reference, `the manifest has digest ${actual} instead of ${stated}`);
    }
    return {
      descriptor: { mediaType: manifestType(response, reference), digest: actual, size: bytes.length },
      bytes,
    };
  }

  /**
   * The bytes of a blob. They are the right ones only when the iteration ends without an error: `UpstreamError`,
   * or `SizeMismatchError` and `ContentMismatchError` of `verified`.
   *
   * @throws UpstreamError
   */
  async blob(reference: Reference, descriptor: Descriptor): Promise<AsyncIterable<Uint8Array>> {
    const { response, abort } = await this.#ask("GET", reference, `blobs/${descriptor.digest}`);
    return verified(this.#body(response, abort), descriptor);
  }

  /**
   * Asks whether the repository has a blob, of the size stated.
   *
   * @throws UpstreamError `NOT_FOUND` when not
   */
  async requireBlob(reference: Reference, { digest, size }: Descriptor): Promise<void> {
    const { response } = await this.#ask("HEAD", reference, `blobs/${digest}`);
    const actual = contentLength(response);
    if (actual === undefined || actual === size) return;
    throw badAnswer(reference, `${digest} has ${actual} bytes, and ${size} were promised`);
  }

  /** The answer to a request, once authorization is settled. Its status is one of success. */
  async #ask(method: "GET" | "HEAD", reference: Reference, resource: string): Promise<Answer> {
    const { host, path } = reference;
    const base = endpointOf(host, this.#mirrors);
    const url = `${base}/v2/${path}/${resource}`;
    const send = (authorization: string | undefined) =>
      this.#fetch(url, {
        method,
        headers: {
          Accept: resource.startsWith("manifests/") ? MANIFEST_TYPES.join(", ") : "*/*",
          // A blob is wanted as it is stored.
          "Accept-Encoding": "identity",
          "User-Agent": "varve",
          ...(authorization !== undefined && { Authorization: authorization }),
        },
      });
    const registry = { host, base, repository: path };
    let answer = await send(this.#authorizer.known(registry));
    let challenge: string | null = null;
    if (answer.response.status === 401) {
      challenge = answer.response.headers.get("WWW-Authenticate");
      const header = await this.#authorizer.answer(answer.response, registry, this.#credentials(host));
      if (header !== undefined) {
        await answer.response.body?.cancel();
        answer = await send(header);
        challenge = answer.response.headers.get("WWW-Authenticate");
      }
    }
    if (answer.response.ok) return answer;
    throw await this.#failure(method, url, answer, reference, challenge);
  }

  async #failure(
    method: string,
    url: string,
    { response, abort }: Answer,
    reference: Reference,
    challenge: string | null,
  ): Promise<UpstreamError> {
    const detail = await this.#detail(response, abort);
    const { status } = response;
    if (status === 404) {
      return new UpstreamError("NOT_FOUND", `${formatReference(withDefaultTag(reference))}: not found`);
    }
    if (status !== 401) return statusError(method, url, status, detail);
    const reason = /error="?([a-z_]{1,60})/.exec(challenge ?? "")?.[1];
    return new UpstreamError(
      "UNAUTHORIZED",
      "pull access denied, repository does not exist or may require authorization: " +
        `${reason === undefined ? "" : `server message: ${reason}: `}authorization failed`,
    );
  }

  /** What the registry says about a failure, when it says so in distribution's form. */
  async #detail(response: Response, abort: Answer["abort"]): Promise<string | undefined> {
    try {
      const bytes = await collect(this.#body(response, abort), 64 * 1024);
      const { errors } = JSON.parse(new TextDecoder().decode(bytes)) as {
        errors?: { code?: unknown; message?: unknown }[];
      };
      const [first] = errors ?? [];
      if (typeof first?.message !== "string") return undefined;
      return `${String(first.code).toLowerCase()}: ${first.message}`.slice(0, MAX_DETAIL);
    } catch {
      return undefined;
    }
  }

  async #collect(response: Response, abort: Answer["abort"], reference: Reference): Promise<Uint8Array> {
    try {
      return await collect(this.#body(response, abort), MAX_DOCUMENT);
    } catch (error) {
      if (error instanceof TooLargeError)
        throw badAnswer(reference, `rejecting a manifest of more than ${error.limit} bytes`);
      throw error;
    }
  }

  /** The bytes of a body, given up when none come for too long. */
  async *#body(response: Response, abort: Answer["abort"]): AsyncGenerator<Uint8Array, void, undefined> {
    if (response.body === null) return;
    const seconds = this.#idleTimeout / 1000;
    let givenUp: UpstreamError | undefined;
    const giveUp = () => {
      givenUp = new UpstreamError("TIMEOUT", `no bytes came for ${seconds} s`);
      abort(givenUp);
    };
    let timer = setTimeout(giveUp, this.#idleTimeout);
    try {
      for await (const chunk of chunks(response.body)) {
        clearTimeout(timer);
        yield chunk;
        timer = setTimeout(giveUp, this.#idleTimeout);
      }
    } catch (cause) {
      // workerd does not say that it was the abort which ended the body.
      throw givenUp ?? new UpstreamError("NETWORK", "the connection broke off", { cause });
    } finally {
      clearTimeout(timer);
    }
  }
}

function contentLength(response: Response): number | undefined {
  const header = response.headers.get("Content-Length");
  return header !== null && /^\d{1,15}$/.test(header) ? Number(header) : undefined;
}

/** The media type of the answer, without parameters. */
function manifestType(response: Response, reference: Reference): string {
  const [mediaType = ""] = (response.headers.get("Content-Type") ?? "").split(";");
  const type = mediaType.trim().toLowerCase();
  if (MANIFEST_TYPES.includes(type)) return type;
  if (isSchema1(type)) {
    throw badAnswer(
      reference,
      `media type "${type}" is no longer supported: build and push the image again with a current tool`,
    );
  }
  // Some registries, and plain file servers, do not know; then the document itself has to say.
  return "";
}

function badAnswer(reference: Reference, problem: string): UpstreamError {
  return new UpstreamError("BAD_ANSWER", `${formatReference(withDefaultTag(reference))}: ${problem}`);
}

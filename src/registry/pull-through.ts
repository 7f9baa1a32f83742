import { parseAnyManifest } from "../oci/any-manifest.ts";
import { blobKey, manifestKey } from "../oci/content-key.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { isDigest, requireDigest } from "../oci/digest.ts";
import { InvalidDocumentError } from "../oci/document.ts";
import type { CacheStore } from "../store/cache-store.ts";
import type { ByteRange, ObjectStore } from "../store/object-store.ts";
import { Tombstones } from "../store/tombstones.ts";
import { chunks } from "../streams/chunks.ts";
import { collect, TooLargeError } from "../streams/collect.ts";
import { ContentMismatchError, SizeMismatchError } from "../streams/verify.ts";
import { RegistryError } from "./errors.ts";
import { ReadOnly } from "./read-only.ts";
import type {
  BlobDescriptor,
  ManifestDescriptor,
  Registry,
  ResolveOptions,
  StoredManifest,
} from "./registry.ts";
import { type ContentsIndex, KnownContents } from "./store/known-contents.ts";

interface PullThroughOptions {
  store: ObjectStore;
  cache: CacheStore;
  remote: Registry;
  /** Its host as in references, under which its contents are stored. */
  host: string;
  /** The index of what its repositories contain. Default: markers in the store, which all callers share. */
  known?: ContentsIndex;
  /** Use the last known manifest of a tag, regardless of age: for callers that must not use the network. */
  staleTags?: boolean;
  /** Milliseconds since 1970. */
  now?: () => number;
}

/** The last known manifest of a tag. */
interface KnownTag extends ManifestDescriptor {
  /** Milliseconds since 1970. */
  at: number;
}

const BLOB_TRIES = 3;
/** Number of bytes that a registry must send to prove that it has a blob: all of a config and of a small layer. */
const PROOF_BYTES = 64 * 1024;
/** Age up to which a tag is used without a request to the registry. */
const TAG_FRESH_MS = 60_000;
/** Age at which KV forgets the manifest of a tag. */
const TAG_TTL_S = 7 * 24 * 60 * 60;
/** Maximum length of a key in KV, in bytes. */
const MAX_CACHE_KEY = 512;

/**
 * A remote registry with copies in this server's store. Fetches a manifest or blob once and verifies it; resolves a tag
 * again after a minute. Read-only.
 */
export class PullThrough extends ReadOnly implements Registry {
  readonly #store: ObjectStore;
  readonly #cache: CacheStore;
  readonly #remote: Registry;
  readonly #host: string;
  readonly #staleTags: boolean;
  readonly #now: () => number;
  readonly #known: ContentsIndex;
  readonly #tombstones: Tombstones;
  /** Blobs that are being fetched, by repository and digest. */
  readonly #fetching = new Map<string, Promise<boolean>>();

  constructor(options: PullThroughOptions) {
    super();
    const { store, cache, remote, host, staleTags = false, now = Date.now } = options;
    this.#store = store;
    this.#cache = cache;
    this.#remote = remote;
    this.#host = host;
    this.#staleTags = staleTags;
    this.#now = now;
    this.#known = options.known ?? new KnownContents(store, host);
    this.#tombstones = new Tombstones(store);
  }

  async resolveManifest(
    name: string,
    reference: string,
    options?: ResolveOptions,
  ): Promise<ManifestDescriptor> {
    return (await this.readManifest(name, reference, options)).descriptor;
  }

  async readManifest(
    name: string,
    reference: string,
    { fresh = false }: ResolveOptions = {},
  ): Promise<StoredManifest> {
    if (isDigest(reference)) return this.#manifest(name, reference);
    const key = `upstream/${this.#host}/${name}:${reference}`;
    const isCacheable = key.length <= MAX_CACHE_KEY;
    const known = isCacheable && !fresh ? await this.#knownTag(key) : undefined;
    const { digest } = known ?? (await this.#remote.resolveManifest(name, reference));
    const manifest = await this.#manifest(name, digest);
    if (known === undefined && isCacheable) {
      const tag: KnownTag = { ...manifest.descriptor, at: this.#now() };
      await this.#cache.put(new Map([[key, tag]]), TAG_TTL_S);
    }
    return manifest;
  }

  async resolveBlob(name: string, digest: string): Promise<BlobDescriptor> {
    const [known, stored] = await this.#findBlob(name, digest);
    if (known !== undefined && stored !== undefined) return { digest, size: stored.size };
    return this.#remote.resolveBlob(name, digest);
  }

  async readBlob(name: string, blob: BlobDescriptor, range?: ByteRange): Promise<ReadableStream<Uint8Array>> {
    await this.fetchBlob(name, blob);
    const stream = await this.#store.get(blobKey(blob.digest), range);
    if (stream !== undefined) return stream;
    throw new RegistryError("BLOB_UNKNOWN", `${blob.digest}: not found`, { detail: { name } });
  }

  /**
   * Stores a copy of a blob, unless there is one. Concurrent callers share one transfer. Not part of `Registry`: for
   * callers that read the store directly.
   * @returns whether bytes were transferred
   * @throws {RegistryError}
   */
  async fetchBlob(name: string, blob: BlobDescriptor): Promise<boolean> {
    const key = `${name}@${blob.digest}`;
    let fetching = this.#fetching.get(key);
    if (fetching === undefined) {
      fetching = this.#fetchUnlessStored(name, blob).finally(() => this.#fetching.delete(key));
      this.#fetching.set(key, fetching);
    }
    return fetching;
  }

  repositories(after?: string): AsyncIterable<string> {
    return this.#remote.repositories(after);
  }

  tags(name: string, after?: string): AsyncIterable<string> {
    return this.#remote.tags(name, after);
  }

  referrers(name: string, digest: string, after?: string): AsyncIterable<Descriptor> {
    return this.#remote.referrers(name, digest, after);
  }

  async #manifest(name: string, digest: string): Promise<StoredManifest> {
    const [known, stored] = await Promise.all([
      this.#known.find(name, "_manifests", digest),
      this.#store.getBytes(manifestKey(digest)),
    ]);
    if (known !== undefined && stored !== undefined) {
      const { mediaType, isOld } = known;
      if (isOld) await this.#known.add(name, "_manifests", digest, mediaType);
      return { descriptor: { mediaType, digest, size: stored.length }, bytes: stored };
    }
    const manifest = await this.#remote.readManifest(name, digest);
    const { descriptor, bytes } = manifest;
    requireManifest(bytes, descriptor.mediaType);
    await this.#known.add(name, "_manifests", digest, descriptor.mediaType);
    await this.#tombstones.waitForDecision(manifestKey(digest));
    await this.#store.put(manifestKey(digest), bytes, bytes.length, { ifAbsent: true });
    return manifest;
  }

  async #knownTag(key: string): Promise<KnownTag | undefined> {
    const known = (await this.#cache.get<KnownTag>([key])).get(key);
    const isFresh = known !== undefined && this.#now() - known.at < TAG_FRESH_MS;
    return isFresh || this.#staleTags ? known : undefined;
  }

  #findBlob(name: string, digest: string) {
    return Promise.all([this.#known.find(name, "_blobs", digest), this.#store.head(blobKey(digest))]);
  }

  /** @returns whether bytes were transferred */
  async #fetchUnlessStored(name: string, blob: BlobDescriptor): Promise<boolean> {
    const { digest } = blob;
    const [known, stored] = await this.#findBlob(name, digest);
    if (stored !== undefined) {
      requireSize(blob, stored.size);
      if (known === undefined) await this.#requireProof(name, blob);
    } else if (!(await this.#fetchNow(name, blob))) {
      // Another request has stored it, so the registry may not have sent the bytes.
      return this.#fetchUnlessStored(name, blob);
    }
    if (known !== undefined && !known.isOld) return stored === undefined;
    await this.#known.add(name, "_blobs", digest, "");
    if (stored === undefined) return true;
    await this.#tombstones.waitForDecision(blobKey(digest));
    if ((await this.#store.head(blobKey(digest))) !== undefined) return false;
    return this.#fetchNow(name, blob);
  }

  async *#remoteBytes(name: string, blob: BlobDescriptor): AsyncGenerator<Uint8Array> {
    yield* chunks(await this.#remote.readBlob(name, blob));
  }

  /**
   * Requests a blob that is already stored, or a random part of a large one, and compares the two. Without this proof, a
   * registry that knows only the digest of a blob in another repository could list it in an image, whose pull would then
   * contain that blob.
   * @throws {RegistryError} `BAD_ANSWER` when the parts differ
   */
  async #requireProof(name: string, blob: BlobDescriptor): Promise<void> {
    if (blob.size === 0) return;
    const length = Math.min(blob.size, PROOF_BYTES);
    const range = { offset: randomBelow(blob.size - length + 1), length };
    const stored = await this.#store.get(blobKey(blob.digest), range);
    if (stored === undefined) throw new RegistryError("BLOB_UNKNOWN", `${blob.digest}: not found`);
    const expected = await collect(chunks(stored), length);
    const actual = await this.#readPart(name, blob, range);
    if (actual === undefined || areEqual(actual, expected)) return;
    throw new RegistryError("BAD_ANSWER", `${blob.digest}: the registry sent different contents`);
  }

  /** Undefined when the registry sent the whole blob and its digest matched. */
  async #readPart(
    name: string,
    blob: BlobDescriptor,
    range: ByteRange & { length: number },
  ): Promise<Uint8Array | undefined> {
    try {
      return await collect(chunks(await this.#remote.readBlob(name, blob, range)), range.length);
    } catch (error) {
      if (error instanceof TooLargeError) return new Uint8Array();
      if (!(error instanceof RegistryError) || error.fault !== "UNSUPPORTED") throw error;
    }
    for await (const _ of chunks(await this.#remote.readBlob(name, blob)));
    return undefined;
  }

  /** @returns false when the blob is already stored */
  async #fetchNow(name: string, blob: BlobDescriptor): Promise<boolean> {
    const { digest, size } = blob;
    const { algorithm, encoded } = requireDigest(digest);
    for (let left = BLOB_TRIES - 1; ; left--) {
      try {
        return await this.#store.put(blobKey(digest), () => this.#remoteBytes(name, blob), size, {
          ifAbsent: true,
          ...(algorithm === "sha256" ? { sha256: encoded } : { sha512: encoded }),
        });
      } catch (error) {
        if (left === 0 || !isConnectionLost(error)) throw asRegistryError(error);
      }
    }
  }
}

/** @throws {RegistryError} `BAD_ANSWER` for anything that is not a manifest */
function requireManifest(bytes: Uint8Array, mediaType: string): void {
  try {
    parseAnyManifest(bytes, mediaType);
  } catch (cause) {
    if (!(cause instanceof InvalidDocumentError)) throw cause;
    throw new RegistryError("BAD_ANSWER", cause.message, { cause });
  }
}

function randomBelow(limit: number): number {
  const [number = 0] = crypto.getRandomValues(new Uint32Array(1));
  return Math.floor((number / 2 ** 32) * limit);
}

function areEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

function requireSize({ digest, size }: BlobDescriptor, actual: number): void {
  if (actual === size) return;
  const problem = `${digest}: the manifest states ${size} bytes, received ${actual}`;
  throw new RegistryError("BAD_ANSWER", problem);
}

/** Whether the connection was lost or stalled. Some runtimes report a lost one as a body that is too short. */
function isConnectionLost(error: unknown): boolean {
  if (error instanceof RegistryError) return error.fault === "NETWORK" || error.fault === "TIMEOUT";
  return error instanceof SizeMismatchError && error.actual < error.expected;
}

function asRegistryError(error: unknown): unknown {
  if (error instanceof SizeMismatchError || error instanceof ContentMismatchError) {
    return new RegistryError("BAD_ANSWER", error.message, { cause: error });
  }
  return error;
}

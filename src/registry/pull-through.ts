import { parseAnyManifest } from "../oci/any-manifest.ts";
import { blobKey, manifestKey } from "../oci/content-key.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { requireDigest } from "../oci/digest.ts";
import type { Reference } from "../oci/reference.ts";
import type { ObjectInfo, ObjectStore } from "../store/object-store.ts";
import { ContentMismatchError, SizeMismatchError } from "../streams/verify.ts";
import { UpstreamError } from "./remote/remote-error.ts";
import type { FetchedManifest, Upstream } from "./remote/remote-registry.ts";
import { Condemned } from "./store/tombstones.ts";

/** Where an image comes from, whatever its tag or digest. */
type Source = Pick<Reference, "host" | "path">;

const BLOB_TRIES = 3;
const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * What the store has of other registries. Contents are shared by all, so a marker says which upstream repository
 * is known to have one: an image there may not pull in what somebody else has stored here by naming its digest.
 */
export class UpstreamCopies {
  readonly #store: ObjectStore;
  readonly #upstream: Upstream;
  readonly #condemned: Condemned;
  /** Blobs that are on their way, by marker. */
  readonly #arriving = new Map<string, Promise<void>>();

  constructor(store: ObjectStore, upstream: Upstream) {
    this.#store = store;
    this.#upstream = upstream;
    this.#condemned = new Condemned(store);
  }

  /** A manifest or index, fetched once. @throws UpstreamError, InvalidDocumentError */
  async manifest({ host, path }: Source, digest: string): Promise<FetchedManifest> {
    const marker = markerKey({ host, path }, "_manifests", digest);
    const [known, stored] = await Promise.all([
      this.#store.head(marker),
      this.#store.getBytes(manifestKey(digest)),
    ]);
    if (known !== undefined && stored !== undefined) {
      if (isOld(known)) await this.#mark(marker, known.metadata.mediaType ?? "");
      const mediaType = known.metadata.mediaType ?? "";
      return { descriptor: { mediaType, digest, size: stored.length }, bytes: stored };
    }
    const fetched = await this.#upstream.manifest({ host, path, digest });
    parseAnyManifest(fetched.bytes, fetched.descriptor.mediaType);
    await this.#mark(marker, fetched.descriptor.mediaType);
    await this.#condemned.settled(manifestKey(digest));
    await this.#store.put(manifestKey(digest), fetched.bytes, fetched.bytes.length, { ifAbsent: true });
    return fetched;
  }

  /** Sees to it that a blob is in the store. Callers who want the same one share its journey. @throws UpstreamError */
  async ensureBlob({ host, path }: Source, descriptor: Descriptor): Promise<void> {
    const marker = markerKey({ host, path }, "_blobs", descriptor.digest);
    let arriving = this.#arriving.get(marker);
    if (arriving === undefined) {
      arriving = this.#obtain({ host, path }, descriptor, marker).finally(() =>
        this.#arriving.delete(marker),
      );
      this.#arriving.set(marker, arriving);
    }
    await arriving;
  }

  async #obtain(source: Source, descriptor: Descriptor, marker: string): Promise<void> {
    const [known, stored] = await Promise.all([
      this.#store.head(marker),
      this.#store.head(blobKey(descriptor.digest)),
    ]);
    if (stored === undefined) await this.#fetchBlob(source, descriptor);
    else if (stored.size !== descriptor.size) {
      throw new UpstreamError(
        "BAD_ANSWER",
        `${descriptor.digest}: the manifest states ${descriptor.size} bytes and there are ${stored.size}`,
      );
    } else if (known === undefined) await this.#upstream.requireBlob(source, descriptor);
    if (known !== undefined && !isOld(known)) return;
    await this.#mark(marker, descriptor.mediaType);
    if (stored === undefined) return;
    await this.#condemned.settled(blobKey(descriptor.digest));
    if ((await this.#store.head(blobKey(descriptor.digest))) === undefined)
      await this.#fetchBlob(source, descriptor);
  }

  async #fetchBlob(source: Source, descriptor: Descriptor): Promise<void> {
    const { algorithm, encoded } = requireDigest(descriptor.digest);
    for (let left = BLOB_TRIES - 1; ; left--) {
      try {
        const bytes = await this.#upstream.blob(source, descriptor);
        await this.#store.put(blobKey(descriptor.digest), bytes, descriptor.size, {
          ifAbsent: true,
          ...(algorithm === "sha256" ? { sha256: encoded } : { sha512: encoded }),
        });
        return;
      } catch (error) {
        if (left === 0 || !isBrokenOff(error)) throw asUpstreamError(error);
      }
    }
  }

  async #mark(marker: string, mediaType: string): Promise<void> {
    await this.#store.put(marker, new Uint8Array(), 0, { metadata: { mediaType } });
  }
}

function markerKey({ host, path }: Source, folder: "_manifests" | "_blobs", digest: string): string {
  return `upstreams/${host}/${path}/${folder}/${digest}`;
}

/** The age of a marker tells whether anybody still needs what it is for. */
function isOld({ uploaded }: ObjectInfo): boolean {
  return Date.now() - uploaded > DAY_MS;
}

/** A connection that ends early looks like too few bytes to some runtimes. */
function isBrokenOff(error: unknown): boolean {
  if (error instanceof UpstreamError) return error.code === "NETWORK";
  return error instanceof SizeMismatchError && error.actual < error.expected;
}

function asUpstreamError(error: unknown): unknown {
  if (error instanceof SizeMismatchError || error instanceof ContentMismatchError) {
    return new UpstreamError("BAD_ANSWER", error.message, { cause: error });
  }
  return error;
}

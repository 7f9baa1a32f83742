import { blobKey } from "../../oci/content-key.ts";
import { deleteMarkers } from "../../store/back-references.ts";
import { forEachConcurrently } from "../../store/for-each-concurrently.ts";
import type { ByteRange, ObjectStore } from "../../store/object-store.ts";
import { Tombstones } from "../../store/tombstones.ts";
import { RegistryError } from "../errors.ts";
import type { BlobDescriptor, ResolveBlobOptions } from "../registry.ts";
import { Catalog } from "./catalog.ts";
import { markerKey, putMarker } from "./markers.ts";
import { manifestOfBlob } from "./needed-by.ts";
import { readEpoch, withRemovalLock } from "./removal-lock.ts";

/** Age in milliseconds at which the marker of a blob that will be listed is stored again. */
const RENEWED_MS = 12 * 60 * 60 * 1000;

/** The blobs of repositories. */
export class Blobs {
  readonly #store: ObjectStore;
  readonly #catalog: Catalog;
  readonly #tombstones: Tombstones;

  constructor(store: ObjectStore) {
    this.#store = store;
    this.#catalog = new Catalog(store);
    this.#tombstones = new Tombstones(store);
  }

  /** @throws {RegistryError} `BLOB_UNKNOWN` */
  async resolve(
    name: string,
    digest: string,
    { forPush = false }: ResolveBlobOptions = {},
  ): Promise<BlobDescriptor> {
    const [marker, blob] = await Promise.all([
      this.#store.head(markerKey(name, "_blobs", digest)),
      this.#store.head(blobKey(digest)),
    ]);
    if (marker === undefined || blob === undefined) throw noBlob(name, digest);
    // The collector removes the marker of a blob that no manifest lists when the marker is older than a day.
    if (forPush && Date.now() - marker.uploaded > RENEWED_MS) await this.link(name, [digest]);
    return { digest, size: blob.size };
  }

  /** @throws {RegistryError} `BLOB_UNKNOWN` */
  async read(name: string, digest: string, range?: ByteRange): Promise<ReadableStream<Uint8Array>> {
    const [marker, stream] = await Promise.all([
      this.#store.head(markerKey(name, "_blobs", digest)),
      this.#store.get(blobKey(digest), range),
    ]);
    if (marker !== undefined && stream !== undefined) return stream;
    await stream?.cancel();
    throw noBlob(name, digest);
  }

  /**
   * Makes stored blobs part of a repository. One call reads the epoch twice, for any number of blobs.
   * @throws {RegistryError} `BLOB_UNKNOWN` when one of them is not stored
   */
  async link(name: string, digests: Iterable<string>): Promise<void> {
    const sizes = new Map<string, number>();
    await forEachConcurrently(new Set(digests), async (digest) => {
      const blob = await this.#store.head(blobKey(digest));
      if (blob === undefined) throw notStored(digest);
      sizes.set(digest, blob.size);
    });
    if (sizes.size === 0) return;
    const mark = (digest: string, isForced: boolean) => {
      const marker = { item: digest, digest, mediaType: "", size: sizes.get(digest) ?? 0 };
      return putMarker(this.#store, name, "_blobs", marker, isForced);
    };
    const before = await readEpoch(this.#store, name);
    const marked = new Set<string>();
    const markAll = forEachConcurrently(sizes.keys(), async (digest) => {
      if (await mark(digest, false)) marked.add(digest);
    });
    await Promise.all([markAll, this.#catalog.add(name)]);
    const isUnchanged = (await readEpoch(this.#store, name)) === before;
    await forEachConcurrently(isUnchanged ? marked : sizes.keys(), async (digest) => {
      // A concurrent removal may have deleted the marker if it was old.
      if (!isUnchanged) await mark(digest, true);
      await this.#verifyMarked(name, digest, () => mark(digest, true));
    });
  }

  /**
   * Verifies that a blob was not deleted before its new marker was stored.
   * @throws {RegistryError} `BLOB_UNKNOWN`
   */
  async #verifyMarked(name: string, digest: string, markAgain: () => Promise<boolean>): Promise<void> {
    const key = blobKey(digest);
    await this.#tombstones.waitForDecision(key);
    if ((await this.#store.head(key)) !== undefined) return;
    await deleteMarkers(this.#store, markerKey(name, "_blobs", digest));
    if ((await this.#store.head(key)) === undefined) throw notStored(digest);
    // Another request has stored the blob again, and may have relied on the marker.
    await markAgain();
  }

  /** @throws {RegistryError} `BLOB_UNKNOWN`, `CONTENT_NEEDED` */
  async delete(name: string, digest: string): Promise<void> {
    const key = markerKey(name, "_blobs", digest);
    await withRemovalLock(this.#store, name, async (beginRemoval) => {
      if ((await this.#store.head(key)) === undefined) throw noBlob(name, digest);
      const manifest = await manifestOfBlob(this.#store, name, digest);
      if (manifest !== undefined) {
        const message = `Cannot delete the blob: manifest ${manifest} of this repository lists it`;
        throw new RegistryError("CONTENT_NEEDED", message, { detail: { name, digest, manifest } });
      }
      await beginRemoval();
      await deleteMarkers(this.#store, key);
    });
  }
}

function noBlob(name: string, digest: string): RegistryError {
  return new RegistryError("BLOB_UNKNOWN", "no such blob in this repository", { detail: { name, digest } });
}

function notStored(digest: string): RegistryError {
  return new RegistryError("BLOB_UNKNOWN", "no such blob", { detail: { digest } });
}

import { manifestKey } from "../../oci/content-key.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { isDigest, requireDigest } from "../../oci/digest.ts";
import { isTag } from "../../oci/reference.ts";
import { deleteMarkers } from "../../store/back-references.ts";
import { forEachConcurrently } from "../../store/for-each-concurrently.ts";
import type { ObjectStore } from "../../store/object-store.ts";
import { Recent } from "../../store/recent.ts";
import { Tombstones } from "../../store/tombstones.ts";
import { Digester } from "../../streams/sha256.ts";
import { RegistryError } from "../errors.ts";
import { type ManifestContents, readManifestContents } from "../manifest-contents.ts";
import type { ManifestDescriptor, NewManifest } from "../registry.ts";
import { Catalog } from "./catalog.ts";
import { type MarkerFolder, markerKey, putMarker, readMarker } from "./markers.ts";
import { indexOfManifest } from "./needed-by.ts";
import { Referrers } from "./referrers.ts";
import { type BeginRemoval, readEpoch, withRemovalLock } from "./removal-lock.ts";

/** Manifests are immutable, so they are cached. Whether a repository has one is checked for each request. */
const recent = new Recent<Uint8Array>();

/** A stored manifest, with the epoch before storing. */
interface PushedManifest {
  digest: string;
  bytes: Uint8Array;
  contents: ManifestContents;
  epoch: string | undefined;
}

const SHA256 = { algorithm: "sha256" } as const;

/** The manifests and tags of repositories. */
export class Manifests {
  readonly #store: ObjectStore;
  readonly #catalog: Catalog;
  readonly #tombstones: Tombstones;
  readonly #referrers: Referrers;

  constructor(store: ObjectStore) {
    this.#store = store;
    this.#catalog = new Catalog(store);
    this.#tombstones = new Tombstones(store);
    this.#referrers = new Referrers(store);
  }

  /** @throws {RegistryError} `MANIFEST_UNKNOWN` */
  async resolve(name: string, reference: string): Promise<ManifestDescriptor> {
    const folder = isDigest(reference) ? "_manifests" : "_tags";
    const marker = await this.#store.head(markerKey(name, folder, reference));
    if (marker !== undefined) return readMarker(marker);
    const detail = { name, reference };
    throw new RegistryError("MANIFEST_UNKNOWN", "no such manifest in this repository", { detail });
  }

  /** Bytes of a resolved manifest. @throws {RegistryError} `MANIFEST_UNKNOWN` */
  async read(name: string, { digest }: ManifestDescriptor): Promise<Uint8Array> {
    const key = manifestKey(digest);
    const known = recent.get(this.#store, key);
    if (known !== undefined) return known.value;
    const bytes = await this.#store.getBytes(key);
    if (bytes === undefined) {
      throw new RegistryError("MANIFEST_UNKNOWN", "the manifest was deleted", { detail: { name, digest } });
    }
    recent.set(this.#store, key, bytes, { size: bytes.length, memory: bytes.length });
    return bytes;
  }

  /** @throws {RegistryError} `MANIFEST_INVALID`, `MANIFEST_TOO_LARGE`, `MANIFEST_BLOB_UNKNOWN`, `DIGEST_INVALID` */
  async push(name: string, { bytes, mediaType, digest }: NewManifest): Promise<ManifestDescriptor> {
    const contents = readManifestContents(bytes, mediaType);
    const { algorithm } = digest === undefined ? SHA256 : requireDigest(digest);
    const actual = new Digester(algorithm).update(bytes).digest();
    if (digest !== undefined && digest !== actual) {
      throw new RegistryError("DIGEST_INVALID", `the manifest has digest ${actual}`, { detail: { digest } });
    }
    const epoch = await readEpoch(this.#store, name);
    await this.#requireContents(name, contents);
    const { subject, artifactType, annotations } = contents;
    const descriptor = { mediaType: contents.mediaType, digest: actual, size: bytes.length };
    const described = { ...descriptor, ...(subject !== undefined && { subject }) };
    const key = manifestKey(actual);
    await Promise.all([
      this.#store.put(key, bytes, bytes.length, { ifAbsent: true }),
      this.#catalog.add(name),
    ]);
    await putMarker(this.#store, name, "_manifests", { item: actual, ...described });
    await this.#verifyContents(name, { digest: actual, bytes, contents, epoch });
    recent.set(this.#store, key, bytes, { size: bytes.length, memory: bytes.length });
    if (subject === undefined) return described;
    await this.#referrers.add(name, subject, {
      ...descriptor,
      ...(artifactType !== undefined && { artifactType }),
      ...(annotations !== undefined && { annotations }),
    });
    return described;
  }

  /** Points a tag at a manifest of the repository. @throws {RegistryError} `MANIFEST_INVALID`, `MANIFEST_UNKNOWN` */
  async tag(name: string, tag: string, digest: string): Promise<void> {
    if (!isTag(tag)) throw new RegistryError("MANIFEST_INVALID", "not a tag", { detail: { tag } });
    const epoch = await readEpoch(this.#store, name);
    const descriptor = await this.resolve(name, digest);
    if (!(await putMarker(this.#store, name, "_tags", { item: tag, ...descriptor }))) return;
    if ((await readEpoch(this.#store, name)) === epoch) return;
    if ((await this.#store.head(markerKey(name, "_manifests", digest))) !== undefined) return;
    await this.#store.delete(markerKey(name, "_tags", tag));
    await this.resolve(name, digest);
  }

  /** @throws {RegistryError} `MANIFEST_UNKNOWN` */
  async deleteTag(name: string, tag: string): Promise<void> {
    await this.resolve(name, tag);
    await this.#store.delete(markerKey(name, "_tags", tag));
  }

  /** @throws {RegistryError} `MANIFEST_UNKNOWN`, `CONTENT_NEEDED` */
  async delete(name: string, digest: string): Promise<void> {
    await withRemovalLock(this.#store, name, (beginRemoval) => this.#delete(name, digest, beginRemoval));
  }

  async #delete(name: string, digest: string, beginRemoval: BeginRemoval): Promise<void> {
    const { subject } = await this.resolve(name, digest);
    const index = await indexOfManifest(this.#store, name, digest);
    if (index !== undefined) {
      const message = `Cannot delete the manifest: index ${index} of this repository lists it`;
      throw new RegistryError("CONTENT_NEEDED", message, { detail: { name, digest, index } });
    }
    await beginRemoval();
    if (subject !== undefined) await this.#referrers.remove(name, subject, digest);
    // Before its tags, so that new tags are rejected from now on.
    await deleteMarkers(this.#store, markerKey(name, "_manifests", digest));
    const tags: string[] = [];
    for await (const { key, metadata } of this.#store.list(markerKey(name, "_tags", ""))) {
      if (metadata.digest === digest) tags.push(key);
    }
    await forEachConcurrently(tags, async (key) => {
      // The tag may have been moved in the meantime.
      if ((await this.#store.head(key))?.metadata.digest === digest) await this.#store.delete(key);
    });
  }

  async #requireContents(name: string, { blobs, manifests }: ManifestContents): Promise<void> {
    await this.#requireListed(name, "_blobs", blobs);
    await this.#requireListed(name, "_manifests", manifests);
  }

  async #requireListed(name: string, folder: MarkerFolder, listed: readonly Descriptor[]): Promise<void> {
    const different = new Map(listed.map((descriptor) => [descriptor.digest, descriptor]));
    await forEachConcurrently(different.values(), async ({ digest, size }) => {
      const marker = await this.#store.head(markerKey(name, folder, digest));
      if (marker === undefined) {
        const detail = { digest };
        throw new RegistryError(
          "MANIFEST_BLOB_UNKNOWN",
          "the manifest lists content that is not in the repository",
          { detail },
        );
      }
      if (marker.metadata.size !== String(size)) {
        const detail = { digest, stated: String(size), actual: marker.metadata.size ?? "" };
        throw new RegistryError("MANIFEST_INVALID", "the manifest states a wrong size", { detail });
      }
    });
  }

  /**
   * Checks that everything the manifest lists is still there after storing it.
   * @throws {RegistryError} `MANIFEST_BLOB_UNKNOWN`
   */
  async #verifyContents(name: string, { digest, bytes, contents, epoch }: PushedManifest): Promise<void> {
    const key = manifestKey(digest);
    await this.#tombstones.waitForDecision(key);
    // The collector may have deleted the bytes before the marker was stored.
    await this.#store.put(key, bytes, bytes.length, { ifAbsent: true });
    if ((await readEpoch(this.#store, name)) === epoch) return;
    try {
      await this.#requireContents(name, contents);
    } catch (error) {
      await deleteMarkers(this.#store, markerKey(name, "_manifests", digest));
      throw error;
    }
  }
}

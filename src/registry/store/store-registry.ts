import type { Descriptor } from "../../oci/descriptor.ts";
import type { ByteRange, ObjectStore } from "../../store/object-store.ts";
import { isAbsent, RegistryError } from "../errors.ts";
import { findBlob } from "../find-blob.ts";
import { isInternalName, isRepository, splitForeignName } from "../names.ts";
import type {
  BlobDescriptor,
  BlobSource,
  BlobUpload,
  ManifestDescriptor,
  NewManifest,
  Registry,
  ResolveBlobOptions,
  StoredManifest,
} from "../registry.ts";
import { Blobs } from "./blobs.ts";
import { Catalog } from "./catalog.ts";
import { Manifests } from "./manifests.ts";
import { markerKey } from "./markers.ts";
import { Referrers } from "./referrers.ts";
import { storeBlob } from "./store-blob.ts";
import { Upload } from "./upload.ts";

/**
 * This server's registry. Contents are stored once for all repositories; small markers record which repository has
 * them. Also stores images under names of other registries: see `names.ts`.
 */
export class StoreRegistry implements Registry {
  readonly #store: ObjectStore;
  readonly #blobs: Blobs;
  readonly #manifests: Manifests;
  readonly #referrers: Referrers;
  readonly #catalog: Catalog;

  constructor(store: ObjectStore) {
    this.#store = store;
    this.#blobs = new Blobs(store);
    this.#manifests = new Manifests(store);
    this.#referrers = new Referrers(store);
    this.#catalog = new Catalog(store);
  }

  async resolveManifest(name: string, reference: string): Promise<ManifestDescriptor> {
    return this.#manifests.resolve(requireName(name), reference);
  }

  async readManifest(name: string, reference: string): Promise<StoredManifest> {
    const descriptor = await this.#manifests.resolve(requireName(name), reference);
    return { descriptor, bytes: await this.#manifests.read(name, descriptor) };
  }

  async resolveBlob(name: string, digest: string, options?: ResolveBlobOptions): Promise<BlobDescriptor> {
    return this.#blobs.resolve(requireName(name), digest, options);
  }

  async readBlob(
    name: string,
    { digest }: BlobDescriptor,
    range?: ByteRange,
  ): Promise<ReadableStream<Uint8Array>> {
    return this.#blobs.read(requireName(name), digest, range);
  }

  async pushBlob(name: string, { digest, size }: BlobDescriptor, source: BlobSource): Promise<void> {
    requireName(name);
    await storeBlob(this.#store, digest, await source(), size);
    await this.#blobs.link(name, [digest]);
  }

  async startUpload(name: string): Promise<BlobUpload> {
    return Upload.start(this.#store, requireName(name));
  }

  async openUpload(name: string, id: string): Promise<BlobUpload> {
    return Upload.open(this.#store, requireName(name), id);
  }

  async mountBlob(name: string, digest: string, from?: string): Promise<boolean> {
    requireName(name);
    const holder = from ?? (await findBlob(this, digest));
    if (holder === undefined || !isRepository(holder)) return false;
    try {
      await this.#blobs.resolve(holder, digest);
      await this.#blobs.link(name, [digest]);
      return true;
    } catch (error) {
      if (isAbsent(error)) return false;
      throw error;
    }
  }

  async pushManifest(
    name: string,
    manifest: NewManifest,
    tags: readonly string[] = [],
  ): Promise<ManifestDescriptor> {
    const descriptor = await this.#manifests.push(requireName(name), manifest);
    for (const tag of tags) await this.#manifests.tag(name, tag, descriptor.digest);
    return descriptor;
  }

  async deleteBlob(name: string, digest: string): Promise<void> {
    await this.#blobs.delete(requireName(name), digest);
  }

  async deleteManifest(name: string, digest: string): Promise<void> {
    await this.#manifests.delete(requireName(name), digest);
  }

  async deleteTag(name: string, tag: string): Promise<void> {
    await this.#manifests.deleteTag(requireName(name), tag);
  }

  /** Only repositories of this server; names of other registries are not part of its catalog. */
  async *repositories(after = ""): AsyncGenerator<string> {
    for await (const name of this.#catalog.names(after)) {
      if (splitForeignName(name) === undefined && !isInternalName(name)) yield name;
    }
  }

  async *tags(name: string, after = ""): AsyncGenerator<string> {
    const prefix = markerKey(requireName(name), "_tags", "");
    let isEmpty = true;
    for await (const { key } of this.#store.list(prefix, after === "" ? undefined : prefix + after)) {
      isEmpty = false;
      yield key.slice(prefix.length);
    }
    if (isEmpty && !(await this.#catalog.has(name))) {
      throw new RegistryError("NAME_UNKNOWN", "no such repository", { detail: { name } });
    }
  }

  referrers(name: string, digest: string, after = ""): AsyncGenerator<Descriptor> {
    return this.#referrers.list(requireName(name), digest, after);
  }

  /**
   * Makes stored blobs part of a repository. Not part of `Registry`: the caller must have verified that the repository
   * may have them.
   * @throws {RegistryError} `BLOB_UNKNOWN` when one of them is not stored
   */
  async linkBlobs(name: string, digests: Iterable<string>): Promise<void> {
    await this.#blobs.link(requireName(name), digests);
  }

  /** Points a tag at a manifest of the repository. @throws {RegistryError} `MANIFEST_INVALID`, `MANIFEST_UNKNOWN` */
  async tag(name: string, tag: string, digest: string): Promise<void> {
    await this.#manifests.tag(requireName(name), tag, digest);
  }
}

/** @throws {RegistryError} `NAME_INVALID` */
function requireName(name: string): string {
  if (isRepository(name)) return name;
  throw new RegistryError("NAME_INVALID", "not a repository name", { detail: { name } });
}

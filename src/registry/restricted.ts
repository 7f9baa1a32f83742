import type { Descriptor } from "../oci/descriptor.ts";
import type { ByteRange } from "../store/object-store.ts";
import { RegistryError } from "./errors.ts";
import { findBlob } from "./find-blob.ts";
import type {
  BlobDescriptor,
  BlobSource,
  BlobUpload,
  ManifestDescriptor,
  NewManifest,
  Registry,
  ResolveBlobOptions,
  ResolveOptions,
  StoredManifest,
} from "./registry.ts";

/** A caller's right on a repository. */
type RepositoryRight = "pull" | "push" | "delete";

/** Whether the caller has a right on a repository. */
type Allows = (right: RepositoryRight, name: string) => boolean;

/**
 * A registry restricted to a caller's rights. Without the pull right, a repository appears not to exist; a change without
 * the right for it is `DENIED`.
 */
export class RestrictedRegistry implements Registry {
  readonly #registry: Registry;
  readonly #allows: Allows;

  constructor(registry: Registry, allows: Allows) {
    this.#registry = registry;
    this.#allows = allows;
  }

  async resolveManifest(
    name: string,
    reference: string,
    options?: ResolveOptions,
  ): Promise<ManifestDescriptor> {
    this.#requireManifest(name, reference);
    return this.#registry.resolveManifest(name, reference, options);
  }

  async readManifest(name: string, reference: string, options?: ResolveOptions): Promise<StoredManifest> {
    this.#requireManifest(name, reference);
    return this.#registry.readManifest(name, reference, options);
  }

  async resolveBlob(
    name: string,
    digest: string,
    { forPush = false }: ResolveBlobOptions = {},
  ): Promise<BlobDescriptor> {
    this.#requireBlob(name, digest);
    return this.#registry.resolveBlob(name, digest, { forPush: forPush && this.#allows("push", name) });
  }

  async readBlob(name: string, blob: BlobDescriptor, range?: ByteRange): Promise<ReadableStream<Uint8Array>> {
    this.#requireBlob(name, blob.digest);
    return this.#registry.readBlob(name, blob, range);
  }

  async pushBlob(name: string, blob: BlobDescriptor, source: BlobSource): Promise<void> {
    this.#require("push", name);
    await this.#registry.pushBlob(name, blob, source);
  }

  async startUpload(name: string): Promise<BlobUpload> {
    this.#require("push", name);
    return this.#registry.startUpload(name);
  }

  async openUpload(name: string, id: string): Promise<BlobUpload> {
    this.#require("push", name);
    return this.#registry.openUpload(name, id);
  }

  async mountBlob(name: string, digest: string, from?: string): Promise<boolean> {
    this.#require("push", name);
    const canPull = (other: string) => this.#allows("pull", other);
    const holder = from ?? (await findBlob(this.#registry, digest, canPull));
    return holder !== undefined && canPull(holder) && this.#registry.mountBlob(name, digest, holder);
  }

  async pushManifest(
    name: string,
    manifest: NewManifest,
    tags?: readonly string[],
  ): Promise<ManifestDescriptor> {
    this.#require("push", name);
    return this.#registry.pushManifest(name, manifest, tags);
  }

  async deleteBlob(name: string, digest: string): Promise<void> {
    this.#require("delete", name);
    await this.#registry.deleteBlob(name, digest);
  }

  async deleteManifest(name: string, digest: string): Promise<void> {
    this.#require("delete", name);
    await this.#registry.deleteManifest(name, digest);
  }

  async deleteTag(name: string, tag: string): Promise<void> {
    this.#require("delete", name);
    await this.#registry.deleteTag(name, tag);
  }

  async *repositories(after?: string): AsyncGenerator<string> {
    for await (const name of this.#registry.repositories(after)) {
      if (this.#allows("pull", name)) yield name;
    }
  }

  async *tags(name: string, after?: string): AsyncGenerator<string> {
    if (!this.#allows("pull", name)) {
      throw new RegistryError("NAME_UNKNOWN", "no such repository", { detail: { name } });
    }
    yield* this.#registry.tags(name, after);
  }

  async *referrers(name: string, digest: string, after?: string): AsyncGenerator<Descriptor> {
    if (this.#allows("pull", name)) yield* this.#registry.referrers(name, digest, after);
  }

  #requireManifest(name: string, reference: string): void {
    if (this.#allows("pull", name)) return;
    const detail = { name, reference };
    throw new RegistryError("MANIFEST_UNKNOWN", "no such manifest in this repository", { detail });
  }

  #requireBlob(name: string, digest: string): void {
    if (this.#allows("pull", name)) return;
    const detail = { name, digest };
    throw new RegistryError("BLOB_UNKNOWN", "no such blob in this repository", { detail });
  }

  #require(right: "push" | "delete", name: string): void {
    if (this.#allows(right, name)) return;
    throw new RegistryError("DENIED", `no ${right} access to this repository`, { detail: { name } });
  }
}

import { MAX_NESTING } from "../oci/image-index.ts";
import { readManifestContents } from "../registry/manifest-contents.ts";
import type { ImageName } from "../registry/names.ts";
import type { ManifestDescriptor } from "../registry/registry.ts";
import { StoreRegistry } from "../registry/store/store-registry.ts";
import type { ObjectStore } from "../store/object-store.ts";

/**
 * Adds an image of one repository to another, with everything it lists, and points tags at it. Copies no contents.
 * @throws {RegistryError}
 */
export async function tagImage(
  store: ObjectStore,
  from: { name: string; reference: string },
  names: readonly ImageName[],
): Promise<ManifestDescriptor> {
  const registry = new StoreRegistry(store);
  const descriptor = await registry.resolveManifest(from.name, from.reference);
  for (const name of new Set(names.map(({ repository }) => repository))) {
    if (name !== from.name) await copyManifest(registry, from.name, name, descriptor.digest, MAX_NESTING);
    for (const { repository, tag } of names) {
      if (repository === name) await registry.tag(name, tag, descriptor.digest);
    }
  }
  return descriptor;
}

async function copyManifest(
  registry: StoreRegistry,
  from: string,
  to: string,
  digest: string,
  nesting: number,
): Promise<void> {
  const { descriptor, bytes } = await registry.readManifest(from, digest);
  const { mediaType } = descriptor;
  const { blobs, manifests } = readManifestContents(bytes, mediaType);
  await registry.linkBlobs(
    to,
    blobs.map((blob) => blob.digest),
  );
  if (nesting > 0) {
    for (const child of manifests) await copyManifest(registry, from, to, child.digest, nesting - 1);
  }
  await registry.pushManifest(to, { bytes, mediaType, digest });
}

import { readManifestContents } from "../registry/manifest-contents.ts";
import { Repository, type StoredManifest } from "../registry/store/store-registry.ts";
import { eachAtOnce } from "../store/at-once.ts";
import type { ObjectStore } from "../store/object-store.ts";

/** Indexes that lead to one another. */
const MAX_NESTING = 3;

/**
 * Makes an image of one repository part of another, with all that it lists, and points tags at it. No contents move.
 *
 * @throws RegistryError
 */
export async function tagImage(
  store: ObjectStore,
  from: { name: string; reference: string },
  names: readonly { repository: string; tag: string }[],
): Promise<StoredManifest> {
  const source = new Repository(store, from.name);
  const descriptor = await source.resolve(from.reference);
  for (const name of new Set(names.map(({ repository }) => repository))) {
    const target = new Repository(store, name);
    if (name !== from.name) await copyManifest(source, target, descriptor, MAX_NESTING);
    for (const { repository, tag } of names) {
      if (repository === name) await target.tag(tag, descriptor.digest);
    }
  }
  return descriptor;
}

async function copyManifest(
  source: Repository,
  target: Repository,
  descriptor: StoredManifest,
  nesting: number,
): Promise<void> {
  const bytes = await source.manifest(descriptor);
  const { blobs, manifests } = readManifestContents(bytes, descriptor.mediaType);
  await eachAtOnce(new Set(blobs.map(({ digest }) => digest)), (digest) => target.linkBlob(digest));
  if (nesting > 0) {
    for (const { digest } of manifests)
      await copyManifest(source, target, await source.resolve(digest), nesting - 1);
  }
  await target.putManifest(bytes, descriptor.mediaType, descriptor.digest);
}

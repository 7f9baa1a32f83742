import { formatImageName } from "../engine/export.ts";
import { isDigest } from "../oci/digest.ts";
import { shortId } from "../progress/short-text.ts";
import { isAbsent, RegistryError } from "../registry/errors.ts";
import { readManifestContents } from "../registry/manifest-contents.ts";
import { StoreRegistry } from "../registry/store/store-registry.ts";
import {
  type DigestName,
  type DockerImage,
  dockerImages,
  shownDigest,
  type TagName,
} from "./docker-images.ts";
import type { DeletedImage } from "./documents.ts";
import { EngineError } from "./engine-error.ts";
import type { FindOptions, LocatedImage } from "./find-image.ts";

interface RemoveOptions extends FindOptions {
  force: boolean;
  /** Throws when the caller may not delete from a repository. Called for all repositories before the first removal. */
  requireDelete(repository: string): void;
}

/**
 * Removes an image like dockerd. Removes a tag, and with the last tag the image from its repository. Other repositories do
 * not change. An ID with several names needs `force`, which removes all of them.
 *
 * @throws {EngineError} 409
 * @throws {RegistryError}
 */
export async function removeImage(found: LocatedImage, options: RemoveOptions): Promise<DeletedImage[]> {
  return found.byId === undefined ? removeName(found, options) : removeId(found.byId, options);
}

async function removeId(image: DockerImage, options: RemoveOptions): Promise<DeletedImage[]> {
  const { id, tags, digests } = image;
  const repositories = new Set(digests.map(({ repository }) => repository));
  if (!options.force && (tags.length > 1 || repositories.size > 1)) {
    throw new EngineError(
      409,
      `conflict: unable to delete ${shortId(id)} (must be forced) - image is referenced in multiple repositories`,
    );
  }
  for (const repository of repositories) options.requireDelete(repository);
  const registry = new StoreRegistry(options.store);
  const removed = tags.map((tag): DeletedImage => ({ Untagged: formatImageName(tag) }));
  for (const { repository, tag } of tags) await registry.deleteTag(repository, tag);
  for (const digest of digests) removed.push(...(await deleteManifest(registry, digest)));
  return [...removed, { Deleted: id }];
}

async function removeName(
  { name, reference }: LocatedImage,
  options: RemoveOptions,
): Promise<DeletedImage[]> {
  options.requireDelete(name);
  const registry = new StoreRegistry(options.store);
  const { digest } = await registry.resolveManifest(name, reference);
  const image = (await dockerImages(options)).find(({ digests }) =>
    digests.some(isSame({ repository: name, digest })),
  );
  const others = image?.tags.filter((tag) => !(tag.repository === name && tag.tag === reference)) ?? [];
  const isHeld = others.some(isSame({ repository: name, digest }));
  const removed: DeletedImage[] = [];
  if (!isDigest(reference)) {
    await registry.deleteTag(name, reference);
    removed.push({ Untagged: formatImageName({ repository: name, tag: reference }) });
  } else if (isHeld) {
    // For dockerd the digest is another name, and the tag keeps the image.
    return [{ Untagged: shownDigest({ repository: name, digest }) }];
  }
  if (isHeld) return removed;
  removed.push(...(await deleteManifest(registry, { repository: name, digest })));
  const isElsewhere = image?.digests.some((one) => !isSame({ repository: name, digest })(one)) ?? true;
  return isElsewhere || image === undefined ? removed : [...removed, { Deleted: image.id }];
}

/** Removes a manifest that no index needs from its repository, with the manifests that only it refers to. */
async function deleteManifest(registry: StoreRegistry, name: DigestName): Promise<DeletedImage[]> {
  const tagged = new Set<string>();
  for await (const tag of registry.tags(name.repository)) {
    tagged.add((await registry.resolveManifest(name.repository, tag)).digest);
  }
  return (await deleteTree(registry, name, tagged)) ? [{ Untagged: shownDigest(name) }] : [];
}

/** Deletes a manifest, the manifests that it lists, and its referrers. False when another manifest needs it. */
async function deleteTree(
  registry: StoreRegistry,
  { repository, digest }: DigestName,
  tagged: ReadonlySet<string>,
): Promise<boolean> {
  const { descriptor, bytes } = await registry.readManifest(repository, digest);
  const followers = readManifestContents(bytes, descriptor.mediaType).manifests.map((child) => child.digest);
  for await (const referrer of registry.referrers(repository, digest)) followers.push(referrer.digest);
  try {
    await registry.deleteManifest(repository, digest);
  } catch (error) {
    if (error instanceof RegistryError && error.fault === "CONTENT_NEEDED") return false;
    throw error;
  }
  for (const follower of new Set(followers)) {
    if (tagged.has(follower)) continue;
    await deleteTree(registry, { repository, digest: follower }, tagged).catch((error: unknown) => {
      // Another caller may have deleted it meanwhile.
      if (!isAbsent(error)) throw error;
    });
  }
  return true;
}

function isSame({ repository, digest }: DigestName): (other: DigestName | TagName) => boolean {
  return (other) => other.repository === repository && other.digest === digest;
}

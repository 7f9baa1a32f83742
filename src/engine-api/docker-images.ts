import { type RepositoryImage, summarize } from "../images/summary.ts";
import { isIndexType } from "../oci/media-types.ts";
import { displayRepository } from "../registry/names.ts";
import { Catalog } from "../registry/store/catalog.ts";
import { listMarkers } from "../registry/store/markers.ts";
import type { CacheStore } from "../store/cache-store.ts";
import type { ObjectStore } from "../store/object-store.ts";

/** A tag of a repository, and the manifest or index that it points at. */
export interface TagName {
  repository: string;
  tag: string;
  digest: string;
}

/** A manifest or index of a repository. */
export interface DigestName {
  repository: string;
  digest: string;
}

/** An image in docker's sense: one ID with all its names in all repositories that the caller may pull from. */
export interface DockerImage {
  /** Digest of the config. */
  id: string;
  /** RFC 3339. */
  created?: string;
  labels?: Record<string, string>;
  tags: TagName[];
  /** Manifests with a tag, and those that no tag, index or other manifest refers to. */
  digests: DigestName[];
}

export interface DockerImagesOptions {
  store: ObjectStore;
  cache: CacheStore;
  canPull(name: string): boolean;
}

/** Limit for the entries of all repositories. */
const MAX_ENTRIES = 100_000;

/**
 * All images by ID, without artifacts such as signatures.
 * @param names only of these repositories
 */
export async function dockerImages(
  { store, cache, canPull }: DockerImagesOptions,
  names: Iterable<string> | AsyncIterable<string> = new Catalog(store).names(),
): Promise<DockerImage[]> {
  const entries: (RepositoryImage & { tag?: string })[] = [];
  for await (const name of names) {
    if (canPull(name)) entries.push(...(await topLevel(store, cache, name)));
    if (entries.length > MAX_ENTRIES) break;
  }
  const summaries = await summarize(store, cache, entries);
  const images = new Map<string, DockerImage>();
  for (const { name: repository, digest, tag } of entries) {
    const { imageId, created, labels } = summaries.get(digest) ?? {};
    if (imageId === undefined) continue;
    const image: DockerImage = images.get(imageId) ?? {
      id: imageId,
      ...(created !== undefined && { created }),
      ...(labels !== undefined && { labels }),
      tags: [],
      digests: [],
    };
    images.set(imageId, image);
    if (tag !== undefined) image.tags.push({ repository, tag, digest });
    const isKnown = image.digests.some((one) => one.repository === repository && one.digest === digest);
    if (!isKnown) image.digests.push({ repository, digest });
  }
  return [...images.values()].map(withoutLeftovers);
}

/** Removes untagged digests from an image that has tags in other repositories: docker would not list them. */
function withoutLeftovers(image: DockerImage): DockerImage {
  const tagged = new Set(image.tags.map(({ repository }) => repository));
  if (tagged.size === 0) return image;
  return { ...image, digests: image.digests.filter(({ repository }) => tagged.has(repository)) };
}

/** Tags of a repository, and manifests to which no tag, index or other manifest of the repository refers. */
async function topLevel(
  store: ObjectStore,
  cache: CacheStore,
  name: string,
): Promise<(RepositoryImage & { tag?: string })[]> {
  const entries: (RepositoryImage & { tag?: string })[] = [];
  const referenced = new Set<string>();
  for await (const { item: tag, digest, mediaType } of listMarkers(store, name, "_tags")) {
    entries.push({ name, tag, digest, mediaType });
    referenced.add(digest);
  }
  const untagged: RepositoryImage[] = [];
  const indexes: RepositoryImage[] = [];
  for await (const { digest, mediaType, subject } of listMarkers(store, name, "_manifests")) {
    if (isIndexType(mediaType)) indexes.push({ name, digest, mediaType });
    if (subject === undefined) untagged.push({ name, digest, mediaType });
  }
  for (const { children = [] } of (await summarize(store, cache, indexes)).values()) {
    for (const child of children) referenced.add(child);
  }
  return [...entries, ...untagged.filter(({ digest }) => !referenced.has(digest))];
}

/** In docker's form: `team/app@sha256:…`. */
export function shownDigest({ repository, digest }: DigestName): string {
  return `${displayRepository(repository)}@${digest}`;
}

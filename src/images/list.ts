import type { ImageList, ImageSummary } from "../../schemas/images.ts";
import { Catalog } from "../registry/store/catalog.ts";
import { listMarkers } from "../registry/store/markers.ts";
import type { CacheStore } from "../store/cache-store.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { type RepositoryImage, type Summary, summarize } from "./summary.ts";

interface ListOptions {
  /** Only images of this repository. */
  name?: string | undefined;
  /** Include manifests without a tag. */
  untagged?: boolean;
  /** Most images in one response. */
  n: number;
  /** The `next` of the previous page: `name:tag`, or `name@digest`. */
  last?: string | undefined;
  /** Whether the caller may see a repository. */
  isVisible?: (name: string) => boolean | Promise<boolean>;
}

interface Found extends RepositoryImage {
  tag?: string;
}

/** Lists images by name and tag, one page at a time. */
export async function listImages(
  store: ObjectStore,
  cache: CacheStore,
  options: ListOptions,
): Promise<ImageList> {
  const found: Found[] = [];
  let isMore = false;
  for await (const image of imagesAfter(store, options)) {
    isMore = found.length === options.n;
    if (isMore) break;
    found.push(image);
  }
  const summaries = await summarize(store, cache, found);
  const images = found.map(({ name, tag, digest, mediaType }): ImageSummary => {
    const unknown: Summary = { digest, mediaType, size: 0, platforms: [] };
    const { children: _, ...summary } = summaries.get(digest) ?? unknown;
    return { name, ...(tag !== undefined && { tag }), ...summary };
  });
  const last = found.at(-1);
  return { images, ...(isMore && last && { next: cursorOf(last) }) };
}

async function* imagesAfter(store: ObjectStore, { name, untagged, last, isVisible }: ListOptions) {
  const cursor = readCursor(last);
  for await (const repository of namesFrom(store, name, cursor?.name)) {
    if (isVisible !== undefined && !(await isVisible(repository))) continue;
    const after = cursor?.name === repository ? cursor : undefined;
    yield* listRepository(store, repository, after, untagged ?? false);
  }
}

async function* namesFrom(store: ObjectStore, only: string | undefined, first: string | undefined) {
  if (only !== undefined) {
    yield only;
    return;
  }
  if (first !== undefined) yield first;
  yield* new Catalog(store).names(first);
}

async function* listRepository(
  store: ObjectStore,
  name: string,
  after: Cursor | undefined,
  untagged: boolean,
): AsyncGenerator<Found> {
  if (after?.digest === undefined) {
    for await (const { item, digest, mediaType } of listMarkers(store, name, "_tags", after?.tag)) {
      yield { name, tag: item, digest, mediaType };
    }
  }
  if (!untagged) return;
  const tagged = new Set<string>();
  for await (const { digest } of listMarkers(store, name, "_tags")) tagged.add(digest);
  for await (const { digest, mediaType } of listMarkers(store, name, "_manifests", after?.digest)) {
    if (!tagged.has(digest)) yield { name, digest, mediaType };
  }
}

interface Cursor {
  name: string;
  tag?: string;
  digest?: string;
}

function cursorOf({ name, tag, digest }: Found): string {
  return tag === undefined ? `${name}@${digest}` : `${name}:${tag}`;
}

function readCursor(last = ""): Cursor | undefined {
  // The host may have a port.
  const at = last.includes("@") ? last.indexOf("@") : last.lastIndexOf(":");
  const [name, item] = [last.slice(0, Math.max(at, 0)), last.slice(at + 1)];
  if (name === "" || item === "") return undefined;
  return { name, [last[at] === "@" ? "digest" : "tag"]: item };
}

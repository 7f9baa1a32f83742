import { contentOfMarker, putMarkerObject } from "../../store/back-references.ts";
import type { ObjectInfo, ObjectStore } from "../../store/object-store.ts";

/**
 * A marker records that a repository has certain content, or where a tag points: an empty object whose metadata avoids
 * a second read. Contents are stored once for all repositories, by digest.
 */
export interface Marker {
  /** The tag, or the digest. */
  item: string;
  digest: string;
  /** Empty for a blob. */
  mediaType: string;
  size: number;
  /** Digest of the manifest's subject. */
  subject?: string;
}

export type MarkerFolder = "_manifests" | "_tags" | "_blobs";

/** Older markers are rewritten on use, because the collector decides by age. */
const FRESH_MS = 60 * 60 * 1000;

/**
 * The key of a marker. Folders begin with an underscore, which no part of a repository's name can, so the tags of `a`
 * cannot collide with a repository `a/tags`.
 */
export function markerKey(name: string, folder: MarkerFolder, item: string): string {
  return `repos/${name}/${folder}/${item}`;
}

/** The repository that a marker belongs to; undefined for keys of other objects. */
export function repositoryOfMarker(key: string): string | undefined {
  return /^repos\/(.+)\/_(?:manifests|tags|blobs)\//.exec(key)?.[1];
}

export function readMarker({ metadata }: ObjectInfo): Omit<Marker, "item"> {
  const { digest = "", mediaType = "", size, subject } = metadata;
  return { digest, mediaType, size: Number(size), ...(subject !== undefined && { subject }) };
}

/** Markers of a repository in byte order, starting after an item. */
export async function* listMarkers(
  store: ObjectStore,
  name: string,
  folder: MarkerFolder,
  after = "",
): AsyncGenerator<Marker, void, undefined> {
  const prefix = markerKey(name, folder, "");
  for await (const object of store.list(prefix, after === "" ? undefined : prefix + after)) {
    yield { item: object.key.slice(prefix.length), ...readMarker(object) };
  }
}

/**
 * Writes a marker, unless it was written recently. @returns whether it was written
 * @param isForced write it in any case, because it may have been deleted in the meantime
 */
export async function putMarker(
  store: ObjectStore,
  name: string,
  folder: MarkerFolder,
  { item, digest, mediaType, size, subject }: Marker,
  isForced = false,
): Promise<boolean> {
  const metadata = { digest, mediaType, size: String(size), ...(subject !== undefined && { subject }) };
  const key = markerKey(name, folder, item);
  const known = isForced ? undefined : await store.head(key);
  // R2 accepts one write per second and key, and CI starts equal builds at the same time.
  if (known?.metadata.digest === digest && Date.now() - known.uploaded < FRESH_MS) return false;
  if (contentOfMarker(key) === undefined) await store.put(key, new Uint8Array(), 0, { metadata });
  else await putMarkerObject(store, key, new Uint8Array(), 0, { metadata });
  return true;
}

import { manifestKey } from "../oci/content-key.ts";
import { RegistryError } from "../registry/errors.ts";
import { readManifestContents } from "../registry/manifest-contents.ts";
import { Catalog } from "../registry/store/catalog.ts";
import { type MarkerFolder, markerKey, readMarker } from "../registry/store/markers.ts";
import { ABANDONED_MS, findOpenUploads } from "../registry/store/open-uploads.ts";
import { Referrers } from "../registry/store/referrers.ts";
import { whileUnlinking } from "../registry/store/unlinking.ts";
import type { ObjectInfo, ObjectStore } from "../store/object-store.ts";

/** What to remove from a repository. Times are milliseconds since 1970. */
export interface UnlinkRules {
  /** Keep everything written after this time. */
  grace: number;
  /** Remove tags that were set before this time, except those that `keep` keeps. */
  until?: number;
  /** Number of most recently set tags to keep. */
  keep?: number;
  /** Remove unreferenced manifests that were pushed before this time. */
  untagged?: number;
}

/** What was removed from a repository. */
export interface Unlinked {
  tags: string[];
  /** Digests. */
  manifests: string[];
  /** Keys of their markers, and of markers of blobs that no manifest of the repository lists. */
  markers: string[];
}

/** A manifest of a repository and what it lists. */
interface ListedManifest {
  digest: string;
  uploaded: number;
  subject: string | undefined;
  blobs: readonly string[];
  manifests: readonly string[];
}

/**
 * Removes tags, manifests and unlisted blobs from a repository, by the rules. Does not delete contents, and keeps
 * everything that a running push may need.
 * @param apply false to only report what would be removed
 */
export async function unlinkRepository(
  store: ObjectStore,
  name: string,
  rules: UnlinkRules,
  apply: boolean,
): Promise<Unlinked> {
  if (!apply) return (await findUnlinked(store, name, rules)).unlinked;
  return whileUnlinking(store, name, async (removing) => {
    const { unlinked, subjects } = await findUnlinked(store, name, rules);
    if (unlinked.markers.length > 0) await removing();
    const referrers = new Referrers(store);
    for (const { subject, digest } of subjects) await referrers.remove(name, subject, digest);
    await store.delete(...unlinked.markers);
    if (await isEmpty(store, name)) await new Catalog(store).remove(name);
    return unlinked;
  });
}

async function findUnlinked(store: ObjectStore, name: string, rules: UnlinkRules) {
  const { repositories } = await findOpenUploads(store);
  const tags = await readMarkers(store, name, "_tags");
  const goneTags = tagsToGo(tags, rules);
  const roots = tags.filter((tag) => !goneTags.has(tag)).map((tag) => readMarker(tag).digest);
  const manifests = await readManifests(store, name);
  const live = rules.untagged === undefined ? new Set(manifests.keys()) : reachable(manifests, roots);
  const listedBlobs = new Set([...manifests.values()].flatMap(({ blobs }) => blobs));
  const markedBlobs = await readMarkers(store, name, "_blobs");
  const isYoung = ({ key, uploaded }: ObjectInfo) => uploaded >= rules.grace && !listedBlobs.has(itemOf(key));
  // Blobs arrive before the manifest that lists them, and manifests before their index.
  const isPushing = repositories.has(name) || markedBlobs.some(isYoung);
  const grace = isPushing ? Math.min(rules.grace, Date.now() - ABANDONED_MS) : rules.grace;
  const before = Math.min(rules.untagged ?? 0, grace);
  const gone = [...manifests.values()].filter(
    ({ digest, uploaded }) => !live.has(digest) && uploaded < before,
  );
  const goneDigests = new Set(gone.map(({ digest }) => digest));
  const blobs = new Set<string>();
  for (const manifest of manifests.values()) {
    if (!goneDigests.has(manifest.digest)) for (const blob of manifest.blobs) blobs.add(blob);
  }
  const markers = [...goneTags].map(({ key }) => key);
  for (const { digest } of gone) markers.push(markerKey(name, "_manifests", digest));
  for (const { key, uploaded } of markedBlobs) {
    if (uploaded < grace && !blobs.has(itemOf(key))) markers.push(key);
  }
  const unlinked: Unlinked = {
    tags: [...goneTags].map(({ key }) => itemOf(key)),
    manifests: [...goneDigests],
    markers,
  };
  const subjects = gone.flatMap(({ digest, subject }) => (subject === undefined ? [] : { digest, subject }));
  return { unlinked, subjects };
}

function tagsToGo(tags: readonly ObjectInfo[], { keep, until, grace }: UnlinkRules): Set<ObjectInfo> {
  if (keep === undefined && until === undefined) return new Set();
  const newest = [...tags].sort((a, b) => b.uploaded - a.uploaded);
  const before = Math.min(until ?? Number.POSITIVE_INFINITY, grace);
  return new Set(newest.slice(keep ?? 0).filter(({ uploaded }) => uploaded < before));
}

/** Manifests reachable from tags: through indexes, and from a subject to its referrers. */
function reachable(manifests: ReadonlyMap<string, ListedManifest>, roots: readonly string[]): Set<string> {
  const about = new Map<string, string[]>();
  for (const { digest, subject } of manifests.values()) {
    if (subject !== undefined) about.set(subject, [...(about.get(subject) ?? []), digest]);
  }
  const live = new Set<string>();
  const pending = [...roots];
  for (let digest = pending.pop(); digest !== undefined; digest = pending.pop()) {
    if (live.has(digest)) continue;
    live.add(digest);
    pending.push(...(manifests.get(digest)?.manifests ?? []), ...(about.get(digest) ?? []));
  }
  return live;
}

async function readManifests(store: ObjectStore, name: string): Promise<Map<string, ListedManifest>> {
  const manifests = new Map<string, ListedManifest>();
  for (const marker of await readMarkers(store, name, "_manifests")) {
    const { digest, mediaType, subject } = readMarker(marker);
    const bytes = await store.getBytes(manifestKey(digest));
    const contents = bytes === undefined ? undefined : readContents(bytes, mediaType);
    manifests.set(digest, {
      digest,
      uploaded: marker.uploaded,
      subject,
      blobs: contents?.blobs.map((blob) => blob.digest) ?? [],
      manifests: contents?.manifests.map((manifest) => manifest.digest) ?? [],
    });
  }
  return manifests;
}

/** Pushed manifests are readable, unless the store has damaged them; a damaged one refers to nothing. */
function readContents(bytes: Uint8Array, mediaType: string) {
  try {
    return readManifestContents(bytes, mediaType);
  } catch (error) {
    if (error instanceof RegistryError) return undefined;
    throw error;
  }
}

async function isEmpty(store: ObjectStore, name: string): Promise<boolean> {
  for (const folder of ["_tags", "_manifests", "_blobs"] as const) {
    for await (const _ of store.list(markerKey(name, folder, ""))) return false;
  }
  return true;
}

async function readMarkers(store: ObjectStore, name: string, folder: MarkerFolder): Promise<ObjectInfo[]> {
  const objects: ObjectInfo[] = [];
  for await (const object of store.list(markerKey(name, folder, ""))) objects.push(object);
  return objects;
}

function itemOf(key: string): string {
  return key.slice(key.lastIndexOf("/") + 1);
}

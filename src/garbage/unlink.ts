import { displayRepository } from "../registry/names.ts";
import { Catalog } from "../registry/store/catalog.ts";
import { type MarkerFolder, markerKey, readMarker } from "../registry/store/markers.ts";
import { ABANDONED_MS, findOpenUploads } from "../registry/store/open-uploads.ts";
import { Referrers } from "../registry/store/referrers.ts";
import { withRemovalLock } from "../registry/store/removal-lock.ts";
import { deleteMarkers } from "../store/back-references.ts";
import { forEachConcurrently } from "../store/for-each-concurrently.ts";
import type { ObjectInfo, ObjectStore } from "../store/object-store.ts";
import { readChildren } from "./pins.ts";
import {
  addPage,
  hasSameMarkers,
  markersFingerprint,
  NO_MARKERS,
  type RepositoryCounts,
  recordCounts,
  rulesFor,
} from "./repository-counts.ts";
import { nextCursor, type PruneRun, type UnlinkRules } from "./run.ts";

const FOLDERS = ["_tags", "_manifests", "_blobs"] as const;
/** Manifests whose contents one step reads. */
const MAX_READ = 500;
/** Blobs of a repository that are listed again before a removal. */
const MAX_READ_AGAIN = 20_000;
/** Markers deleted in one request. */
const MARKERS_PER_DELETE = 500;

/** The position of a run in a repository: its markers are first compared with those of the last run, then read. */
interface UnlinkPosition {
  /** The repository before this one. */
  after: string;
  name?: string;
  isReading?: boolean;
  /** Index in `FOLDERS`, and the key of the last marker. */
  folder?: number;
  key?: string;
  counts?: RepositoryCounts;
}

/**
 * Removes tags, manifests and unlisted blobs from repositories, by the rules; one page of markers per call. Only lists a
 * repository whose markers have not changed since the last run, if that run left nothing to remove. Does not delete contents,
 * and keeps everything that a running push may need.
 * @returns the cursor of the next call
 */
export async function unlinkRepositories(run: PruneRun, cursor: string): Promise<string | undefined> {
  const place: UnlinkPosition = cursor === "" ? { after: "" } : (JSON.parse(cursor) as UnlinkPosition);
  const name = place.name ?? (await nextName(run.store, place.after));
  if (name === undefined) {
    run.tables.sql.exec("DELETE FROM repositories WHERE run <> ?", run.id);
    return undefined;
  }
  const { isReading = false, folder = 0, key = "", counts = NO_MARKERS } = place;
  const marker = FOLDERS[folder];
  if (marker !== undefined) {
    const page = await run.page(markerKey(name, marker, ""), key);
    if (isReading && !(await readPage(run, marker, page))) return JSON.stringify({ ...place, name });
    const next = nextCursor(page);
    return JSON.stringify({
      after: place.after,
      name,
      isReading,
      folder: next === undefined ? folder + 1 : folder,
      ...(next !== undefined && { key: next }),
      counts: isReading ? counts : addPage(counts, marker, page),
    } satisfies UnlinkPosition);
  }
  if (!isReading) {
    if (hasSameMarkers(run, name, counts)) {
      recordCounts(run, name, counts, markersFingerprint(counts));
      return JSON.stringify({ after: name } satisfies UnlinkPosition);
    }
    forgetMarkers(run);
    return JSON.stringify({ after: place.after, name, isReading: true, counts } satisfies UnlinkPosition);
  }
  await unlink(run, name, counts);
  return JSON.stringify({ after: name } satisfies UnlinkPosition);
}

async function nextName(store: ObjectStore, after: string): Promise<string | undefined> {
  for await (const name of new Catalog(store).names(after)) return name;
  return undefined;
}

function forgetMarkers({ tables }: PruneRun): void {
  for (const table of ["tags_here", "manifests_here", "blobs_here"]) tables.sql.exec(`DELETE FROM ${table}`);
}

/** Reads a page of markers to the tables. @returns false when more manifests have to be read first */
async function readPage(
  { store, tables }: PruneRun,
  folder: MarkerFolder,
  page: readonly ObjectInfo[],
): Promise<boolean> {
  if (folder === "_manifests") {
    const unknown = tables.unknownManifests(page.map((object) => readMarker(object).digest));
    const missing = page.filter((object) => unknown.has(readMarker(object).digest));
    await forEachConcurrently(missing.slice(0, MAX_READ), async (object) => {
      const { digest, mediaType } = readMarker(object);
      const { blobs, manifests } = await readChildren(store, digest, mediaType);
      tables.recordChildren(digest, [...blobs, ...manifests]);
    });
    if (missing.length > MAX_READ) return false;
  }
  const rows = page.map((object) => ({
    item: itemOf(object.key),
    uploaded: object.uploaded,
    ...readMarker(object),
  }));
  const insert = {
    _tags: `INSERT OR REPLACE INTO tags_here
      SELECT value ->> 'item', value ->> 'digest', value ->> 'uploaded', 0 FROM json_each(?)`,
    _manifests: `INSERT OR REPLACE INTO manifests_here
      SELECT value ->> 'item', value ->> 'subject', value ->> 'uploaded', 0 FROM json_each(?)`,
    _blobs: `INSERT OR REPLACE INTO blobs_here
      SELECT value ->> 'item', value ->> 'uploaded' FROM json_each(?)`,
  };
  tables.sql.exec(insert[folder], JSON.stringify(rows));
  return true;
}

/** The tags, manifests and blobs to remove from a repository. */
interface Removals {
  tags: string[];
  manifests: { digest: string; subject: string | null }[];
  blobs: string[];
  /** Number of unlisted blobs and dangling tags that are kept for now. */
  waiting: number;
}

async function unlink(run: PruneRun, name: string, counts: RepositoryCounts): Promise<void> {
  const { store, rules, tables } = run;
  let found = await findRemovals(run, name);
  const markersOf = ({ tags, manifests, blobs }: Removals) => [
    ...tags.map((tag) => markerKey(name, "_tags", tag)),
    ...manifests.map(({ digest }) => markerKey(name, "_manifests", digest)),
    ...blobs.map((digest) => markerKey(name, "_blobs", digest)),
  ];
  if (rules.dryRun) tables.markGone(markersOf(found));
  else if (markersOf(found).length > 0) {
    await withRemovalLock(store, name, async (removing) => {
      found = await findRemovalsAgain(run, name, counts);
      const markers = markersOf(found);
      if (markers.length === 0) return;
      await removing();
      const referrers = new Referrers(store);
      for (const { subject, digest } of found.manifests)
        if (subject !== null) await referrers.remove(name, subject, digest);
      for (let at = 0; at < markers.length; at += MARKERS_PER_DELETE)
        await deleteMarkers(store, ...markers.slice(at, at + MARKERS_PER_DELETE));
    });
  }
  const left = counts.tags + counts.manifests + counts.blobs - markersOf(found).length;
  if (left <= 0 && !rules.dryRun) await removeEmpty(store, name);
  for (const tag of found.tags) run.noteTag(`${displayRepository(name)}:${tag}`);
  for (const { digest } of found.manifests) run.noteManifest(`${displayRepository(name)}@${digest}`);
  if (markersOf(found).length > 0) run.removed.add("markers", 0, markersOf(found).length);
  const { tags, manifests, blobs } = found;
  // All markers except tags have a back-reference.
  if (!rules.dryRun) run.listed.add("markers", 0, -(tags.length + 2 * (manifests.length + blobs.length)));
  const isSettled = found.waiting === 0 && markersOf(found).length === 0;
  const now = rules.dryRun ? counts : await countsLeft(run, name, counts, found);
  recordCounts(run, name, now, isSettled ? markersFingerprint(counts) : "");
}

/**
 * Reads a repository again while pushes wait, because it may have changed since. Of the blobs of a large one, only those that
 * would be removed are read again.
 */
async function findRemovalsAgain(run: PruneRun, name: string, counts: RepositoryCounts): Promise<Removals> {
  const { store, tables } = run;
  const isLarge = counts.blobs > MAX_READ_AGAIN;
  if (isLarge) {
    const { blobs } = await findRemovals(run, name);
    await forEachConcurrently(blobs, async (digest) => {
      const marker = await store.head(markerKey(name, "_blobs", digest));
      if (marker === undefined) tables.sql.exec("DELETE FROM blobs_here WHERE digest = ?", digest);
      else await readPage(run, "_blobs", [marker]);
    });
  }
  for (const table of ["tags_here", "manifests_here"]) tables.sql.exec(`DELETE FROM ${table}`);
  if (!isLarge) tables.sql.exec("DELETE FROM blobs_here");
  for (const folder of isLarge ? (["_tags", "_manifests"] as const) : FOLDERS) {
    for (let after: string | undefined = ""; after !== undefined; ) {
      const page = await run.page(markerKey(name, folder, ""), after);
      while (!(await readPage(run, folder, page)));
      after = nextCursor(page);
    }
  }
  return findRemovals(run, name);
}

async function findRemovals(run: PruneRun, name: string): Promise<Removals> {
  const { store, tables } = run;
  const rules = rulesFor(run, name);
  const tags = [...markTags(run, rules), ...markDangling(run, rules)].sort();
  const dangling = "gone = 0 AND digest NOT IN (SELECT digest FROM manifests_here)";
  const young = tables.rows(`SELECT 1 FROM tags_here WHERE ${dangling}`).length;
  const { repositories } = await findOpenUploads(store);
  const unlisted = `NOT EXISTS (SELECT 1 FROM edges JOIN manifests_here m ON m.digest = edges.manifest
    WHERE edges.child = b.digest AND m.gone = 0)`;
  // Blobs arrive before the manifest that lists them, and manifests before their index.
  const isPushing =
    repositories.has(name) ||
    tables.rows(`SELECT 1 FROM blobs_here b WHERE b.uploaded >= ? AND ${unlisted} LIMIT 1`, rules.grace)
      .length > 0;
  const grace = isPushing ? Math.min(rules.grace, Date.now() - ABANDONED_MS) : rules.grace;
  const manifests = rules.untagged === undefined ? [] : markManifests(run, Math.min(rules.untagged, grace));
  const blobs = tables.rows<{ digest: string; old: number }>(
    `SELECT b.digest, b.uploaded < ? AS old FROM blobs_here b WHERE ${unlisted} ORDER BY b.digest`,
    grace,
  );
  const old = blobs.filter((blob) => blob.old === 1).map(({ digest }) => digest);
  return { tags, manifests, blobs: old, waiting: blobs.length - old.length + young };
}

/** Marks and returns the tags that the rules remove. */
function markTags({ tables }: PruneRun, { keep, until, grace }: UnlinkRules): string[] {
  if (keep === undefined && until === undefined) return [];
  const before = Math.min(until ?? Number.MAX_SAFE_INTEGER, grace);
  const rows = tables.rows<{ tag: string }>(
    `UPDATE tags_here SET gone = 1 WHERE uploaded < ? AND tag NOT IN
      (SELECT tag FROM tags_here ORDER BY uploaded DESC, tag LIMIT ?) RETURNING tag`,
    before,
    keep ?? 0,
  );
  return rows.map(({ tag }) => tag);
}

/** Marks and returns tags of missing manifests, which remain when the deletion of a manifest is interrupted. */
function markDangling({ tables }: PruneRun, { grace }: UnlinkRules): string[] {
  const rows = tables.rows<{ tag: string }>(
    `UPDATE tags_here SET gone = 1
      WHERE gone = 0 AND uploaded < ? AND digest NOT IN (SELECT digest FROM manifests_here) RETURNING tag`,
    grace,
  );
  return rows.map(({ tag }) => tag);
}

/** Marks and returns manifests that no tag reaches through indexes, or through subjects and their referrers. */
function markManifests({ tables }: PruneRun, before: number): Removals["manifests"] {
  const rows = tables.rows<{ digest: string; subject: string | null }>(
    `WITH RECURSIVE live (digest) AS (
      SELECT digest FROM tags_here WHERE gone = 0
      UNION SELECT m.digest FROM live JOIN edges ON edges.manifest = live.digest
        JOIN manifests_here m ON m.digest = edges.child
      UNION SELECT m.digest FROM live JOIN manifests_here m ON m.subject = live.digest)
    UPDATE manifests_here SET gone = 1 WHERE uploaded < ? AND digest NOT IN (SELECT digest FROM live)
    RETURNING digest, subject`,
    before,
  );
  return rows.sort((a, b) => (a.digest < b.digest ? -1 : 1));
}

/** The counts of a repository after a removal. */
async function countsLeft(
  { store }: PruneRun,
  name: string,
  counts: RepositoryCounts,
  { tags, manifests, blobs }: Removals,
): Promise<RepositoryCounts> {
  const removed = tags.length + manifests.length + blobs.length;
  if (removed === 0) return counts;
  let bytes = 0;
  for (const folder of ["_manifests", "_blobs"] as const) {
    for await (const object of store.list(markerKey(name, folder, ""))) bytes += readMarker(object).size;
  }
  return {
    ...counts,
    tags: counts.tags - tags.length,
    manifests: counts.manifests - manifests.length,
    blobs: counts.blobs - blobs.length,
    bytes,
  };
}

/** Removes an empty repository from the catalog. */
async function removeEmpty(store: ObjectStore, name: string): Promise<void> {
  const catalog = new Catalog(store);
  await withRemovalLock(store, name, async () => {
    if (!(await isEmpty(store, name))) return;
    await catalog.remove(name);
    // A push may have found the name in the catalog just before.
    if (!(await isEmpty(store, name))) await catalog.add(name);
  });
}

async function isEmpty(store: ObjectStore, name: string): Promise<boolean> {
  for (const folder of FOLDERS) {
    for await (const _ of store.list(markerKey(name, folder, ""))) return false;
  }
  return true;
}

function itemOf(key: string): string {
  return key.slice(key.lastIndexOf("/") + 1);
}

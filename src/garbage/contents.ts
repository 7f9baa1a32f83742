import { readContextPacks } from "../context/store.ts";
import { tocKey } from "../layers/toc.ts";
import { findOpenUploads } from "../registry/store/open-uploads.ts";
import { contentOfMarker, listReferences, parseBackReference, REFERENCES } from "../store/back-references.ts";
import { forEachConcurrently } from "../store/for-each-concurrently.ts";
import type { ObjectInfo, ObjectStore } from "../store/object-store.ts";
import { Tombstones } from "../store/tombstones.ts";
import { pinnedKeys } from "./pins.ts";
import { nextCursor, type PruneRun } from "./run.ts";

/** The character after the slash: sorts after all keys that continue a key with a slash. */
const AFTER_SLASH = "0";
/** Back-references of one content that are read before the list continues behind them. */
const MAX_REFERENCES = 1000;

/**
 * Deletes a page of unreferenced contents. Contents and back-references are in the same order, so two lists that advance
 * together find the unreferenced ones. Each of those gets a tombstone, and then its references are read again: see
 * `Tombstones`.
 * @returns the cursor of the next page
 */
export async function sweepContents(
  run: PruneRun,
  prefix: "blobs/" | "manifests/" | "contexts/" | "packs/",
  after: string,
): Promise<string | undefined> {
  const page = await run.page(prefix, after);
  run.count(page);
  const next = nextCursor(page);
  if (page.length === 0 || run.isMixed) return next;
  const { since } = await findOpenUploads(run.store);
  const before = Math.min(since, run.rules.grace, prefix === "blobs/" ? run.rules.unused : since);
  const old = page.filter(({ uploaded }) => uploaded < before);
  if (old.length === 0) return next;
  const referenced = await referencedIn(run, old);
  const candidates: ObjectInfo[] = [];
  await forEachConcurrently(old, async (object) => {
    if (referenced.has(object.key) || isUsedPack(run, object.key)) return;
    if (prefix === "blobs/" && (await isUsedLayer(run, object.key))) return;
    candidates.push(object);
  });
  candidates.sort((a, b) => (a.key < b.key ? -1 : 1));
  if (candidates.length > 0) await removeCandidates(run, candidates, before);
  return next;
}

/** @param before time in milliseconds; contents that were stored again since then are kept */
async function removeCandidates(
  run: PruneRun,
  candidates: readonly ObjectInfo[],
  before: number,
): Promise<void> {
  const { store, tables } = run;
  const { dryRun } = run.rules;
  const tombstones = new Tombstones(store);
  const keys = candidates.map(({ key }) => key);
  try {
    if (!dryRun) await forEachConcurrently(keys, (key) => tombstones.add(key));
    const held = await pinnedKeys(store, await run.world.held());
    if (keys.some((key) => key.startsWith("packs/"))) await readContexts(run);
    const unused = new Set<string>();
    await forEachConcurrently(keys, async (key) => {
      if (held.has(key) || isUsedPack(run, key) || (await isReferenced(run, key))) return;
      if (key.startsWith("packs/") && !(await isOlder(store, key, before))) return;
      unused.add(key);
    });
    await run.remove(candidates.filter(({ key }) => unused.has(key)));
    if (dryRun) return;
    for (const key of unused) {
      if (key.startsWith("manifests/"))
        tables.forgetManifest(key.slice("manifests/".length).replace("/", ":"));
      if (key.startsWith("contexts/")) tables.forgetContext(key);
    }
  } finally {
    if (!dryRun) await tombstones.remove(...keys);
  }
}

/**
 * Deletes markers and other objects that were not used since a time. A marker gets a tombstone and is read again, because a
 * request may have stored it again in the meantime: see `ContextScope`.
 * @param before gives the time for a key, in milliseconds
 */
export async function removeUnused(
  run: PruneRun,
  objects: readonly ObjectInfo[],
  before: (key: string) => number,
): Promise<void> {
  const { store, rules } = run;
  const tombstones = new Tombstones(store);
  const markers = rules.dryRun ? [] : objects.map(({ key }) => key).filter((key) => contentOfMarker(key));
  const used = new Set<string>();
  try {
    await forEachConcurrently(markers, async (key) => {
      await tombstones.add(key);
      if (!(await isOlder(store, key, before(key)))) used.add(key);
    });
    await run.remove(objects.filter(({ key }) => !used.has(key)));
  } finally {
    await tombstones.remove(...markers);
  }
}

/** Keys of the contents that have a reference. @param contents in the order of their keys */
async function referencedIn(run: PruneRun, contents: readonly ObjectInfo[]): Promise<Set<string>> {
  const referenced = new Set<string>();
  const first = contents[0]?.key ?? "";
  const last = contents.at(-1)?.key ?? "";
  const end = `${REFERENCES}${last}/`;
  const folder = `${REFERENCES}${first.slice(0, first.indexOf("/"))}/`;
  for (let after: string | undefined = `${REFERENCES}${first}`; after !== undefined; ) {
    const from: string = after;
    after = undefined;
    let content = "";
    let count = 0;
    for await (const { key } of run.store.list(folder, from)) {
      if (key > end && !key.startsWith(end)) break;
      const reference = parseBackReference(key);
      if (reference === undefined) continue;
      count = reference.content === content ? count + 1 : 1;
      content = reference.content;
      if (!referenced.has(content) && isKept(run, reference.marker)) referenced.add(content);
      if (count < MAX_REFERENCES || !referenced.has(content)) continue;
      after = `${REFERENCES}${content}${AFTER_SLASH}`;
      break;
    }
  }
  return referenced;
}

async function isReferenced(run: PruneRun, content: string): Promise<boolean> {
  for await (const { key } of listReferences(run.store, content)) {
    const reference = parseBackReference(key);
    if (reference !== undefined && isKept(run, reference.marker)) return true;
  }
  return false;
}

async function isOlder(store: ObjectStore, key: string, time: number): Promise<boolean> {
  const object = await store.head(key);
  return object !== undefined && object.uploaded < time;
}

function isKept(run: PruneRun, marker: string): boolean {
  return !run.rules.dryRun || !run.tables.isGone(marker);
}

function isUsedPack({ tables }: PruneRun, key: string): boolean {
  return key.startsWith("packs/") && tables.isPackUsed(key.slice("packs/".length));
}

/** Whether a build has used a layer of the build cache recently: it rewrites the table of contents. */
async function isUsedLayer({ store, rules }: PruneRun, key: string): Promise<boolean> {
  const toc = await store.head(tocKey(`sha256:${key.slice(key.lastIndexOf("/") + 1)}`));
  return toc !== undefined && toc.uploaded >= rules.unused;
}

/**
 * Records the packs of stored contexts and listings. Reads only those that have changed. Listings come first, because a
 * writer stores a context before it deletes its listing.
 */
async function readContexts(run: PruneRun): Promise<void> {
  for (const prefix of ["scopes/", "contexts/"]) {
    for (let cursor: string | undefined = ""; cursor !== undefined; ) {
      cursor = await readContextPage(run, prefix, cursor);
    }
  }
}

/** Reads one page of contexts. @returns the cursor of the next page */
export async function readContextPage(
  run: PruneRun,
  prefix: string,
  after: string,
): Promise<string | undefined> {
  const { store, tables } = run;
  const page = await run.page(prefix, after);
  const next = nextCursor(page);
  const stored = new Map(
    page
      .filter(({ key, size }) => prefix === "contexts/" || isContextOfScope(key, size))
      .map(({ key, uploaded }) => [key, uploaded]),
  );
  const known = tables.rows<{ key: string; uploaded: number }>(
    "SELECT key, uploaded FROM contexts WHERE key > ? AND key <= ?",
    after === "" ? prefix : after,
    next ?? `${prefix}\u{10ffff}`,
  );
  for (const { key, uploaded } of known) {
    if (!stored.has(key)) tables.forgetContext(key);
    else if (stored.get(key) === uploaded) stored.delete(key);
  }
  await forEachConcurrently(stored, async ([key, uploaded]) => {
    tables.recordContext(key, uploaded, await readContextPacks(store, key));
  });
  return next;
}

/** Whether an object of a scope is a listing, or its own copy of a context: see `ContextScope.saveContext`. */
function isContextOfScope(key: string, size: number): boolean {
  return key.includes("/listings/") || (key.includes("/contexts/") && size > 0);
}

/** Deletes a page of tables of contents or shadows of layers that are not stored. @returns the cursor of the next page */
export async function sweepLayerFiles(
  run: PruneRun,
  prefix: "tocs/" | "shadows/",
  after: string,
): Promise<string | undefined> {
  const page = await run.page(prefix, after);
  run.count(page);
  const hexOf = (key: string) => key.slice(prefix.length).replace(/\.index$/, "");
  const old = page.filter(({ uploaded }) => uploaded < run.rules.grace);
  const [first, last] = [old[0], old.at(-1)];
  if (first === undefined || last === undefined) return nextCursor(page);
  const folder = "blobs/sha256/";
  const layers = new Set<string>();
  const wanted = new Set(old.map(({ key }) => hexOf(key)));
  // A key sorts before all keys that it is a prefix of.
  for await (const { key } of run.store.list(folder, folder + hexOf(first.key).slice(0, -1))) {
    const hex = key.slice(folder.length);
    if (hex > hexOf(last.key)) break;
    if (wanted.has(hex) && isKept(run, key)) layers.add(hex);
  }
  const missing: ObjectInfo[] = [];
  await forEachConcurrently(old, async (object) => {
    const other = `blobs/sha512/${hexOf(object.key)}`;
    if (layers.has(hexOf(object.key))) return;
    const isStored = (await run.store.head(other)) !== undefined && isKept(run, other);
    if (!isStored) missing.push(object);
  });
  await run.remove(missing);
  return nextCursor(page);
}

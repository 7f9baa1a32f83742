import { Catalog } from "../registry/store/catalog.ts";
import { repositoryOfMarker } from "../registry/store/markers.ts";
import { contentOfMarker, parseBackReference, putReference, REFERENCES } from "../store/back-references.ts";
import { forEachConcurrently } from "../store/for-each-concurrently.ts";
import { nextCursor, type PruneRun } from "./run.ts";

/** Storage prefixes of markers. */
const PREFIXES = ["repos/", "upstreams/", "scopes/"] as const;
const HOUR_MS = 60 * 60 * 1000;
/** While markers without a back-reference are younger than this, an older version of the server may be running. */
const MIXED_MS = 15 * 60 * 1000;
/** Back-references that one run compares with their markers. */
const MAX_COMPARED = 20_000;
const SINCE = "references-since";
const COMPARED = "references-compared";

/**
 * Adds missing back-references and catalog entries: the first run checks all markers, a later one those written since the
 * run before. They are missing when an older version of the server, which stores no back-references, wrote a marker, or
 * when a push was interrupted before it added its repository to the catalog. One page per call.
 * @returns the cursor of the next call
 */
export async function completeReferences(run: PruneRun, cursor: string): Promise<string | undefined> {
  const { store, tables } = run;
  const after = cursor === "" ? PREFIXES[0] : cursor;
  const prefix = PREFIXES.find((folder) => after.startsWith(folder)) ?? PREFIXES[0];
  const since = tables.fact<number>(SINCE) ?? Number.NEGATIVE_INFINITY;
  const page = await run.page(prefix, after === prefix ? "" : after);
  // Later phases count the others.
  if (prefix === "repos/") run.count(page);
  const repositories = new Set<string>();
  await forEachConcurrently(page, async ({ key, uploaded }) => {
    const content = contentOfMarker(key);
    if (content === undefined) return;
    run.listed.add("markers", 0);
    if (uploaded < since) return;
    const name = repositoryOfMarker(key);
    if (name !== undefined) repositories.add(name);
    if ((await putReference(store, content, key)) && uploaded > run.began - MIXED_MS) run.recordMixed();
  });
  const catalog = new Catalog(store);
  await forEachConcurrently(repositories, (name) => catalog.add(name));
  const next = nextCursor(page) ?? PREFIXES[PREFIXES.indexOf(prefix) + 1];
  if (next === undefined) tables.keepFact(SINCE, run.began - HOUR_MS);
  return next;
}

/**
 * Deletes back-references without a marker, which remain when a deletion is interrupted. A run compares a limited number,
 * and the next run continues there. One page per call.
 * @returns the cursor of the next call
 */
export async function dropStaleReferences(run: PruneRun, cursor: string): Promise<string | undefined> {
  const { store, tables, rules } = run;
  if (rules.dryRun) return undefined;
  const compared = Number(cursor);
  const after = tables.fact<string>(COMPARED) ?? "";
  const page = await run.page(REFERENCES, after);
  const before = run.began - HOUR_MS;
  await forEachConcurrently(page, async ({ key, uploaded }) => {
    const reference = parseBackReference(key);
    // A writer stores a back-reference before its marker.
    if (reference === undefined || uploaded >= before) return;
    const { content, marker } = reference;
    if ((await store.head(marker)) !== undefined) return;
    await store.delete(key);
    if ((await store.head(marker)) !== undefined) await putReference(store, content, marker);
  });
  const next = nextCursor(page);
  tables.keepFact(COMPARED, next ?? "");
  const total = compared + page.length;
  return next === undefined || total >= MAX_COMPARED ? undefined : String(total);
}

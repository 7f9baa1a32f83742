import { FIRSTS } from "../engine/first-results.ts";
import { ABANDONED_MS } from "../registry/store/open-uploads.ts";
import { EPOCHS } from "../registry/store/removal-lock.ts";
import type { ObjectInfo } from "../store/object-store.ts";
import { Tombstones } from "../store/tombstones.ts";
import { readContextPage, removeUnused, sweepContents, sweepLayerFiles } from "./contents.ts";
import { END_OF_TIME } from "./kinds.ts";
import { completeReferences, dropStaleReferences } from "./references.ts";
import { nextCursor, type PruneFindings, type PruneRules, PruneRun, type PruneWorld } from "./run.ts";
import type { Sql } from "./tables.ts";
import { unlinkRepositories } from "./unlink.ts";
import { publishUsage } from "./usage.ts";

/** Age at which a lock is abandoned: much longer than a request holds one. */
const LOCKED_MS = 10 * 60_000;
/** Sorts after all keys of a folder. */
const END_OF_FOLDER = "\u{10ffff}";

/** A part of a run. Does a limited piece of work, and returns the cursor of the next one; undefined at the end. */
type Phase = (run: PruneRun, cursor: string) => Promise<string | undefined>;

/** In this order: markers, by the rules, and then contents without references. */
const PHASES: readonly Phase[] = [
  completeReferences,
  unlinkRepositories,
  sweepUnused("scopes/"),
  sweepUnused("upstreams/"),
  sweepUnused("selections/"),
  sweepUnused(FIRSTS),
  sweepEpochs,
  sweepBuilds,
  (run, cursor) =>
    run.sweep("histories/", cursor, ({ key }) => timeOf(key.split("/").at(-2)) < run.rules.builds),
  dropStaleReferences,
  (run, cursor) => readContextPage(run, "contexts/", cursor),
  (run, cursor) => readContextPage(run, "scopes/", cursor),
  (run, cursor) => sweepContents(run, "blobs/", cursor),
  (run, cursor) => sweepContents(run, "manifests/", cursor),
  (run, cursor) => sweepContents(run, "contexts/", cursor),
  (run, cursor) => sweepContents(run, "packs/", cursor),
  (run, cursor) => sweepLayerFiles(run, "tocs/", cursor),
  (run, cursor) => sweepLayerFiles(run, "shadows/", cursor),
  sweepUploads,
  (run, cursor) => run.sweep("spool/", cursor, ({ uploaded }) => uploaded < abandonedBefore(run)),
  ...["access/", "caches/", "catalog/", "running/"].map(
    (prefix): Phase =>
      (run, cursor) =>
        run.sweep(prefix, cursor, () => false),
  ),
  publishUsage,
];

/**
 * Deletes unused data: first markers, by the rules, and then unreferenced contents. Each step of the iteration is a limited
 * piece of work, after which `findings` are updated and the position is stored. Another instance with the same database and
 * id continues there, and repeats an interrupted step.
 */
export class Prune {
  readonly #run: PruneRun;

  constructor(world: PruneWorld, rules: PruneRules, sql: Sql, id: string) {
    this.#run = new PruneRun(world, rules, sql, id);
  }

  get findings(): PruneFindings {
    return this.#run.findings;
  }

  async *run(): AsyncGenerator<void, void, undefined> {
    await dropTombstones(this.#run);
    for (let phase = PHASES[this.#run.phase]; phase !== undefined; phase = PHASES[this.#run.phase]) {
      this.#run.advance(await phase(this.#run, this.#run.cursor));
      yield;
    }
  }
}

/** Removes tombstones of an interrupted step, and locks of repositories whose requests were interrupted. */
async function dropTombstones({ store, rules }: PruneRun): Promise<void> {
  if (rules.dryRun) return;
  const tombstones = new Tombstones(store);
  const left: string[] = [];
  for await (const { key, uploaded } of tombstones.list()) {
    if (!key.startsWith("repos/")) left.push(key);
    else if (key.endsWith("/")) {
      // Another removal may take the lock over now.
      const owner = crypto.randomUUID();
      if (await tombstones.claim(key, owner, LOCKED_MS)) await tombstones.release(key, owner);
    } else if (uploaded < Date.now() - LOCKED_MS) left.push(key);
  }
  await tombstones.remove(...left);
}

/** Deletes markers of scopes and upstream repositories, and records, that were not used recently. */
function sweepUnused(prefix: string): Phase {
  return async (run, cursor) => {
    const unused = Math.min(run.rules.unused, run.rules.grace);
    // A listing waits for the files of its context, so it expires like an upload.
    const before = (key: string) =>
      key.includes("/listings/") ? Math.min(unused, abandonedBefore(run)) : unused;
    const page = await run.page(prefix, cursor);
    run.count(page);
    await removeUnused(
      run,
      page.filter(({ key, uploaded }) => uploaded < before(key)),
      before,
    );
    return nextCursor(page);
  };
}

/** Uploads and other temporary objects from before this time are abandoned. */
function abandonedBefore({ rules, began }: PruneRun): number {
  return Math.min(rules.grace, began - ABANDONED_MS);
}

/** Deletes epochs, which are bookkeeping and not part of the report. */
async function sweepEpochs(run: PruneRun, cursor: string): Promise<string | undefined> {
  const page = await run.page(EPOCHS, cursor);
  run.count(page);
  const old = page.filter(({ uploaded }) => uploaded < run.began - ABANDONED_MS);
  if (!run.rules.dryRun) await run.store.delete(...old.map(({ key }) => key));
  return nextCursor(page);
}

function timeOf(text = ""): number {
  return END_OF_TIME - Number(text);
}

/** Deletes old records of builds. The list is in the order of time, newest first. */
async function sweepBuilds(run: PruneRun, cursor: string): Promise<string | undefined> {
  const { builds, dryRun } = run.rules;
  const page = await run.page("builds/", cursor);
  run.count(page);
  const old: ObjectInfo[] = [];
  for (const object of page) {
    const [, time, id = ""] = object.key.split("/");
    const started = timeOf(time);
    if (!(started < builds)) continue;
    if (dryRun || (await run.world.forgetBuild(id, started))) old.push(object);
  }
  await run.remove(old);
  return nextCursor(page);
}

/** Deletes a page of abandoned uploads. */
async function sweepUploads(run: PruneRun, cursor: string): Promise<string | undefined> {
  const page = await run.page("uploads/", cursor);
  const uploads = new Map<string, ObjectInfo[]>();
  for (const object of page) {
    const [, id = ""] = object.key.split("/");
    uploads.set(id, [...(uploads.get(id) ?? []), object]);
  }
  const last = [...uploads.keys()].at(-1) ?? "";
  const next = nextCursor(page);
  if (next !== undefined) {
    // The page may have ended within an upload.
    const all: ObjectInfo[] = [];
    for await (const object of run.store.list(`uploads/${last}/`)) all.push(object);
    uploads.set(last, all);
  }
  for (const objects of uploads.values()) {
    run.count(objects);
    const isOpen = objects.some(({ uploaded }) => uploaded >= abandonedBefore(run));
    if (!isOpen) await run.remove(objects);
  }
  return next && `uploads/${last}/${END_OF_FOLDER}`;
}

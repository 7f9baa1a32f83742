import type { PruneReport, StorageKind, StoredAmount } from "../../schemas/usage.ts";
import { contentOfMarker, deleteMarkers } from "../store/back-references.ts";
import type { ObjectInfo, ObjectStore } from "../store/object-store.ts";
import { Amounts, kindOf } from "./kinds.ts";
import type { Pins } from "./pins.ts";
import { CollectorTables, type Sql } from "./tables.ts";

/** Rules for removals from a repository. Times are milliseconds since 1970. */
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

/** Rules for deletions; times are in milliseconds since 1970. */
export interface PruneRules extends UnlinkRules {
  /** Delete contexts, packs, layers and base images without an image that were last used before this time. */
  unused: number;
  /** Delete records of builds that started before this time. */
  builds: number;
  /** Delete tags and manifests only in these repositories. */
  repositories?: ReadonlySet<string>;
  /** Only report what would be deleted. */
  dryRun: boolean;
}

/** The dependencies of pruning. */
export interface PruneWorld {
  store: ObjectStore;
  /** The contents that running builds need. Called after the tombstones were written. */
  held(): Promise<Pins>;
  /** Deletes the record of a build that started at this time or before; returns false when it is running. */
  forgetBuild(id: string, started: number): Promise<boolean>;
}

export type PruneFindings = Pick<PruneReport, "tags" | "manifests" | "removed" | "total">;

/** Objects per page: the limit of R2 for one list call. */
const PAGE = 1000;
/** Maximum number of names in a report. */
const MAX_NAMES = 1000;

type Kinds = Partial<Record<StorageKind, StoredAmount>>;

/** State of a run, stored after each step. Another instance continues from it. */
interface StoredState {
  run: string;
  /** Milliseconds since 1970. */
  began: number;
  phase: number;
  cursor: string;
  tags: string[];
  manifests: string[];
  removed: Kinds;
  /** Objects that the run has listed and not deleted. */
  listed: Kinds;
  /** Whether an older version of the server, which writes no back-references, wrote markers recently. */
  isMixed: boolean;
}

/** A run of garbage collection: its rules, its position and its findings. */
export class PruneRun {
  readonly store: ObjectStore;
  readonly world: PruneWorld;
  readonly rules: PruneRules;
  readonly tables: CollectorTables;
  readonly removed: Amounts;
  readonly listed: Amounts;
  readonly #state: StoredState;

  /** @param id continues the run of this id where it was interrupted */
  constructor(world: PruneWorld, rules: PruneRules, sql: Sql, id: string) {
    this.store = world.store;
    this.world = world;
    this.rules = rules;
    this.tables = new CollectorTables(sql);
    const [row] = this.tables.rows<{ state: string }>("SELECT state FROM run");
    const stored = row && (JSON.parse(row.state) as StoredState);
    const nothing = {
      phase: 0,
      cursor: "",
      tags: [],
      manifests: [],
      removed: {},
      listed: {},
      isMixed: false,
    };
    this.#state = stored?.run === id ? stored : { run: id, began: Date.now(), ...nothing };
    if (stored?.run !== id) sql.exec("DELETE FROM gone");
    this.removed = new Amounts(this.#state.removed);
    this.listed = new Amounts(this.#state.listed);
  }

  get id(): string {
    return this.#state.run;
  }

  get began(): number {
    return this.#state.began;
  }

  get phase(): number {
    return this.#state.phase;
  }

  get cursor(): string {
    return this.#state.cursor;
  }

  get isMixed(): boolean {
    return this.#state.isMixed;
  }

  recordMixed(): void {
    this.#state.isMixed = true;
  }

  get findings(): PruneFindings {
    const { tags, manifests } = this.#state;
    return { tags, manifests, removed: this.removed.kinds, total: this.removed.total };
  }

  /** Updates the position of the run. @param cursor undefined at the end of a phase */
  advance(cursor: string | undefined): void {
    if (cursor === undefined) this.#state.phase += 1;
    this.#state.cursor = cursor ?? "";
    this.#state.removed = this.removed.kinds;
    this.#state.listed = this.listed.kinds;
    this.tables.sql.exec("INSERT OR REPLACE INTO run VALUES (1, ?)", JSON.stringify(this.#state));
  }

  noteTag(name: string): void {
    if (this.#state.tags.length < MAX_NAMES) this.#state.tags.push(name);
  }

  noteManifest(name: string): void {
    if (this.#state.manifests.length < MAX_NAMES) this.#state.manifests.push(name);
  }

  /** A page of objects with a prefix, after a key. */
  async page(prefix: string, after: string): Promise<ObjectInfo[]> {
    const objects: ObjectInfo[] = [];
    for await (const object of this.store.list(prefix, after === "" ? undefined : after)) {
      objects.push(object);
      if (objects.length === PAGE) break;
    }
    return objects;
  }

  /** Counts the objects of a page for `/v1/usage`. */
  count(objects: readonly ObjectInfo[]): void {
    for (const { key, size } of objects) this.listed.add(kindOf(key), size);
  }

  /** Deletes objects, and the back-references of markers; in a dry run, only records the keys. */
  async remove(objects: readonly ObjectInfo[]): Promise<void> {
    if (objects.length === 0) return;
    const keys = objects.map(({ key }) => key);
    if (this.rules.dryRun) this.tables.markGone(keys);
    else await deleteMarkers(this.store, ...keys);
    for (const { key, size } of objects) {
      this.removed.add(kindOf(key), size);
      if (this.rules.dryRun) continue;
      this.listed.add(kindOf(key), -size, -1);
      if (contentOfMarker(key) !== undefined) this.listed.add("markers", 0, -1);
    }
  }

  /** Deletes objects of a page that a rule selects. @returns the cursor of the next page */
  async sweep(
    prefix: string,
    after: string,
    isUnused: (object: ObjectInfo) => boolean,
  ): Promise<string | undefined> {
    const page = await this.page(prefix, after);
    this.count(page);
    await this.remove(page.filter(isUnused));
    return nextCursor(page);
  }
}

/** The cursor behind a page; undefined when the page was the last. */
export function nextCursor(page: readonly ObjectInfo[]): string | undefined {
  return page.length < PAGE ? undefined : page.at(-1)?.key;
}

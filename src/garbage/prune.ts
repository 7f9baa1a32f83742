import type { PruneReport, StorageKind } from "../../schemas/usage.ts";
import { FIRSTS } from "../engine/first-results.ts";
import { shownRepository } from "../registry/names.ts";
import { Catalog } from "../registry/store/catalog.ts";
import { ABANDONED_MS, findOpenUploads } from "../registry/store/open-uploads.ts";
import { Tombstones } from "../registry/store/tombstones.ts";
import { EPOCHS } from "../registry/store/unlinking.ts";
import { eachAtOnce } from "../store/at-once.ts";
import type { ObjectInfo, ObjectStore } from "../store/object-store.ts";
import { Amounts, kindOf } from "./kinds.ts";
import { type Held, markLive, type ReachableSet } from "./mark.ts";
import { type UnlinkRules, unlinkRepository } from "./unlink.ts";

/** What to delete; times are in milliseconds since 1970. */
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
  /** Returns what running builds need. Called after the tombstones were written. */
  held(): Promise<Held>;
  /** Deletes the record of a build that started at this time or before; returns false when it is running. */
  forgetBuild(id: string, started: number): Promise<boolean>;
}

export type PruneFindings = Pick<PruneReport, "tags" | "manifests" | "removed" | "total">;

/** Keys per delete request. */
const BATCH = 500;
/** Contents that get tombstones together; all markers are scanned after each batch. */
const TOMBSTONES = 2000;
/** Most names in a report. */
const MAX_NAMES = 1000;
/** Milliseconds since 1970 have 13 digits until the year 2286: keys of builds count down from here. */
const END_OF_TIME = 9_999_999_999_999;

/**
 * Deletes unused data: first markers, by the rules, and then unreferenced contents. Can be interrupted at any point and
 * started again. Each step of the iteration is a limited piece of work, after which `findings` are updated.
 */
export class Prune {
  readonly #world: PruneWorld;
  readonly #rules: PruneRules;
  readonly #tombstones: Tombstones;
  readonly #amounts = new Amounts();
  readonly #tags: string[] = [];
  readonly #manifests: string[] = [];
  /** Keys of markers that were deleted, or would be. */
  readonly #gone = new Set<string>();

  constructor(world: PruneWorld, rules: PruneRules) {
    this.#world = world;
    this.#rules = rules;
    this.#tombstones = new Tombstones(world.store);
  }

  get findings(): PruneFindings {
    const { kinds, total } = this.#amounts;
    return { tags: this.#tags, manifests: this.#manifests, removed: kinds, total };
  }

  async *run(): AsyncGenerator<void, void, undefined> {
    // Tombstones of an interrupted run.
    const left: string[] = [];
    // Tombstones of repositories may belong to a removal in progress: they are replaced when they are old.
    for await (const key of this.#tombstones.keys()) if (!key.startsWith("repos/")) left.push(key);
    if (!this.#rules.dryRun) await this.#tombstones.remove(...left);
    yield* this.#unlinkRepositories();
    yield* this.#sweepMarkers();
    yield* this.#sweepBuilds();
    yield* this.#sweepContents();
    yield* this.#sweepUploads();
  }

  async *#unlinkRepositories(): AsyncGenerator<void> {
    const { store } = this.#world;
    const { repositories, dryRun, grace } = this.#rules;
    for await (const name of new Catalog(store).names()) {
      const isMeant = repositories === undefined || repositories.has(name);
      const rules = isMeant ? this.#rules : { grace };
      const unlinked = await unlinkRepository(store, name, rules, !dryRun);
      for (const tag of unlinked.tags) note(this.#tags, `${shownRepository(name)}:${tag}`);
      for (const digest of unlinked.manifests) note(this.#manifests, `${shownRepository(name)}@${digest}`);
      for (const key of unlinked.markers) this.#gone.add(key);
      this.#amounts.add("markers", 0, unlinked.markers.length);
      yield;
    }
  }

  /** Deletes markers of scopes and upstream repositories that were not used recently. */
  async *#sweepMarkers(): AsyncGenerator<void> {
    const before = Math.min(this.#rules.unused, this.#rules.grace);
    // A listing waits for the files of its context, so it expires like an upload.
    const abandoned = Math.min(before, Date.now() - ABANDONED_MS);
    for (const prefix of ["scopes/", "upstreams/"]) {
      yield* this.#sweep(prefix, (object) => {
        if (object.uploaded >= (object.key.includes("/listings/") ? abandoned : before)) return false;
        this.#gone.add(object.key);
        return true;
      });
    }
    for (const prefix of ["selections/", FIRSTS])
      yield* this.#sweep(prefix, ({ uploaded }) => uploaded < before);
    if (!this.#rules.dryRun) await this.#dropEpochs();
  }

  /** Deletes epochs, which are bookkeeping and not part of the report. */
  async #dropEpochs(): Promise<void> {
    const old: string[] = [];
    for await (const { key, uploaded } of this.#world.store.list(EPOCHS))
      if (uploaded < Date.now() - ABANDONED_MS) old.push(key);
    await this.#world.store.delete(...old);
  }

  async *#sweepBuilds(): AsyncGenerator<void> {
    const { builds, dryRun } = this.#rules;
    const old: ObjectInfo[] = [];
    for await (const object of this.#world.store.list("builds/")) {
      const [, time = "", id = ""] = object.key.split("/");
      const started = END_OF_TIME - Number(time);
      if (!(started < builds)) continue;
      if (dryRun || (await this.#world.forgetBuild(id, started))) old.push(object);
      if (old.length % BATCH === 0) yield;
    }
    await this.#remove(old);
    // The lists of single images: their keys end with the time and the id, as those above.
    yield* this.#sweep("histories/", ({ key }) => END_OF_TIME - Number(key.split("/").at(-2)) < builds);
  }

  /**
   * Deletes unreferenced contents. Each gets a tombstone first, and then references are scanned again: see
   * `Tombstones`.
   */
  async *#sweepContents(): AsyncGenerator<void> {
    const { store } = this.#world;
    const isGone = (key: string) => this.#gone.has(key);
    const nothing: Held = { blobs: [], manifests: [], contexts: [] };
    const live = await markLive(store, nothing, isGone);
    yield;
    const used = await this.#recentLayers();
    const { since } = await findOpenUploads(store);
    const candidates: ObjectInfo[] = [];
    for (const prefix of ["blobs/", "manifests/", "contexts/", "packs/"]) {
      for await (const object of store.list(prefix)) {
        const isOld = object.uploaded < since && this.#isOld(object, used);
        if (!live.has(object.key) && isOld) candidates.push(object);
      }
      yield;
    }
    const removed = new Set<string>();
    for (let at = 0; at < candidates.length; at += TOMBSTONES) {
      const batch = candidates.slice(at, at + TOMBSTONES);
      for (const { key } of await this.#removeContents(batch, isGone)) removed.add(key);
      yield;
    }
    yield* this.#sweepBeside(removed);
  }

  async #removeContents(
    batch: readonly ObjectInfo[],
    isGone: (key: string) => boolean,
  ): Promise<ObjectInfo[]> {
    const { store } = this.#world;
    if (this.#rules.dryRun) {
      const live = await markLive(store, await this.#world.held(), isGone);
      return this.#remove(batch.filter(({ key }) => !live.has(key)));
    }
    const keys = batch.map(({ key }) => key);
    try {
      await eachAtOnce(keys, (key) => this.#tombstones.add(key));
      // Markers that were deleted and written again count as references.
      const live: ReachableSet = await markLive(store, await this.#world.held(), () => false);
      return await this.#remove(batch.filter(({ key }) => !live.has(key)));
    } finally {
      await this.#tombstones.remove(...keys);
    }
  }

  /** Deletes tables of contents and shadows of missing layers. */
  async *#sweepBeside(removed: ReadonlySet<string>): AsyncGenerator<void> {
    const { store } = this.#world;
    const blobs = new Set<string>();
    for await (const { key } of store.list("blobs/"))
      if (!removed.has(key)) blobs.add(key.slice(key.lastIndexOf("/") + 1));
    for (const prefix of ["tocs/", "shadows/"]) {
      yield* this.#sweep(prefix, ({ key, uploaded }) => {
        const hex = key.slice(prefix.length).replace(/\.index$/, "");
        return !blobs.has(hex) && uploaded < this.#rules.grace;
      });
    }
  }

  /** Deletes abandoned uploads, and temporary objects of interrupted builds and loads. */
  async *#sweepUploads(): AsyncGenerator<void> {
    const last = new Map<string, number>();
    for await (const { key, uploaded } of this.#world.store.list("uploads/")) {
      const id = key.split("/")[1] ?? "";
      last.set(id, Math.max(last.get(id) ?? 0, uploaded));
    }
    const abandoned = Math.min(this.#rules.grace, Date.now() - ABANDONED_MS);
    yield* this.#sweep("uploads/", ({ key }) => (last.get(key.split("/")[1] ?? "") ?? 0) < abandoned);
    for (const prefix of ["spool/", "diffs/"])
      yield* this.#sweep(prefix, ({ uploaded }) => uploaded < abandoned);
  }

  /** Layers with a recently written table of contents: it is rewritten when a build uses the layer. */
  async #recentLayers(): Promise<Set<string>> {
    const recent = new Set<string>();
    for await (const { key, uploaded } of this.#world.store.list("tocs/")) {
      if (uploaded >= this.#rules.unused) recent.add(key.slice("tocs/".length));
    }
    return recent;
  }

  /** Whether a layer of the build cache may be deleted. These layers have no marker, so their age decides. */
  #isOld({ key, uploaded }: ObjectInfo, used: ReadonlySet<string>): boolean {
    if (uploaded >= this.#rules.grace) return false;
    const hex = key.slice(key.lastIndexOf("/") + 1);
    return !key.startsWith("blobs/") || (uploaded < this.#rules.unused && !used.has(hex));
  }

  async *#sweep(prefix: string, judge: (object: ObjectInfo) => boolean): AsyncGenerator<void> {
    let batch: ObjectInfo[] = [];
    for await (const object of this.#world.store.list(prefix)) {
      if (judge(object)) batch.push(object);
      if (batch.length < BATCH) continue;
      await this.#remove(batch);
      batch = [];
      yield;
    }
    await this.#remove(batch);
    yield;
  }

  async #remove(objects: readonly ObjectInfo[]): Promise<ObjectInfo[]> {
    if (!this.#rules.dryRun) await this.#world.store.delete(...objects.map(({ key }) => key));
    for (const { key, size } of objects) this.#amounts.add(kindOf(key) satisfies StorageKind, size);
    return [...objects];
  }
}

function note(names: string[], name: string): void {
  if (names.length < MAX_NAMES) names.push(name);
}

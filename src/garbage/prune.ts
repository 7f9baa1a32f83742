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
import { type Held, type Live, markLive } from "./mark.ts";
import { type UnlinkRules, unlinkRepository } from "./unlink.ts";

/** What may go, with times in milliseconds since 1970. */
export interface PruneRules extends UnlinkRules {
  /** Contexts, packs, layers and base images that no image has go when they were used last before this. */
  unused: number;
  /** Records of builds that were begun before this go. */
  builds: number;
  /** Only in these repositories do tags and manifests go. */
  repositories?: ReadonlySet<string>;
  /** Only say what would go. */
  dryRun: boolean;
}

/** What pruning must ask of others. */
export interface PruneWorld {
  store: ObjectStore;
  /** What running builds need. Called after the tombstones were written. */
  held(): Promise<Held>;
  /** Forgets the record of a build that was begun at this time or before; false when it runs. */
  forgetBuild(id: string, started: number): Promise<boolean>;
}

export type PruneFindings = Pick<PruneReport, "tags" | "manifests" | "removed" | "total">;

/** Keys in one delete. */
const BATCH = 500;
/** Contents that get tombstones together; all markers are scanned after each batch. */
const TOMBSTONES = 2000;
/** Names that are told. */
const MOST_NAMES = 1000;
/** Milliseconds since 1970 fit in 13 digits until the year 2286: keys of builds count down from here. */
const END_OF_TIME = 9_999_999_999_999;

/**
 * Removes what nothing needs: first markers, by the rules, then the contents that nothing refers to any more. It can be
 * ended at any point and begun again. Each step of the iteration is a bounded piece of work, after which `findings`
 * have grown.
 */
export class Prune {
  readonly #world: PruneWorld;
  readonly #rules: PruneRules;
  readonly #tombstones: Tombstones;
  readonly #amounts = new Amounts();
  readonly #tags: string[] = [];
  readonly #manifests: string[] = [];
  /** Markers that are removed, or would be. */
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
    // A run that was interrupted left its tombstones.
    const left: string[] = [];
    // Those of repositories may be of a removal that is in progress: they are replaced when they are old.
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

  /** Markers of scopes and of upstream repositories that were not used for long. */
  async *#sweepMarkers(): AsyncGenerator<void> {
    const before = Math.min(this.#rules.unused, this.#rules.grace);
    // A listing waits for the files of its context, so it is an upload.
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

  /** They are bookkeeping, so the report does not count them. */
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
   * Contents that nothing refers to. Each gets a tombstone first, and then references are scanned again: see
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
      // Markers that were removed and are there again count.
      const live: Live = await markLive(store, await this.#world.held(), () => false);
      return await this.#remove(batch.filter(({ key }) => !live.has(key)));
    } finally {
      await this.#tombstones.remove(...keys);
    }
  }

  /** Tables of contents and shadows of layers that are not there. */
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

  /** Uploads that were abandoned, and what interrupted builds and loads left. */
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

  /** Layers whose table of contents was written lately: it is written again when a build has use for the layer. */
  async #recentLayers(): Promise<Set<string>> {
    const recent = new Set<string>();
    for await (const { key, uploaded } of this.#world.store.list("tocs/")) {
      if (uploaded >= this.#rules.unused) recent.add(key.slice("tocs/".length));
    }
    return recent;
  }

  /** Layers of the build cache have no marker: their age decides. */
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
  if (names.length < MOST_NAMES) names.push(name);
}

import { tocKey } from "../layers/toc.ts";
import { blobKey } from "../oci/content-key.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { Tombstones } from "../registry/store/tombstones.ts";
import type { CacheStore } from "../store/cache-store.ts";
import type { ObjectStore } from "../store/object-store.ts";

/** A stored layer, whether of a finished step or of a base image. */
export interface LayerRecord {
  readonly layer: Descriptor;
  /** Digest of the uncompressed layer (image-spec, config.md). */
  readonly diffId: string;
  /** Somebody had a hand in it whom only the scope of the build trusts. */
  readonly confined?: true;
}

/** What is remembered of finished steps for as long as a build lives, through crashes and restarts. */
export interface BuildMemory {
  recall(keys: readonly string[]): ReadonlyMap<string, LayerRecord>;
  remember(key: string, record: LayerRecord): void;
  /** Notes a layer that the build needs from here on: nobody may remove it while the build runs. */
  hold(digest: string): void;
}

const DAY_MS = 24 * 60 * 60 * 1000;

export interface StepCacheOptions {
  /** Steps of other builds are not looked for. */
  isIgnored: boolean;
  /**
   * Scope of the build. Steps that may be confined are looked for among its own, too; without it there are none, as in
   * builds without RUN.
   */
  scope?: string;
}

/**
 * Finished steps by key. A build finds its own in its memory, those of others in the build cache, and believes a
 * record only when the store still has the layer: the cache may speak of what was collected as garbage.
 *
 * What a runner gives that only the scope of the build trusts is known to that scope alone, and so is everything that
 * the build makes from there on: it may be laid on it.
 */
export class StepCache {
  readonly #store: ObjectStore;
  readonly #cache: CacheStore;
  readonly #memory: BuildMemory;
  readonly #tombstones: Tombstones;
  /** Steps of other builds are not looked for. */
  readonly isIgnored: boolean;
  readonly #scope: string | undefined;
  #isConfined = false;

  constructor(
    store: ObjectStore,
    cache: CacheStore,
    memory: BuildMemory,
    { isIgnored, scope }: StepCacheOptions,
  ) {
    this.#store = store;
    this.#cache = cache;
    this.#memory = memory;
    this.#tombstones = new Tombstones(store);
    this.isIgnored = isIgnored;
    this.#scope = scope;
  }

  /** From here on nothing that is put is told to other scopes. */
  confine(): void {
    this.#isConfined = true;
  }

  /**
   * Records of those keys that are known and whose layers are stored.
   * @param fresh of these, only what this build itself has finished
   */
  async find(
    keys: readonly string[],
    fresh: ReadonlySet<string> = new Set(),
  ): Promise<Map<string, LayerRecord>> {
    const found = new Map(this.#memory.recall(keys));
    const others = this.isIgnored ? [] : keys.filter((key) => !found.has(key) && !fresh.has(key));
    if (others.length > 0) for (const [key, record] of await this.#ask(others)) found.set(key, record);
    const stored = await Promise.all([...found.values()].map((record) => this.#take(record)));
    const known = new Map([...found].filter((_, index) => stored[index]));
    if ([...known.values()].some(({ confined }) => confined)) this.confine();
    return known;
  }

  /** Whether the store has a layer, and will have it as long as the build runs. */
  async #take({ layer: { digest, size } }: LayerRecord): Promise<boolean> {
    this.#memory.hold(digest);
    const key = blobKey(digest);
    const [stored, isCondemned] = await Promise.all([this.#store.head(key), this.#tombstones.has(key)]);
    if (stored?.size !== size || isCondemned) return false;
    if (Date.now() - stored.uploaded > DAY_MS) await this.#touch(digest);
    return true;
  }

  /** Writes the table of contents of a layer again: its age tells whether anybody still needs the layer. */
  async #touch(digest: string): Promise<void> {
    const key = tocKey(digest);
    const toc = await this.#store.head(key);
    if (toc === undefined || Date.now() - toc.uploaded < DAY_MS) return;
    const bytes = await this.#store.getBytes(key);
    if (bytes !== undefined) await this.#store.put(key, bytes, bytes.length);
  }

  /** Makes a record known under its keys. */
  async put(record: LayerRecord, keys: readonly string[]): Promise<void> {
    const known: LayerRecord = this.#isConfined ? { ...record, confined: true } : record;
    this.#memory.hold(record.layer.digest);
    for (const key of keys) this.#memory.remember(key, known);
    const names = this.#isConfined ? keys.map((key) => this.#own(key)) : keys;
    await this.#cache.put(new Map(names.map((name) => [name, known])));
  }

  /** What everybody knows comes first: a build that finds that stays open. */
  async #ask(keys: readonly string[]): Promise<Map<string, LayerRecord>> {
    if (this.#scope === undefined) return this.#cache.get<LayerRecord>(keys);
    const records = await this.#cache.get<LayerRecord>([...keys, ...keys.map((key) => this.#own(key))]);
    const found = new Map<string, LayerRecord>();
    for (const key of keys) {
      const record = records.get(key) ?? records.get(this.#own(key));
      if (record !== undefined) found.set(key, record);
    }
    return found;
  }

  #own(key: string): string {
    return `scoped/${this.#scope}/${key}`;
  }
}

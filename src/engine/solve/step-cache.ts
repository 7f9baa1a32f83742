import { tocKey } from "../../layers/toc.ts";
import { blobKey } from "../../oci/content-key.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { Tombstones } from "../../registry/store/tombstones.ts";
import type { CacheStore } from "../../store/cache-store.ts";
import type { ObjectStore } from "../../store/object-store.ts";

/** A stored layer, of an executed step or of a base image. */
export interface LayerRecord {
  readonly layer: Descriptor;
  /** Digest of the uncompressed layer (image-spec, config.md). */
  readonly diffId: string;
  /** What the keys of later steps call this layer; the diffID when absent. */
  readonly identity?: string;
  /** Only the scope of the build trusts the layer, because of how it was made. */
  readonly confined?: true;
  /** When the step made it, RFC 3339: `created` of its history entry. Layers of base images have none. */
  readonly created?: string;
}

/** What the keys of later steps call a stored layer. */
export function layerIdentity({ identity, diffId }: LayerRecord): string {
  return identity ?? diffId;
}

/** Finished steps of one build, kept through crashes and restarts. */
export interface BuildMemory {
  recall(keys: readonly string[]): ReadonlyMap<string, LayerRecord>;
  remember(key: string, record: LayerRecord): void;
  /** Protects a layer from garbage collection while the build runs. */
  hold(digest: string): void;
}

const DAY_MS = 24 * 60 * 60 * 1000;

export interface StepCacheOptions {
  /** Results of other builds are not used. */
  isIgnored: boolean;
  /**
   * Scope of the build, whose confined records it may use as well. Without a scope there are none, as in builds without
   * RUN.
   */
  scope?: string;
}

/**
 * Finished steps by key. A build finds its own in its memory and those of others in KV. A record counts only when the
 * store has the layer, because KV may name a layer that was collected as garbage.
 *
 * A confined record is known to its scope alone, and so is everything that is made from it.
 */
export class StepCache {
  readonly #store: ObjectStore;
  readonly #cache: CacheStore;
  readonly #memory: BuildMemory;
  readonly #tombstones: Tombstones;
  /** Results of other builds are not used. */
  readonly isIgnored: boolean;
  readonly #scope: string | undefined;

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

  /**
   * Records of those keys that are known and whose layers are stored.
   * @param fresh keys for which only this build's own results count
   */
  async find(
    keys: readonly string[],
    fresh: ReadonlySet<string> = new Set(),
  ): Promise<Map<string, LayerRecord>> {
    const found = new Map(this.#memory.recall(keys));
    const others = this.isIgnored ? [] : keys.filter((key) => !found.has(key) && !fresh.has(key));
    if (others.length > 0) for (const [key, record] of await this.#read(others)) found.set(key, record);
    const stored = await Promise.all([...found.values()].map((record) => this.hold(record)));
    return new Map([...found].filter((_, index) => stored[index]));
  }

  /** Whether the store has a layer, and will have it as long as the build runs. */
  async hold({ layer: { digest, size } }: LayerRecord): Promise<boolean> {
    this.#memory.hold(digest);
    const key = blobKey(digest);
    const [stored, isCondemned] = await Promise.all([this.#store.head(key), this.#tombstones.has(key)]);
    if (stored?.size !== size || isCondemned) return false;
    if (Date.now() - stored.uploaded > DAY_MS) await this.#touch(digest);
    return true;
  }

  /** Writes the table of contents of a layer again: garbage collection keeps layers by its age. */
  async #touch(digest: string): Promise<void> {
    const key = tocKey(digest);
    const toc = await this.#store.head(key);
    if (toc === undefined || Date.now() - toc.uploaded < DAY_MS) return;
    const bytes = await this.#store.getBytes(key);
    if (bytes !== undefined) await this.#store.put(key, bytes, bytes.length);
  }

  /** Records a layer under its keys; for the scope alone if the record is confined. */
  async put(record: LayerRecord, keys: readonly string[]): Promise<void> {
    this.#memory.hold(record.layer.digest);
    for (const key of keys) this.#memory.remember(key, record);
    const names = record.confined ? keys.map((key) => this.scopedKey(key)) : keys;
    await this.#cache.put(new Map(names.map((name) => [name, record])));
  }

  /** The key under which a confined result is known. */
  scopedKey(key: string): string {
    return `scoped/${this.#scope}/${key}`;
  }

  /** Open records come first: a build on them stays open. */
  async #read(keys: readonly string[]): Promise<Map<string, LayerRecord>> {
    if (this.#scope === undefined) return this.#cache.get<LayerRecord>(keys);
    const records = await this.#cache.get<LayerRecord>([...keys, ...keys.map((key) => this.scopedKey(key))]);
    const found = new Map<string, LayerRecord>();
    for (const key of keys) {
      const record = records.get(key) ?? records.get(this.scopedKey(key));
      if (record !== undefined) found.set(key, record);
    }
    return found;
  }
}

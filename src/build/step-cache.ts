import { blobKey } from "../oci/content-key.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { CacheStore } from "../store/cache-store.ts";
import type { ObjectStore } from "../store/object-store.ts";

/** A stored layer, whether of a finished step or of a base image. */
export interface LayerRecord {
  readonly layer: Descriptor;
  /** Digest of the uncompressed layer (image-spec, config.md). */
  readonly diffId: string;
}

/** What is remembered of finished steps for as long as a build lives, through crashes and restarts. */
export interface BuildMemory {
  recall(keys: readonly string[]): ReadonlyMap<string, LayerRecord>;
  remember(key: string, record: LayerRecord): void;
}

/**
 * Finished steps by key. A build finds its own in its memory, those of others in the build cache, and believes a
 * record only when the store still has the layer: the cache may speak of what was collected as garbage.
 */
export class StepCache {
  readonly #store: ObjectStore;
  readonly #cache: CacheStore;
  readonly #memory: BuildMemory;
  /** Steps of other builds are not looked for. */
  readonly isIgnored: boolean;

  constructor(store: ObjectStore, cache: CacheStore, memory: BuildMemory, isIgnored: boolean) {
    this.#store = store;
    this.#cache = cache;
    this.#memory = memory;
    this.isIgnored = isIgnored;
  }

  /** Records of those keys that are known and whose layers are stored. */
  async find(keys: readonly string[]): Promise<Map<string, LayerRecord>> {
    const found = new Map(this.#memory.recall(keys));
    const others = this.isIgnored ? [] : keys.filter((key) => !found.has(key));
    if (others.length > 0)
      for (const [key, record] of await this.#cache.get<LayerRecord>(others)) found.set(key, record);
    const stored = await Promise.all(
      [...found.values()].map(
        async ({ layer }) => (await this.#store.head(blobKey(layer.digest)))?.size === layer.size,
      ),
    );
    return new Map([...found].filter((_, index) => stored[index]));
  }

  /** Makes a record known under its keys. */
  async put(record: LayerRecord, keys: readonly string[]): Promise<void> {
    for (const key of keys) this.#memory.remember(key, record);
    await this.#cache.put(new Map(keys.map((key) => [key, record])));
  }
}

import { tocKey } from "../../layers/toc.ts";
import { blobKey } from "../../oci/content-key.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import type { CacheStore } from "../../store/cache-store.ts";
import type { ObjectStore } from "../../store/object-store.ts";
import { Tombstones } from "../../store/tombstones.ts";

/** A stored layer, of an executed step or of a base image. */
export interface LayerRecord {
  readonly layer: Descriptor;
  /** Digest of the uncompressed layer (image-spec, config.md). */
  readonly diffId: string;
  /** The layer's name in the keys of later steps; by default the diffID. */
  readonly identity?: string;
  /** Whether only the scope of the build trusts the layer, because of how it was made. */
  readonly confined?: true;
  /** When the step made it, RFC 3339: `created` of its history entry. Undefined for layers of base images. */
  readonly created?: string;
}

/** A stored layer's name in the keys of later steps. */
export function layerIdentity({ identity, diffId }: LayerRecord): string {
  return identity ?? diffId;
}

/**
 * The name of an image's layer in the keys of steps: the digest of its blob. The diffID would not be safe, because the config
 * only claims it: an image could claim another image's diffID and receive the results of steps on that image's files.
 */
export function imageLayerIdentity({ digest }: Pick<Descriptor, "digest">): string {
  return digest;
}

/** Finished steps of one build, preserved across crashes and restarts. */
export interface BuildMemory {
  recall(keys: readonly string[]): ReadonlyMap<string, LayerRecord>;
  remember(key: string, record: LayerRecord): void;
  /** When a step was first executed, in milliseconds since 1970: its entries keep their times when it is executed again. */
  began(key: string): number;
  /** Protects a layer from garbage collection while the build runs. */
  hold(digest: string): void;
}

const DAY_MS = 24 * 60 * 60 * 1000;

interface StepCacheOptions {
  /** Whether results of other builds are ignored. */
  isIgnored: boolean;
  /** Scope of the build, whose confined records it may use. Undefined for builds without RUN, which have none. */
  scope?: string;
}

/**
 * Finished steps by key. A build finds its own in its memory and those of other builds in KV. A record is valid only if its
 * layer is stored, because KV may have a record of a collected layer.
 * A confined record, and everything made from it, is visible only to its scope.
 */
export class StepCache {
  readonly #store: ObjectStore;
  readonly #cache: CacheStore;
  readonly #memory: BuildMemory;
  readonly #tombstones: Tombstones;
  /** Whether results of other builds are ignored. */
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
   * Finds the records of known keys whose layers are stored.
   * @param fresh keys for which only this build's own results count
   */
  async find(
    keys: readonly string[],
    fresh: ReadonlySet<string> = new Set(),
  ): Promise<Map<string, LayerRecord>> {
    const found = new Map(this.#memory.recall(keys));
    const others = this.isIgnored ? [] : keys.filter((key) => !found.has(key) && !fresh.has(key));
    if (others.length > 0) for (const [key, record] of await this.#read(others)) found.set(key, record);
    const stored = await Promise.all([...found].map(([key, record]) => this.#holdFound(key, record)));
    return new Map([...found].filter((_, index) => stored[index]));
  }

  /** When this build first executed a step, in milliseconds since 1970. */
  began(key: string): number {
    return this.#memory.began(key);
  }

  /** Protects a layer from garbage collection while the build runs; returns false when it is not stored. */
  async hold(record: LayerRecord): Promise<boolean> {
    return (await this.#hold(record)) !== "missing";
  }

  /** Like `hold`, for a record that was found. Writes it again once a day, so that it does not expire. */
  async #holdFound(key: string, record: LayerRecord): Promise<boolean> {
    const held = await this.#hold(record);
    if (held === "touched") {
      await this.#cache.put(new Map([[record.confined ? this.scopedKey(key) : key, record]]));
    }
    return held !== "missing";
  }

  /** @returns `touched` when the layer was not used today */
  async #hold({ layer: { digest, size } }: LayerRecord): Promise<"missing" | "held" | "touched"> {
    this.#memory.hold(digest);
    const key = blobKey(digest);
    // In this order: the collector deletes the layer before it removes the tombstone.
    if (await this.#tombstones.has(key)) return "missing";
    const stored = await this.#store.head(key);
    if (stored?.size !== size) return "missing";
    const isTouched = Date.now() - stored.uploaded > DAY_MS && (await this.#touch(digest));
    return isTouched ? "touched" : "held";
  }

  /** Refreshes the age of a layer's table of contents, which garbage collection uses. @returns whether it was old */
  async #touch(digest: string): Promise<boolean> {
    const key = tocKey(digest);
    const toc = await this.#store.head(key);
    if (toc === undefined || Date.now() - toc.uploaded < DAY_MS) return false;
    const bytes = await this.#store.getBytes(key);
    if (bytes !== undefined) await this.#store.put(key, bytes, bytes.length);
    return true;
  }

  /** Records a layer under its keys; only for the scope when the record is confined. */
  async put(record: LayerRecord, keys: readonly string[]): Promise<void> {
    this.#memory.hold(record.layer.digest);
    for (const key of keys) this.#memory.remember(key, record);
    const names = record.confined ? keys.map((key) => this.scopedKey(key)) : keys;
    await this.#cache.put(new Map(names.map((name) => [name, record])));
  }

  /** The key of a confined result. */
  scopedKey(key: string): string {
    return `scoped/${this.#scope}/${key}`;
  }

  /** Unconfined records come first, so that a build on them remains unconfined. */
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

import { type ChunkIndex, chunkIndex } from "../layers/chunk-index.ts";
import type { LayerEntry } from "../layers/entry.ts";
import { storeLayer } from "../layers/store.ts";
import { openLayer } from "../layers/toc.ts";
import { writeLayer } from "../layers/write.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { sha256 } from "../streams/sha256.ts";
import { digestEntries } from "./copy/digest-inputs.ts";
import type { Executed } from "./execute.ts";
import type { LayerRecord, StepCache } from "./step-cache.ts";
import type { LayerSettings } from "./step-key.ts";
import type { World } from "./world.ts";

/** What is gained beyond these levels is small for the time it takes: see docs/performance.md. */
const levels = { gzip: 4, zstd: 3 } as const;

/** Makes layers of what steps did. */
export class LayerWriter {
  readonly #store: ObjectStore;
  readonly #spools: ObjectStore;
  readonly #memory: number;
  readonly #cache: StepCache;
  readonly #settings: LayerSettings;

  constructor(world: World, cache: StepCache, settings: LayerSettings) {
    const { store, spools = store, layerMemory } = world;
    this.#store = store;
    this.#spools = spools;
    this.#memory = layerMemory;
    this.#cache = cache;
    this.#settings = settings;
  }

  /**
   * The layer of a step. The same entries have the same layer whatever step made them, so one that is known is not
   * written again (`reused`), and chunks of the layer that the step had last time are not compressed again.
   */
  async write(
    { entries }: Executed,
    last: LayerRecord | undefined,
    signal: AbortSignal,
    onProgress: (current: number, total: number) => void,
  ): Promise<{ record: LayerRecord; reused: boolean }> {
    const key = this.#contentKey(entries());
    const known = (await this.#cache.find([key])).get(key);
    if (known !== undefined) return { record: known, reused: true };
    const { compression } = this.#settings;
    const draft = await writeLayer(watched(entries, signal, onProgress), {
      compression,
      level: levels[compression],
      spool: this.#spools,
      kept: this.#memory,
      reuse: await this.#chunksOf(last),
    });
    const { digest, size, mediaType, diffId } = await storeLayer(this.#store, draft);
    const record = { layer: { mediaType, digest, size }, diffId };
    await this.#cache.put(record, [key]);
    return { record, reused: false };
  }

  async #chunksOf(last: LayerRecord | undefined): Promise<ChunkIndex> {
    const { compression } = this.#settings;
    const layer = last === undefined ? undefined : await openLayer(this.#store, last.layer.digest);
    return chunkIndex(layer === undefined ? [] : [layer], compression, levels[compression]);
  }

  #contentKey(entries: Iterable<LayerEntry>): string {
    const { compression } = this.#settings;
    const format = `${compression} ${levels[compression]}`;
    return `content/${sha256(`${format} ${digestEntries(entries)}`).slice("sha256:".length)}`;
  }
}

/** Milliseconds between two reports. */
const reportEvery = 500;

/** Stops when the signal says so, and tells now and then how many of the bytes have been reached. */
function* watched(
  entries: () => Iterable<LayerEntry>,
  signal: AbortSignal,
  onProgress: (current: number, total: number) => void,
): Generator<LayerEntry> {
  let total = 0;
  for (const { node } of entries()) total += node.size;
  let current = 0;
  let reported = Date.now();
  for (const entry of entries()) {
    signal.throwIfAborted();
    yield entry;
    current += entry.node.size;
    if (Date.now() - reported < reportEvery) continue;
    reported = Date.now();
    onProgress(current, total);
  }
}

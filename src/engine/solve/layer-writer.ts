import { type ChunkIndex, chunkIndex } from "../../layers/chunk-index.ts";
import { entriesTree } from "../../layers/entries-tree.ts";
import type { LayerEntry } from "../../layers/entry.ts";
import { storeLayer } from "../../layers/store.ts";
import { openLayer } from "../../layers/toc.ts";
import { writeLayer } from "../../layers/write.ts";
import type { Tree } from "../../rootfs/tree.ts";
import type { ObjectStore } from "../../store/object-store.ts";
import { sha256 } from "../../streams/sha256.ts";
import { digestEntries } from "../copy/digest-inputs.ts";
import type { LayerSettings } from "../keys/step-key.ts";
import type { World } from "../world.ts";
import { fixedEpoch } from "./change-files.ts";
import { StateLayer } from "./states.ts";
import type { LayerRecord, StepCache } from "./step-cache.ts";

/** Higher levels gain little for the time they take: see docs/performance.md. */
export const compressionLevels = { gzip: 4, zstd: 3 } as const;

export interface LayerOptions {
  isConfined: boolean;
  /** The layer that the step made last time, whose chunks are reused. */
  last: LayerRecord | undefined;
  onProgress: (current: number, total: number) => void;
  /** Called when the blob is stored; `reused` when another step had made it. */
  onStored: (record: LayerRecord, reused: boolean) => Promise<void>;
}

/** Makes layers of the changes that steps make at the edge. */
export class LayerWriter {
  readonly #store: ObjectStore;
  readonly #spools: ObjectStore;
  readonly #memory: number;
  readonly #cache: StepCache;
  readonly #settings: LayerSettings;
  readonly #signal: AbortSignal;

  constructor(world: World, cache: StepCache, settings: LayerSettings, signal: AbortSignal) {
    const { store, spools = store, layerMemory } = world;
    this.#store = store;
    this.#spools = spools;
    this.#memory = layerMemory;
    this.#cache = cache;
    this.#settings = settings;
    this.#signal = signal;
  }

  /**
   * The layer of a step, not stored yet. Equal entries have equal layers whichever step makes them, so a layer that is
   * known is not written again.
   */
  layer(entries: () => Iterable<LayerEntry>, options: LayerOptions): StateLayer {
    const key = this.#contentKey(entries());
    return new StateLayer({
      identity: key,
      isConfined: options.isConfined,
      tree: () => entriesTree(entries()),
      store: async () => {
        const known = (await this.#cache.find([key])).get(key);
        const record = known ?? (await this.#write(entries, key, options));
        await options.onStored(record, known !== undefined);
        return record;
      },
    });
  }

  /** The layer of a context that takes the place of an image. */
  contextLayer(tree: Tree): StateLayer {
    const entries = function* () {
      for (const node of tree.walk("")) yield { node: { ...node, uid: 0, gid: 0, mtime: fixedEpoch } };
    };
    const nothing = { onProgress: () => {}, onStored: async () => {} };
    return this.layer(entries, { isConfined: false, last: undefined, ...nothing });
  }

  async #write(
    entries: () => Iterable<LayerEntry>,
    key: string,
    { isConfined, last, onProgress }: LayerOptions,
  ): Promise<LayerRecord> {
    const { compression } = this.#settings;
    const draft = await writeLayer(watched(entries, this.#signal, onProgress), {
      compression,
      level: compressionLevels[compression],
      spool: this.#spools,
      kept: this.#memory,
      reuse: await this.#chunksOf(last),
    });
    const { digest, size, mediaType, diffId } = await storeLayer(this.#store, draft);
    const layer = { mediaType, digest, size };
    const record = { layer, diffId, identity: key, ...(isConfined && { confined: true as const }) };
    await this.#cache.put(record, [key]);
    return record;
  }

  async #chunksOf(last: LayerRecord | undefined): Promise<ChunkIndex> {
    const { compression } = this.#settings;
    const layer = last === undefined ? undefined : await openLayer(this.#store, last.layer.digest);
    return chunkIndex(layer === undefined ? [] : [layer], compression, compressionLevels[compression]);
  }

  #contentKey(entries: Iterable<LayerEntry>): string {
    const { compression } = this.#settings;
    const format = `${compression} ${compressionLevels[compression]}`;
    return `content/${sha256(`${format} ${digestEntries(entries)}`).slice("sha256:".length)}`;
  }
}

/** Milliseconds between two reports. */
const REPORT_INTERVAL = 500;

/** Stops when the signal aborts, and reports how many bytes have been read. */
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
    if (Date.now() - reported < REPORT_INTERVAL) continue;
    reported = Date.now();
    onProgress(current, total);
  }
}

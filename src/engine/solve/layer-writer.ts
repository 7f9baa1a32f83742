import { entriesTree } from "../../layers/entries-tree.ts";
import type { LayerEntry } from "../../layers/entry.ts";
import type { Tree } from "../../rootfs/tree.ts";
import { sha256 } from "../../streams/sha256.ts";
import { inTurns } from "../../streams/turns.ts";
import { digestEntries } from "../copy/digest-inputs.ts";
import type { LayerSettings } from "../keys/step-key.ts";
import type { World } from "../world.ts";
import { fixedEpoch } from "./change-files.ts";
import type { LayerProgramTask } from "./layer-program.ts";
import { StateLayer } from "./states.ts";
import type { LayerRecord, StepCache } from "./step-cache.ts";
import { type LayerProgress, writeStepLayer } from "./write-layer.ts";

export interface LayerOptions {
  isConfined: boolean;
  /** The layer that the step made last time, whose chunks are reused. */
  last: LayerRecord | undefined;
  /** What a layer program needs to write the layer; undefined when the layer must be written here. */
  task: (() => Promise<LayerSource | undefined>) | undefined;
  onProgress: LayerProgress;
  /** Called when the blob is stored; `reused` when another step had made it. */
  onStored: (record: LayerRecord, reused: boolean) => Promise<void>;
}

/** Bytes of files from which on a layer program is faster than its call. */
const MIN_PROGRAM_BYTES = 1024 * 1024;

/** Bytes of memory that a writer needs besides the chunks that it keeps: contents that were read ahead, and buffers. */
const WRITER_BYTES = 8 * 1024 * 1024;

/** What a layer is made of: see `LayerProgramTask`. */
export type LayerSource = Pick<LayerProgramTask, "copy" | "scope" | "confined">;

/** Makes layers of the changes that steps make at the edge. */
export class LayerWriter {
  readonly #world: World;
  readonly #cache: StepCache;
  readonly #settings: LayerSettings;
  readonly #signal: AbortSignal;

  constructor(world: World, cache: StepCache, settings: LayerSettings, signal: AbortSignal) {
    this.#world = world;
    this.#cache = cache;
    this.#settings = settings;
    this.#signal = signal;
  }

  /**
   * The layer of a step, not stored yet. Equal entries have equal layers whichever step makes them, so a layer that is
   * known is not written again.
   */
  async layer(entries: () => Iterable<LayerEntry>, options: LayerOptions): Promise<StateLayer> {
    const { key, bytes } = await this.#contentKey(entries());
    return new StateLayer({
      identity: key,
      isConfined: options.isConfined,
      tree: () => entriesTree(entries()),
      store: async () => {
        const known = (await this.#cache.find([key])).get(key);
        const record = known ?? (await this.#write(entries, { key, bytes }, options));
        await options.onStored(record, known !== undefined);
        return record;
      },
    });
  }

  /** The layer of a context that takes the place of an image. */
  contextLayer(tree: Tree): Promise<StateLayer> {
    const entries = function* () {
      for (const node of tree.walk("")) yield { node: { ...node, uid: 0, gid: 0, mtime: fixedEpoch } };
    };
    const nothing = { task: undefined, onProgress: () => {}, onStored: async () => {} };
    return this.layer(entries, { isConfined: false, last: undefined, ...nothing });
  }

  async #write(
    entries: () => Iterable<LayerEntry>,
    { key, bytes }: { key: string; bytes: number },
    { isConfined, last, task, onProgress }: LayerOptions,
  ): Promise<LayerRecord> {
    const { compression, level } = this.#settings;
    const { store, spools, layerMemory, layerProgram, memory } = this.#world;
    const signal = this.#signal;
    const before = last?.layer.digest;
    const source = layerProgram && bytes > MIN_PROGRAM_BYTES ? await task?.() : undefined;
    const written =
      layerProgram && source
        ? await layerProgram.write(
            { ...source, compression, level, ...(before !== undefined && { last: before }) },
            { signal, onProgress },
          )
        : await memory.use(WRITER_BYTES + Math.min(bytes, layerMemory), signal, () =>
            writeStepLayer(store, entries, {
              compression,
              level,
              last: before,
              spools,
              kept: layerMemory,
              signal,
              onProgress,
            }),
          );
    const { digest, size, mediaType, diffId } = written;
    const layer = { mediaType, digest, size };
    const record = { layer, diffId, identity: key, ...(isConfined && { confined: true as const }) };
    await this.#cache.put(record, [key]);
    return record;
  }

  /** The key of a layer with these entries, and the bytes of their files. */
  async #contentKey(entries: Iterable<LayerEntry>): Promise<{ key: string; bytes: number }> {
    const { compression, level } = this.#settings;
    const format = `${compression} ${level}`;
    const { digest, bytes } = await inTurns(digestEntries(entries));
    return { key: `content/${sha256(`${format} ${digest}`).slice("sha256:".length)}`, bytes };
  }
}

import { entriesTree } from "../../layers/entries-tree.ts";
import type { LayerEntry } from "../../layers/entry.ts";
import type { Keep } from "../../layers/spool.ts";
import type { Tree } from "../../rootfs/tree.ts";
import { sha256Hex } from "../../streams/sha256.ts";
import { inTurns } from "../../streams/turns.ts";
import { digestEntries } from "../copy/digest-inputs.ts";
import { FirstResults } from "../first-results.ts";
import type { LayerSettings } from "../keys/step-key.ts";
import { FIXED_EPOCH, formatConfigTime } from "../times.ts";
import type { World } from "../world.ts";
import type { LayerProgramTask } from "./layer-program.ts";
import type { PreparedPlatform } from "./prepared.ts";
import { StateLayer } from "./states.ts";
import type { LayerRecord, StepCache } from "./step-cache.ts";
import { type LayerProgress, writeStepLayer } from "./write-layer.ts";
import { useWriterMemory } from "./writer-memory.ts";

interface LayerOptions {
  isConfined: boolean;
  /** Whether a time was requested for created entries, so that the layer's key contains it. */
  hasFixedTime: boolean;
  /** The last version of the layer, whose chunks are reused. */
  last: LayerRecord | undefined;
  /** Returns the task for a layer program; undefined when the layer must be written here. */
  task: (() => Promise<LayerSource | undefined>) | undefined;
  onProgress: LayerProgress;
  /** See `ChunkWriterOptions`. Set by a caller that has reserved memory; otherwise the writer waits for memory. */
  keep?: Keep;
  /** Called when the blob is stored. @param reused whether another step had stored it */
  onStored: (record: LayerRecord, reused: boolean) => Promise<void>;
}

/** From this many bytes of files, a layer program is faster despite the cost of the call. */
const MIN_PROGRAM_BYTES = 1024 * 1024;

/** The inputs of a layer: see `LayerProgramTask`. */
export type LayerSource = Pick<LayerProgramTask, "copy" | "scope" | "confined">;

/** Writes layers from the changes that steps make on the server. */
export class LayerWriter {
  readonly #world: World;
  readonly #cache: StepCache;
  readonly #settings: LayerSettings;
  readonly #prefix: string;
  readonly #signal: AbortSignal;
  readonly #firsts: FirstResults<LayerRecord>;
  /** Number of times that each layer was written, by key. */
  readonly #writes = new Map<string, number>();

  constructor(
    world: World,
    cache: StepCache,
    { settings, prefix }: Pick<PreparedPlatform, "settings" | "prefix">,
    signal: AbortSignal,
  ) {
    this.#prefix = prefix;
    this.#world = world;
    this.#cache = cache;
    this.#settings = settings;
    this.#signal = signal;
    this.#firsts = new FirstResults(world.store, (record) => cache.hold(record));
  }

  /**
   * The layer of a step, stored on request. Steps with equal entries share one layer and its times, so a known layer is
   * not written again.
   */
  async layer(entries: () => Iterable<LayerEntry>, options: LayerOptions): Promise<StateLayer> {
    const { key, bytes } = await this.#contentKey(entries(), options.hasFixedTime);
    const { isConfined, onStored } = options;
    const known = await this.#find(key, isConfined);
    if (known !== undefined) {
      const record = isConfined ? { ...known, confined: true as const } : known;
      const store = async () => {
        await onStored(record, true);
        return record;
      };
      return new StateLayer({ identity: key, isConfined, store });
    }
    return new StateLayer({
      identity: key,
      isConfined,
      tree: () => entriesTree(entries()),
      store: async () => {
        const { record, isKnown } = await this.#write(entries, { key, bytes }, options);
        await onStored(record, isKnown);
        return record;
      },
    });
  }

  /** The layer of a context that replaces an image. */
  contextLayer(tree: Tree): Promise<StateLayer> {
    const { timestamps } = this.#settings;
    const entries = function* (): Generator<LayerEntry> {
      for (const node of tree.walk("")) {
        const mtime = timestamps === "fixed" ? FIXED_EPOCH : Math.floor(node.mtime);
        yield { node: { ...node, uid: 0, gid: 0, mtime }, hasFreeTime: true };
      }
    };
    const nothing = { last: undefined, task: undefined, onProgress: () => {}, onStored: async () => {} };
    return this.layer(entries, { isConfined: false, hasFixedTime: false, ...nothing });
  }

  /** A stored layer with these entries. A confined one may have other files than its entries say. */
  async #find(key: string, isConfined: boolean): Promise<LayerRecord | undefined> {
    const known = (await this.#cache.find([key])).get(key);
    if (known !== undefined && (isConfined || !known.confined)) return known;
    return this.#cache.isIgnored ? undefined : this.#firsts.find(nameOf(key));
  }

  async #write(
    entries: () => Iterable<LayerEntry>,
    { key, bytes }: { key: string; bytes: number },
    { isConfined, last, task, onProgress, keep: reserved }: LayerOptions,
  ): Promise<{ record: LayerRecord; isKnown: boolean }> {
    const { compression, level } = this.#settings;
    const { store, spools, layerProgram, segments } = this.#world;
    const signal = this.#signal;
    const before = await this.#heldDigest(last);
    const withMemory = <T>(write: (keep: Keep) => Promise<T>) =>
      reserved === undefined
        ? useWriterMemory(this.#world, { changes: 0, bytes }, { signal }, write)
        : write(reserved);
    const source = layerProgram && bytes > MIN_PROGRAM_BYTES ? await task?.() : undefined;
    const written =
      layerProgram && source
        ? await layerProgram.write(
            { ...source, compression, level, ...(before !== undefined && { last: before }) },
            { signal, onProgress },
          )
        : await withMemory((keep) =>
            writeStepLayer(store, entries, {
              compression,
              level,
              last: before,
              bytes,
              spools,
              segments: segments?.(this.#nameOf(key)),
              keep,
              signal,
              onProgress,
            }),
          );
    const { digest, size, mediaType, diffId } = written;
    const layer = { mediaType, digest, size };
    const confined = isConfined && { confined: true as const };
    const own = { layer, diffId, identity: key, ...confined, created: formatConfigTime(Date.now()) };
    const record = await this.#claim(key, own);
    await this.#cache.put(record, [key]);
    return { record, isKnown: record !== own };
  }

  /** The digest of a stored layer, which is protected from garbage collection from now on. */
  async #heldDigest(record: LayerRecord | undefined): Promise<string | undefined> {
    return record && (await this.#cache.hold(record)) ? record.layer.digest : undefined;
  }

  /** A name for writing a layer. Other platforms and steps may write an equal layer at the same time. */
  #nameOf(key: string): string {
    const before = this.#writes.get(key) ?? 0;
    this.#writes.set(key, before + 1);
    return `${this.#prefix}${key} ${before}`;
  }

  /** Returns the first layer with these entries, because another build may have stored one concurrently. */
  async #claim(key: string, own: LayerRecord): Promise<LayerRecord> {
    // Digests in a confined layer may be wrong, so builds of other scopes must not use it.
    if (own.confined) return own;
    if (!this.#cache.isIgnored) return this.#firsts.claim(nameOf(key), own);
    await this.#firsts.replace(nameOf(key), own);
    return own;
  }

  /** The key of a layer with these entries, and the bytes of their files. */
  async #contentKey(
    entries: Iterable<LayerEntry>,
    hasFixedTime: boolean,
  ): Promise<{ key: string; bytes: number }> {
    const { compression, level, timestamps, epoch } = this.#settings;
    const times = hasFixedTime ? `${timestamps} ${epoch}` : timestamps;
    const format = `${compression} ${level} ${times}`;
    const { digest, bytes } = await inTurns(digestEntries(entries));
    return { key: `content/${sha256Hex(`${format} ${digest}`)}`, bytes };
  }
}

/** The name of the first layer with a content key. */
function nameOf(key: string): string {
  return `layer-${key.slice("content/".length)}`;
}

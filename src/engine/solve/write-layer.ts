import { chunkIndex } from "../../layers/chunk-index.ts";
import type { LayerEntry } from "../../layers/entry.ts";
import { storeLayer } from "../../layers/store.ts";
import { type LayerCompression, type LayerInfo, openLayer } from "../../layers/toc.ts";
import { type WriteOptions, writeLayer } from "../../layers/write.ts";
import type { ObjectStore } from "../../store/object-store.ts";

/** Called with the bytes of files read so far, and the total. */
export type LayerProgress = (current: number, total: number) => void;

export interface StepLayerOptions extends Pick<WriteOptions, "keep" | "compress" | "pending"> {
  compression: LayerCompression;
  level: number;
  /** Digest of the last version of the layer, whose chunks are reused. */
  last: string | undefined;
  /** Where bytes are buffered that do not fit in memory; by default the store. */
  spools?: ObjectStore | undefined;
  signal: AbortSignal;
  onProgress: LayerProgress;
}

/** Writes the layer of a step and stores it. */
export async function writeStepLayer(
  store: ObjectStore,
  entries: () => Iterable<LayerEntry>,
  { compression, level, last, spools = store, signal, onProgress, ...options }: StepLayerOptions,
): Promise<LayerInfo> {
  const before = last === undefined ? undefined : await openLayer(store, last);
  const draft = await writeLayer(reportProgress(entries, signal, onProgress), {
    ...options,
    compression,
    level,
    spool: spools,
    reuse: chunkIndex(before === undefined ? [] : [before], compression, level),
  });
  return storeLayer(store, draft);
}

/** Milliseconds between two reports. */
const REPORT_INTERVAL = 500;

/** Stops when the signal aborts, and reports how many bytes were read. */
function* reportProgress(
  entries: () => Iterable<LayerEntry>,
  signal: AbortSignal,
  onProgress: LayerProgress,
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

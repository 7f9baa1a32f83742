import { chunkIndex } from "../../layers/chunk-index.ts";
import type { ChunkWriterOptions } from "../../layers/chunk-writer.ts";
import type { LayerEntry } from "../../layers/entry.ts";
import { hasStoredContents, segmentBytes } from "../../layers/segments.ts";
import { storeLayer } from "../../layers/store.ts";
import { type LayerCompression, type LayerInfo, openLayer } from "../../layers/toc.ts";
import { writeLayer } from "../../layers/write.ts";
import { type SegmentWorker, writeSegments } from "../../layers/write-segments.ts";
import { blobKey } from "../../oci/content-key.ts";
import type { ObjectStore } from "../../store/object-store.ts";

/** Called with the bytes of files read so far, and the total. */
export type LayerProgress = (current: number, total: number) => void;

/** Writes large layers in several invocations. */
export interface Segments {
  worker: SegmentWorker;
  /** Key prefix of the compressed segments. A build that restarts reuses the segments that it finds there. */
  folder: string;
}

export interface StepLayerOptions extends Pick<ChunkWriterOptions, "keep" | "compress" | "pending"> {
  compression: LayerCompression;
  level: number;
  /** Digest of the last version of the layer, whose chunks are reused. */
  last: string | undefined;
  /** Bytes of all files; by default computed from the entries. */
  bytes?: number;
  /** Buffers bytes that do not fit in memory; by default the store. */
  spools?: ObjectStore | undefined;
  /** For layers that are too large for one invocation. */
  segments?: Segments | undefined;
  signal: AbortSignal;
  onProgress: LayerProgress;
}

/** Writes the layer of a step and stores it. */
export async function writeStepLayer(
  store: ObjectStore,
  entries: () => Iterable<LayerEntry>,
  {
    compression,
    level,
    last,
    bytes: total = bytesOf(entries()),
    spools = store,
    segments,
    signal,
    onProgress,
    ...options
  }: StepLayerOptions,
): Promise<LayerInfo> {
  if (segments !== undefined) {
    // Two segments in one invocation are faster than in several.
    const isLarge = total > 2 * segmentBytes({ compression, level });
    if (isLarge && (await hasStoredContents(entries()))) {
      const format = { compression, level, ...(last !== undefined && { last }) };
      const { worker, folder } = segments;
      const draft = await writeSegments(entries(), {
        ...format,
        worker,
        folder,
        signal,
        onProgress: (current) => onProgress(Math.min(current, total), total),
        drop: (keys) => store.delete(...keys),
      });
      return storeLayer(store, draft, (blob) => worker.put(blob));
    }
  }
  const before = last === undefined ? undefined : await openLayer(store, last);
  const blob = await store.createHashed?.();
  const draft = await writeLayer(reportProgress(entries(), total, signal, onProgress), {
    ...options,
    compression,
    level,
    spool: spools,
    blob,
    reuse: chunkIndex(before === undefined ? [] : [before], compression, level),
  });
  return storeLayer(store, draft, blob && (({ digest }) => blob.complete(blobKey(digest))));
}

/** Milliseconds between two reports. */
const REPORT_INTERVAL = 500;

/** Stops when the signal aborts, and reports how many bytes were read. */
function* reportProgress(
  entries: Iterable<LayerEntry>,
  total: number,
  signal: AbortSignal,
  onProgress: LayerProgress,
): Generator<LayerEntry> {
  let current = 0;
  let reported = Date.now();
  for (const entry of entries) {
    signal.throwIfAborted();
    yield entry;
    current += entry.node.size;
    if (Date.now() - reported < REPORT_INTERVAL) continue;
    reported = Date.now();
    onProgress(current, total);
  }
}

function bytesOf(entries: Iterable<LayerEntry>): number {
  let bytes = 0;
  for (const { node } of entries) bytes += node.size;
  return bytes;
}

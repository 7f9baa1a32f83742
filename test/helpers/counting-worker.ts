import { Recompressor } from "../../src/layers/recompress.ts";
import { compressSegment, SegmentHasher } from "../../src/layers/segment-work.ts";
import { putBlob } from "../../src/layers/store.ts";
import type { SegmentWorker } from "../../src/layers/write-segments.ts";
import type { ObjectStore } from "../../src/store/object-store.ts";

/** Bytes of a portion when a layer is compressed again. */
export const PORTION = 1024 * 1024;

/** Executes work in this process and counts it. `fails` throws before the segment with this number is compressed. */
export function countingWorker(
  store: ObjectStore,
  { fails = Number.POSITIVE_INFINITY, forgets = false } = {},
) {
  const counts = { segments: 0, chunks: 0, mostBytes: 0, hashed: 0, portions: 0 };
  let hasher = new SegmentHasher(store);
  let recompressor = new Recompressor(store, PORTION);
  let work: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(act: () => Promise<T>) => {
    const done = work.then(act);
    work = done.catch(() => {});
    return done;
  };
  const worker: SegmentWorker = {
    compress: (task) =>
      inTurn(async () => {
        if (counts.segments === fails) throw new Error("interrupted");
        counts.segments += 1;
        const segment = await compressSegment(store, task);
        counts.chunks += segment.compressed;
        const bytes = segment.chunks.reduce((sum, { size }) => sum + size, 0);
        if (segment.compressed > 0) counts.mostBytes = Math.max(counts.mostBytes, bytes);
        return segment;
      }),
    hash: (number, compression, chunks) =>
      inTurn(async () => {
        counts.hashed += 1;
        // As after an eviction of the object.
        if (forgets && counts.hashed === 3) hasher = new SegmentHasher(store);
        return hasher.add(number, compression, chunks);
      }),
    put: (blob) => inTurn(() => putBlob(store, blob)),
    recompress: (number, blob, format) =>
      inTurn(async () => {
        counts.portions += 1;
        if (forgets && counts.portions === 3) recompressor = new Recompressor(store, PORTION);
        return recompressor.advance(number, blob, format);
      }),
    stopRecompress: () => recompressor.stop(),
  };
  return { worker, counts };
}

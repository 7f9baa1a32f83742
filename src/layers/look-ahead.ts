import type { LayerEntry } from "./entry.ts";

/** Bytes of contents, and most entries, that are prefetched. */
const WINDOW = 16 * 1024 * 1024;
const ENTRIES = 4096;

/**
 * Yields the same entries after prefetching their contents. Prefetches half a window at a time, so that adjacent
 * contents are announced together.
 */
export async function* lookAhead(
  entries: Iterable<LayerEntry> | AsyncIterable<LayerEntry>,
): AsyncGenerator<LayerEntry> {
  let ready: LayerEntry[] = [];
  let batch: LayerEntry[] = [];
  let size = 0;
  for await (const entry of entries) {
    batch.push(entry);
    size += entry.node.size;
    if (size < WINDOW / 2 && batch.length < ENTRIES / 2) continue;
    announce(batch);
    yield* ready;
    ready = batch;
    batch = [];
    size = 0;
  }
  announce(batch);
  yield* ready;
  yield* batch;
}

function announce(batch: readonly LayerEntry[]): void {
  for (const { node, read } of batch) if (read === undefined) node.contents?.prefetch?.();
}

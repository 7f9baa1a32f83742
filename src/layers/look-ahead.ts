import type { LayerEntry } from "./entry.ts";

/** Bytes of contents that are announced ahead of their reading, and so many entries at most. */
const WINDOW = 16 * 1024 * 1024;
const ENTRIES = 4096;

/**
 * The same entries, their contents announced well before they are read. Half a window at a time, so that what lies
 * side by side is announced together.
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

import type { Keep } from "../../layers/spool.ts";
import { READER_MEMORY } from "../../store/block-reader.ts";
import type { UseOptions } from "../../streams/memory-budget.ts";
import type { World } from "../world.ts";

/** Memory of every writer: chunks before and after compression, and entries whose contents are fetched ahead. */
const BASE_BYTES = 3 * 1024 * 1024;
/** Memory of a large layer besides: contents that are read, and a part of the buffered layer. */
const CONTENTS_BYTES = READER_MEMORY + 5 * 1024 * 1024;

export interface WriterMemoryOptions extends UseOptions {
  /** Called when writing starts after `onWait`. */
  onStart?: (() => void) | undefined;
}

/**
 * Runs `write` when there is memory for writing a layer. It must not write another layer in the same way.
 * @param bytes of the layer's files
 * @param write receives whether more compressed bytes may stay in memory
 */
export function useWriterMemory<T>(
  { memory, layerMemory }: Pick<World, "memory" | "layerMemory">,
  bytes: number,
  { signal, onWait, onStart }: WriterMemoryOptions,
  write: (keep: Keep) => Promise<T>,
): Promise<T> {
  let hasWaited = false;
  const wait = () => {
    hasWaited = true;
    onWait?.();
  };
  // A small layer is in memory twice at most: as blocks that were read, and decompressed.
  const reserved = BASE_BYTES + Math.min(2 * bytes, CONTENTS_BYTES);
  return memory.use(reserved, { signal, onWait: wait }, (reservation) => {
    if (hasWaited) onStart?.();
    let kept = 0;
    return write((more) => {
      if (kept + more > layerMemory || !reservation.grow(more)) return false;
      kept += more;
      return true;
    });
  });
}

import { hasWildcard } from "../../dockerignore/glob.ts";
import type { Keep } from "../../layers/spool.ts";
import { EntryTable } from "../../rootfs/entry-table.ts";
import { READER_MEMORY } from "../../store/block-reader.ts";
import type { UseOptions } from "../../streams/memory-budget.ts";
import { spend } from "../../streams/turns.ts";
import { pathInRoot } from "../../tar/path.ts";
import type { CopySource } from "../copy/copy-request.ts";
import type { World } from "../world.ts";

/** Memory of every writer, in bytes: chunks before and after compression. */
const BASE = 3 * 1024 * 1024;
/** Additional memory of a large layer: contents that are read, and a part of the buffered layer. */
const CONTENTS = READER_MEMORY + 5 * 1024 * 1024;
/** Maximum memory of a change: its node, and its name in a directory. See `CopyOrigin.table`. */
const CHANGE = 500;
/** Maximum number of entries whose sizes are added up. A layer with more entries counts as large. */
const COUNTED = 256;
/** Cost of reading an entry. */
const ENTRY = 4096;

/** The size of a layer to be written. */
interface LayerSize {
  /** Number of entries that are in memory until the layer is written. */
  changes: number;
  /** Bytes of files; infinite when there are too many to add them up. */
  bytes: number;
}

/** The maximum size of the layer of COPY or ADD. Archives count as the files that contain them. */
export async function sizeOfSources(sources: readonly CopySource[]): Promise<LayerSize> {
  const size: LayerSize = { changes: 0, bytes: 0 };
  for (const { tree, path } of sources) {
    const place = hasWildcard(path) ? "" : pathInRoot(path);
    const node = tree.lookup(place);
    size.changes += 1;
    if (node?.type === "file") size.bytes += node.size;
    if (node?.type !== "dir") continue;
    let counted = 0;
    for (const { size: bytes } of tree.walk(place)) {
      const turn = spend(ENTRY);
      if (turn !== undefined) await turn;
      size.bytes += bytes;
      if (++counted > COUNTED && tree instanceof EntryTable) break;
    }
    if (counted > COUNTED) size.bytes = Number.POSITIVE_INFINITY;
    size.changes += counted > COUNTED && tree instanceof EntryTable ? tree.sizeAt(place) : counted;
  }
  return size;
}

interface WriterMemoryOptions extends UseOptions {
  /** Called when writing starts after `onWait`. */
  onStart?: () => void;
}

/**
 * Runs `write` when there is memory for writing a layer. `write` must not call this function, because it could wait forever.
 * @param write receives whether more compressed bytes may stay in memory
 */
export function useWriterMemory<T>(
  { memory, layerMemory }: Pick<World, "memory" | "layerMemory">,
  { changes, bytes }: LayerSize,
  { signal, onWait, onStart }: WriterMemoryOptions,
  write: (keep: Keep) => Promise<T>,
): Promise<T> {
  let hasWaited = false;
  const wait = () => {
    hasWaited = true;
    onWait?.();
  };
  // The files of a small layer are in memory twice at most: compressed and decompressed.
  const reserved = BASE + CHANGE * changes + Math.min(2 * bytes, CONTENTS);
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

import type { LayerEntry } from "../../layers/entry.ts";
import { childPath, nameOf, parentOf } from "../../rootfs/path-parts.ts";
import { sameEntry } from "../../rootfs/same-entry.ts";
import type { Tree } from "../../rootfs/tree.ts";

/** Times that entries of a layer keep, by path. */
type KeptTimes = ReadonlyMap<string, number>;

/**
 * Finds the times that entries of a layer keep: an unchanged entry with a free time keeps its time from the last
 * version of the layer, so that a fresh checkout changes nothing. Exceptions:
 * - a directory in which names were added or removed,
 * - a Python source whose bytecode in the same layer is new, because bytecode contains the time of its source.
 * Works in pieces: see `inTurns`.
 * @param entries in path order
 * @param last the last version of the layer, without other layers merged into it
 */
export function* findKeptTimes(
  entries: Iterable<LayerEntry>,
  last: Tree,
): Generator<number, KeptTimes, undefined> {
  const kept = new Map<string, number>();
  /** Candidate directories, with their current number of names. */
  const directories = new Map<string, number>();
  const isChanged = new Set<string>();
  for (const { node, hasFreeTime } of entries) {
    const { path, type } = node;
    yield ENTRY + 8 * path.length;
    const before = last.lookup(path);
    const parent = parentOf(path);
    const count = directories.get(parent);
    if (before === undefined) isChanged.add(parent);
    else if (count !== undefined) directories.set(parent, count + 1);
    const isAsBefore = before !== undefined && sameEntry(before, node);
    if (isAsBefore && hasFreeTime && before.mtime !== node.mtime) {
      kept.set(path, before.mtime);
      if (type === "dir") directories.set(path, 0);
    }
    const source = type === "dir" || isAsBefore ? undefined : sourceOf(path);
    if (source !== undefined) isChanged.add(source);
  }
  for (const [path, count] of directories) {
    let before = 0;
    for (const child of last.children(path)) {
      yield ENTRY + 8 * child.path.length;
      before++;
    }
    if (before !== count) kept.delete(path);
  }
  for (const path of isChanged) kept.delete(path);
  return kept;
}

/** Yields the entries with their kept times applied. */
export function* keepTimes(entries: Iterable<LayerEntry>, kept: KeptTimes): Generator<LayerEntry> {
  for (const entry of entries) {
    const { path, type, linkname } = entry.node;
    // The names of one file have one time.
    const mtime = kept.get(type === "hardlink" && linkname !== undefined ? linkname : path);
    yield mtime === undefined ? entry : { ...entry, node: { ...entry.node, mtime } };
  }
}

/** Cost of comparing an entry. */
const ENTRY = 4096;

/** Path of the source of a bytecode file (PEP 3147). */
function sourceOf(path: string): string | undefined {
  const name = nameOf(path);
  if (!name.endsWith(".pyc")) return undefined;
  const directory = parentOf(path);
  if (nameOf(directory) !== "__pycache__") return childPath(directory, `${name.slice(0, -".pyc".length)}.py`);
  return childPath(parentOf(directory), `${name.split(".", 1)[0]}.py`);
}

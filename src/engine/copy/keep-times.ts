import type { LayerEntry } from "../../layers/entry.ts";
import type { Node, Tree } from "../../rootfs/tree.ts";
import { childPath, nameOf, parentOf } from "./root-path.ts";

/** The times that entries of a layer keep, by path. */
export type KeptTimes = ReadonlyMap<string, number>;

/**
 * Finds the times that the entries of a layer keep: those with free times that are as in the last version of the layer
 * have the time that they had there, so a fresh checkout changes nothing. Not kept is
 * - the time of a directory that has other names in it than before,
 * - the time of a Python source whose bytecode in the same layer is new, because bytecode contains the time of its source.
 *
 * Work in pieces: see `inTurns`.
 *
 * @param entries in path order; may be iterated more than once
 * @param last the last version of the layer, nothing merged
 */
export function* findKeptTimes(
  entries: () => Iterable<LayerEntry>,
  last: Tree,
): Generator<number, KeptTimes, undefined> {
  const { sources, directories } = yield* compare(entries(), last);
  const kept = new Map<string, number>();
  for (const { node, hasFreeTime } of entries()) {
    const { path } = node;
    yield ENTRY + 8 * path.length;
    const before = hasFreeTime ? last.lookup(path) : undefined;
    if (before === undefined || before.mtime === node.mtime || !isSame(before, node)) continue;
    if (!(node.type === "dir" ? directories : sources).has(path)) kept.set(path, before.mtime);
  }
  return kept;
}

/** The entries with the times that they keep. */
export function* keepTimes(entries: Iterable<LayerEntry>, kept: KeptTimes): Generator<LayerEntry> {
  for (const entry of entries) {
    const mtime = kept.get(entry.node.path);
    yield mtime === undefined ? entry : { ...entry, node: { ...entry.node, mtime } };
  }
}

/** What it costs to compare an entry. */
const ENTRY = 4096;

interface Changed {
  /** Paths of Python sources whose bytecode is new. */
  sources: ReadonlySet<string>;
  /** Paths of directories that have other names in them than before. */
  directories: ReadonlySet<string>;
}

function* compare(entries: Iterable<LayerEntry>, last: Tree): Generator<number, Changed, undefined> {
  const sources = new Set<string>();
  const directories = new Set<string>();
  const counts = new Map<string, number>();
  for (const { node } of entries) {
    const { path, type } = node;
    yield ENTRY + 8 * path.length;
    const before = last.lookup(path);
    const parent = parentOf(path);
    counts.set(parent, (counts.get(parent) ?? 0) + 1);
    if (type === "dir" && !counts.has(path)) counts.set(path, 0);
    if (before === undefined) directories.add(parent);
    const source = type === "dir" ? undefined : sourceOf(path);
    if (source !== undefined && !(before && isSame(before, node))) sources.add(source);
  }
  for (const [path, count] of counts) {
    if (directories.has(path)) continue;
    let before = 0;
    for (const child of last.children(path)) {
      yield ENTRY + 8 * child.path.length;
      before++;
    }
    if (before !== count) directories.add(path);
  }
  return { sources, directories };
}

/** Path of the source that a file of bytecode was made of (PEP 3147). */
function sourceOf(path: string): string | undefined {
  const name = nameOf(path);
  if (!name.endsWith(".pyc")) return undefined;
  const directory = parentOf(path);
  if (nameOf(directory) !== "__pycache__") return childPath(directory, `${name.slice(0, -".pyc".length)}.py`);
  return childPath(parentOf(directory), `${name.split(".", 1)[0]}.py`);
}

/** Everything but the time is the same. */
function isSame(a: Node, b: Node): boolean {
  return (
    a.type === b.type &&
    a.mode === b.mode &&
    a.uid === b.uid &&
    a.gid === b.gid &&
    a.size === b.size &&
    a.linkname === b.linkname &&
    a.digest === b.digest &&
    a.device?.major === b.device?.major &&
    a.device?.minor === b.device?.minor &&
    JSON.stringify(a.xattrs) === JSON.stringify(b.xattrs)
  );
}

import type { LayerEntry } from "../../layers/entry.ts";
import type { Node, Tree } from "../../rootfs/tree.ts";
import { childPath, nameOf, parentOf } from "./root-path.ts";

/**
 * The entries of a layer, where those with free times that are as in the last version of the layer keep the time that
 * they had there: a fresh checkout then changes nothing. Not kept is
 * - the time of a directory that has other names in it than before,
 * - the time of a Python source whose bytecode in the same layer is new, because bytecode contains the time of its source.
 *
 * @param entries in path order; may be iterated more than once
 * @param last the last version of the layer, nothing merged
 */
export function* keepTimes(entries: () => Iterable<LayerEntry>, last: Tree): Generator<LayerEntry> {
  const { sources, directories } = compare(entries(), last);
  for (const entry of entries()) {
    const { node, hasFreeTime } = entry;
    const before = hasFreeTime ? last.lookup(node.path) : undefined;
    const isKept =
      before !== undefined &&
      before.mtime !== node.mtime &&
      isSame(before, node) &&
      (node.type === "dir" ? !directories.has(node.path) : !sources.has(node.path));
    yield isKept ? { ...entry, node: { ...node, mtime: before.mtime } } : entry;
  }
}

interface Changed {
  /** Paths of Python sources whose bytecode is new. */
  sources: ReadonlySet<string>;
  /** Paths of directories that have other names in them than before. */
  directories: ReadonlySet<string>;
}

function compare(entries: Iterable<LayerEntry>, last: Tree): Changed {
  const sources = new Set<string>();
  const directories = new Set<string>();
  const counts = new Map<string, number>();
  for (const { node } of entries) {
    const { path, type } = node;
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
    for (const _ of last.children(path)) before++;
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

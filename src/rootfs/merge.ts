import { comparePaths } from "../tar/text.ts";
import { hardLinksOf } from "./hard-links.ts";
import { IMPLIED } from "./parents.ts";
import { childPath, nameOf, parentOf } from "./path-parts.ts";
import { type Node, readContents, type Tree } from "./tree.ts";
import { OPAQUE_WHITEOUT, WHITEOUT } from "./whiteout.ts";

/** The tree of one layer, including whiteouts as entries. */
export interface Layer extends Tree {
  /** Whether some name begins with `.wh.`. */
  readonly hasWhiteouts: boolean;
  /** In path order. */
  hardLinks?(): Iterable<Node>;
}

/** image-spec, layer.md, "Whiteouts". */

/** Number of cached directories. */
const REMEMBERED = 4096;

/**
 * Merges layers to one file tree, base layer first. An entry of a higher layer hides that of a lower one, except that
 * directories are merged, with the metadata of the highest layer that states the directory. A whiteout hides entries of
 * lower layers, never of the same layer, regardless of the order of entries. When a higher layer removes or replaces the
 * target of hard links, the first link becomes the file and the others link to it. Lookups read the layers; nothing is
 * copied.
 */
export function mergeLayers(layers: readonly Layer[]): Tree {
  return new MergedTree(layers);
}

/** An entry of the merged tree. */
interface Merged {
  node: Node;
  /** The layer that the entry comes from. */
  from: Layer | undefined;
  /** For a directory: the layers that contribute to it, highest first. */
  parts: readonly Layer[];
}

class MergedTree implements Tree {
  /** Base layer first. */
  readonly #layers: readonly Layer[];
  readonly #root: Merged;
  readonly #directories = new Map<string, Merged | undefined>();
  /** For each layer, the merged tree up to it. */
  readonly #upTo = new Map<Layer, MergedTree>();
  /** For each layer, the first visible hard link to each target. */
  readonly #firstLinks = new Map<Layer, Map<string, string>>();

  constructor(layers: readonly Layer[]) {
    this.#layers = layers;
    this.#root = merge("", layers.toReversed()) ?? {
      node: { ...IMPLIED, path: "" },
      from: undefined,
      parts: [],
    };
  }

  get layerCount(): number {
    return this.#layers.length;
  }

  lookup(path: string): Node | undefined {
    const found = this.#find(path);
    return found && this.#present(found.node, found.from);
  }

  *children(path: string): Generator<Node> {
    const directory = this.#directory(path);
    if (directory === undefined) return;
    for (const { node, from } of mergeChildren(path, directory.parts)) yield this.#present(node, from);
  }

  *walk(path: string): Generator<Node> {
    const directory = this.#directory(path);
    if (directory !== undefined) yield* this.#walk(path, directory.parts);
  }

  *hardLinks(): Generator<Node> {
    for (const layer of this.#layers) {
      for (const { path } of hardLinksOf(layer)) {
        const node = this.lookup(path);
        if (node?.type === "hardlink") yield node;
      }
    }
  }

  read(node: Node): AsyncIterable<Uint8Array> {
    return readContents(node);
  }

  *#walk(path: string, parts: readonly Layer[]): Generator<Node> {
    const [only] = parts;
    if (parts.length === 1 && only !== undefined && !only.hasWhiteouts) {
      for (const node of only.walk(path)) yield this.#present(node, only);
      return;
    }
    for (const child of mergeChildren(path, parts)) {
      yield this.#present(child.node, child.from);
      if (child.parts.length > 0) yield* this.#walk(child.node.path, child.parts);
    }
  }

  #find(path: string): Merged | undefined {
    if (path === "") return this.#root;
    const parent = this.#directory(parentOf(path));
    return parent && merge(path, parent.parts);
  }

  #directory(path: string): Merged | undefined {
    if (path === "") return this.#root;
    if (this.#directories.has(path)) return this.#directories.get(path);
    const found = this.#find(path);
    const directory = found?.node.type === "dir" ? found : undefined;
    if (this.#directories.size >= REMEMBERED) this.#directories.clear();
    this.#directories.set(path, directory);
    return directory;
  }

  /**
   * A hard link refers to the file that its layer has at the target; here another file or none may be visible there.
   */
  #present(node: Node, from: Layer | undefined): Node {
    if (node.type !== "hardlink" || from === undefined) return node;
    const target = node.linkname ?? "";
    const below = this.#treeUpTo(from);
    const meant = below.#find(target);
    if (meant === undefined || meant.from === this.#find(target)?.from) return node;
    const file = below.#present(meant.node, meant.from);
    if (file.type === "hardlink") return { ...file, path: node.path };
    const first = this.#firstLink(from, target);
    return first === node.path ? { ...file, path: node.path, type: "file" } : { ...node, linkname: first };
  }

  /** The first hard link of a layer to a target that this tree shows. */
  #firstLink(layer: Layer, target: string): string {
    let targets = this.#firstLinks.get(layer);
    if (targets === undefined) {
      targets = new Map();
      for (const { path, linkname = "" } of hardLinksOf(layer)) {
        if (!targets.has(linkname) && this.#find(path)?.from === layer) targets.set(linkname, path);
      }
      this.#firstLinks.set(layer, targets);
    }
    return targets.get(target) ?? target;
  }

  #treeUpTo(layer: Layer): MergedTree {
    let tree = this.#upTo.get(layer);
    if (tree === undefined) {
      tree = new MergedTree(this.#layers.slice(0, this.#layers.indexOf(layer) + 1));
      this.#upTo.set(layer, tree);
    }
    return tree;
  }
}

/** The entry at a path, from the layers that contribute to its parent. Undefined when nothing is visible. */
function merge(path: string, layers: readonly Layer[]): Merged | undefined {
  return unite(path, layers, (layer) => layer.lookup(path));
}

function unite(
  path: string,
  layers: readonly Layer[],
  entryOf: (layer: Layer, index: number) => Node | undefined,
): Merged | undefined {
  if (nameOf(path).startsWith(WHITEOUT)) return undefined;
  let node: Node | undefined;
  let from: Layer | undefined;
  const parts: Layer[] = [];
  for (const [index, layer] of layers.entries()) {
    const found = entryOf(layer, index);
    if (found !== undefined) {
      if (node === undefined || (node.implied && found.type === "dir" && !found.implied)) {
        node = found;
        from = layer;
      }
      // A file hides everything in lower layers, and a directory hides a lower file with everything below that.
      if (found.type !== "dir") break;
      parts.push(layer);
    }
    if (layer.hasWhiteouts && hides(layer, path)) break;
  }
  return node && { node, from, parts };
}

/** Whether a layer hides the layers below it at this path, or in it if it is a directory. */
function hides(layer: Layer, path: string): boolean {
  if (layer.lookup(childPath(path, OPAQUE_WHITEOUT)) !== undefined) return true;
  if (path === "") return false;
  const parent = parentOf(path);
  const whiteout = WHITEOUT + nameOf(path);
  return layer.lookup(childPath(parent, whiteout)) !== undefined;
}

/** The children of a directory in byte order, with whiteouts applied and removed. */
function* mergeChildren(path: string, layers: readonly Layer[]): Generator<Merged> {
  const cursors = layers.map((layer) => layer.children(path)[Symbol.iterator]());
  const next = (cursor: Iterator<Node>): Node | undefined => cursor.next().value;
  const heads = cursors.map(next);
  for (;;) {
    let lowest: string | undefined;
    for (const head of heads) {
      if (head !== undefined && (lowest === undefined || comparePaths(head.path, lowest) < 0)) {
        lowest = head.path;
      }
    }
    if (lowest === undefined) return;
    const merged = unite(lowest, layers, (_, index) => {
      const head = heads[index];
      return head?.path === lowest ? head : undefined;
    });
    if (merged !== undefined) yield merged;
    for (const [index, cursor] of cursors.entries()) {
      if (heads[index]?.path === lowest) heads[index] = next(cursor);
    }
  }
}

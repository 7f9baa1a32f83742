import { isRemoval } from "../../engine/run/overlay-diff.ts";
import type { Layer } from "../../rootfs/merge.ts";
import { childPath, nameOf, parentOf } from "../../rootfs/path-parts.ts";
import { type Node, type Tree, walkChildren } from "../../rootfs/tree.ts";
import { OPAQUE_WHITEOUT, WHITEOUT } from "../../rootfs/whiteout.ts";
import { comparePaths } from "../../tar/text.ts";
import type { TreeIndex } from "./tree-index.ts";

/**
 * A directory in overlayfs's form as a layer: removals become whiteouts (image-spec, layer.md), so that it can be
 * merged with others.
 */
export class OverlayLayer implements Layer {
  readonly #tree: Tree;
  readonly #opaque: ReadonlySet<string>;
  readonly #links: TreeIndex["links"];
  readonly hasWhiteouts: boolean;

  constructor(tree: Tree, index: TreeIndex) {
    this.#tree = tree;
    this.#opaque = new Set(index.opaque);
    this.#links = index.links;
    this.hasWhiteouts = index.hasRemovals;
  }

  lookup(path: string): Node | undefined {
    const name = nameOf(path);
    if (name === OPAQUE_WHITEOUT) return this.#opaque.has(parentOf(path)) ? whiteout(path) : undefined;
    if (name.startsWith(WHITEOUT)) {
      const parent = parentOf(path);
      const removed = name.slice(WHITEOUT.length);
      const node = removed && this.#tree.lookup(childPath(parent, removed));
      return node && isRemoval(node) ? whiteout(path) : undefined;
    }
    const node = this.#tree.lookup(path);
    return node && !isRemoval(node) ? withoutMarks(node) : undefined;
  }

  children(path: string): Iterable<Node> {
    if (!this.hasWhiteouts) return this.#tree.children(path);
    const nodes: Node[] = this.#opaque.has(path) ? [whiteout(childPath(path, OPAQUE_WHITEOUT))] : [];
    for (const node of this.#tree.children(path)) {
      nodes.push(
        isRemoval(node) ? whiteout(childPath(path, WHITEOUT + nameOf(node.path))) : withoutMarks(node),
      );
    }
    return nodes.sort((a, b) => comparePaths(a.path, b.path));
  }

  walk(path: string): Generator<Node> {
    return walkChildren(this, path);
  }

  *hardLinks(): Generator<Node> {
    for (const path of this.#links.flatMap(([, ...others]) => others).sort(comparePaths)) {
      const node = this.lookup(path);
      if (node !== undefined) yield node;
    }
  }

  read(node: Node): AsyncIterable<Uint8Array> {
    return this.#tree.read(node);
  }
}

function whiteout(path: string): Node {
  return { path, type: "file", mode: 0, uid: 0, gid: 0, mtime: 0, size: 0 };
}

function withoutMarks(node: Node): Node {
  if (node.xattrs?.["trusted.overlay.opaque"] === undefined) return node;
  const { "trusted.overlay.opaque": _, ...xattrs } = node.xattrs;
  const { xattrs: __, ...rest } = node;
  return Object.keys(xattrs).length === 0 ? rest : { ...rest, xattrs };
}

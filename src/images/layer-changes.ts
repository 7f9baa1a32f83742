import type { FileChange } from "../../schemas/images.ts";
import type { Layer } from "../rootfs/merge.ts";
import { childPath, nameOf, parentOf } from "../rootfs/path-parts.ts";
import { sameEntry } from "../rootfs/same-entry.ts";
import type { Node, Tree } from "../rootfs/tree.ts";
import { OPAQUE_WHITEOUT, WHITEOUT } from "../rootfs/whiteout.ts";
import { comparePaths } from "../tar/text.ts";

/** A path and its change in a layer. */
export interface ChangedNode {
  /** The node in the layer; for a removal, the removed node. */
  node: Node;
  change: FileChange;
  /** The node before the layer. */
  before?: Node;
}

/** The changes of a layer to the tree below it: its entries, and the nodes that its whiteouts hide (image-spec, layer.md). */
export class LayerChanges {
  readonly #below: Tree;
  readonly #layer: Layer;

  constructor(below: Tree, layer: Layer) {
    this.#below = below;
    this.#layer = layer;
  }

  /** The change of one path; undefined when the layer does not affect it. */
  find(path: string): ChangedNode | undefined {
    const node = nameOf(path).startsWith(WHITEOUT) ? undefined : this.#layer.lookup(path);
    if (node !== undefined) return this.#stated(node);
    const gone = this.#isHidden(path) ? this.#below.lookup(path) : undefined;
    return gone && removal(gone);
  }

  /** The changes of the entries in a directory, in byte order. */
  *children(path: string): Generator<ChangedNode> {
    const directory = this.#layer.lookup(path);
    if (directory?.type !== "dir") {
      if (path !== "" && (directory !== undefined || this.#isHidden(path))) yield* this.#removed(path);
      return;
    }
    const removed = this.#hidden(path);
    let next = 0;
    const before = (node: Node) => {
      const hidden = removed[next];
      return hidden !== undefined && comparePaths(hidden.path, node.path) < 0;
    };
    for (const node of this.#layer.children(path)) {
      if (nameOf(node.path).startsWith(WHITEOUT)) continue;
      while (before(node)) yield removal(removed[next++] as Node);
      yield this.#stated(node);
    }
    for (const node of removed.slice(next)) yield removal(node);
  }

  /** The changes of everything below a path, parents first. */
  *walk(path: string): Generator<ChangedNode> {
    for (const child of this.children(path)) {
      yield child;
      yield* this.walk(child.node.path);
    }
  }

  #stated(node: Node): ChangedNode {
    const before = this.#below.lookup(node.path);
    // The root exists before any layer.
    if (before === undefined || (before.implied && node.path === "")) return { node, change: "added" };
    const isSame = node.implied || sameEntry(before, node);
    return { node, change: isSame ? "same" : "changed", before };
  }

  /** Entries of a directory that the layer hides. */
  #hidden(path: string): Node[] {
    if (!this.#layer.hasWhiteouts) return [];
    const at = (name: string) => childPath(path, name);
    const hidden: Node[] = [];
    if (this.#isHidden(at(OPAQUE_WHITEOUT))) {
      for (const node of this.#below.children(path)) {
        if (this.#layer.lookup(node.path) === undefined) hidden.push(node);
      }
      return hidden;
    }
    for (const { path: mark } of this.#layer.children(path)) {
      const name = nameOf(mark);
      if (!name.startsWith(WHITEOUT)) continue;
      const gone = at(name.slice(WHITEOUT.length));
      const node = this.#layer.lookup(gone) === undefined ? this.#below.lookup(gone) : undefined;
      if (node !== undefined) hidden.push(node);
    }
    return hidden.sort((a, b) => comparePaths(a.path, b.path));
  }

  *#removed(path: string): Generator<ChangedNode> {
    for (const node of this.#below.children(path)) yield removal(node);
  }

  /** Whether the layer hides a lower entry at a path that it does not have. */
  #isHidden(path: string): boolean {
    for (let at = path; at !== ""; at = parentOf(at)) {
      const parent = parentOf(at);
      const inParent = (name: string) => childPath(parent, name);
      if (this.#layer.lookup(inParent(WHITEOUT + nameOf(at))) !== undefined) return true;
      const above = this.#layer.lookup(parent);
      if (above !== undefined && above.type !== "dir") return true;
      if (this.#layer.lookup(inParent(OPAQUE_WHITEOUT)) !== undefined) return true;
    }
    return false;
  }
}

function removal(node: Node): ChangedNode {
  return { node, change: "removed", before: node };
}

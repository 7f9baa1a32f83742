import type { FileEntry } from "../../schemas/images.ts";
import { hardLinksOf } from "../rootfs/hard-links.ts";
import type { Layer } from "../rootfs/merge.ts";
import { mergeLayers } from "../rootfs/merge.ts";
import { resolvePath, TooManyLinksError } from "../rootfs/resolve.ts";
import type { Node, Tree } from "../rootfs/tree.ts";
import { ImageError } from "./image-error.ts";
import { LayerChanges } from "./layer-changes.ts";

/** An entry of an image's file system, with the layer it comes from. */
interface LayeredNode extends Node {
  /** Index of the layer; undefined for a root that no layer contains. */
  layer?: number;
}

/** A layer that records its index in its entries. */
class NumberedLayer implements Layer {
  readonly hasWhiteouts: boolean;
  readonly #layer: Layer;
  readonly #number: number;

  constructor(layer: Layer, number: number) {
    this.#layer = layer;
    this.#number = number;
    this.hasWhiteouts = layer.hasWhiteouts;
  }

  lookup(path: string): LayeredNode | undefined {
    const node = this.#layer.lookup(path);
    return node && this.#numbered(node);
  }

  *children(path: string): Generator<LayeredNode> {
    for (const node of this.#layer.children(path)) yield this.#numbered(node);
  }

  *walk(path: string): Generator<LayeredNode> {
    for (const node of this.#layer.walk(path)) yield this.#numbered(node);
  }

  *hardLinks(): Generator<LayeredNode> {
    for (const node of hardLinksOf(this.#layer)) yield this.#numbered(node);
  }

  read(node: Node): AsyncIterable<Uint8Array> {
    return this.#layer.read(node);
  }

  #numbered(node: Node): LayeredNode {
    return { ...node, layer: this.#number };
  }
}

/** The files of an image, merged and by layer. */
export class ImageFiles {
  readonly #layers: readonly NumberedLayer[];
  readonly #merged = new Map<number, Tree>();

  /** @param layers base layer first */
  constructor(layers: readonly Layer[]) {
    this.#layers = layers.map((layer, number) => new NumberedLayer(layer, number));
  }

  /** The separate layers, with whiteouts as entries. */
  get layers(): readonly Layer[] {
    return this.#layers;
  }

  /** The merged tree of all layers, or of the first `count`. */
  tree(count = this.#layers.length): Tree {
    let tree = this.#merged.get(count);
    if (tree === undefined) {
      tree = mergeLayers(this.#layers.slice(0, count));
      this.#merged.set(count, tree);
    }
    return tree;
  }

  /** The changes of a layer to those below it. */
  changes(layer: number): LayerChanges {
    return new LayerChanges(this.tree(layer), this.#layers[layer] as Layer);
  }

  /**
   * The node at a path of the merged tree, following links like a process in the image.
   * @throws {ImageError} `file-unknown`
   */
  find(path: string): Node {
    try {
      const { node } = resolvePath(this.tree(), path);
      if (node !== undefined) return node;
    } catch (error) {
      if (!(error instanceof TooManyLinksError)) throw error;
    }
    throw noFile(path);
  }

  /** The file at a path, following hard links. @throws {ImageError} `file-unknown`, `not-a-file` */
  file(path: string): Node {
    const node = this.find(path);
    if (node.type === "file") return node;
    const target = node.type === "hardlink" ? this.tree().lookup(node.linkname ?? "") : undefined;
    if (target?.type === "file") return target;
    throw new ImageError("not-a-file", `Cannot read "${path}": it is a ${node.type}`);
  }
}

export function noFile(path: string): ImageError {
  return new ImageError("file-unknown", `Cannot find "${path}" in the image`);
}

/** Converts a node to its API representation. */
export function fileEntryOf(node: LayeredNode, change?: FileEntry["change"]): FileEntry {
  const { path, type, mode, uid, gid, size, mtime, linkname, digest, device, xattrs, layer } = node;
  return {
    path,
    type,
    mode,
    uid,
    gid,
    size,
    mtime,
    ...(linkname !== undefined && { linkname }),
    ...(digest !== undefined && { digest }),
    ...(device !== undefined && { device: [device.major, device.minor] }),
    ...(xattrs !== undefined && { xattrs }),
    ...(layer !== undefined && !node.implied && { layer }),
    ...(change !== undefined && { change }),
  };
}

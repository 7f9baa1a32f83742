import type { BlockList } from "../store/blocks.ts";
import type { Entry } from "../tar/entry.ts";

/** A range of the data of stored blocks. */
export interface StoredRange {
  readonly list: BlockList;
  /** Bytes of the data before it. */
  readonly at: number;
  readonly size: number;
}

/** The contents of a file. Created by a tree and referenced by its nodes, including copies of them. */
export interface Contents {
  /** Bytes. */
  readonly size: number;
  /** All bytes, in chunks. Can be called repeatedly. */
  read(): AsyncIterable<Uint8Array>;
  /** A hint that `read` will follow, called in the order of the reads. */
  prefetch?(): void;
  /** A range within `size`, when it can be read without the rest. */
  part?(offset: number, length: number): Contents;
  /** The places of all bytes in order, when they are in the store. */
  stored?(): readonly StoredRange[] | Promise<readonly StoredRange[]>;
}

/** An entry of a tree. */
export interface Node extends Entry {
  /** `sha256:<hex>` of the contents of a file; for a hard link that of its target, if known. */
  digest?: string;
  /** A directory without an entry in this layer. An explicit entry in a lower layer has precedence. */
  implied?: true;
  /** Contents of a file; for a hard link those of its target, if known. */
  contents?: Contents;
}

/**
 * A read-only file tree: a build context, the merged layers of an image, an unpacked archive. Nothing is mounted and no
 * symbolic links are followed. Everything except contents is in memory.
 */
export interface Tree {
  /** Number of layers that a lookup searches. Default one. */
  readonly layerCount?: number;
  /** The entry at exactly this path, or undefined. The root `""` always exists and is a directory. */
  lookup(path: string): Node | undefined;
  /** Direct children of a directory, in byte order of their names. Empty for anything else. */
  children(path: string): Iterable<Node>;
  /** Everything below `path`, without `path` itself, parents first, children in byte order of their names. */
  walk(path: string): Iterable<Node>;
  /** Its hard links, each at least once; for callers of `hardLinksOf`, which is faster with it. */
  hardLinks?(): Iterable<Node>;
  /** Contents of a file of this tree. Hard links must be followed by the caller (`linkname`). */
  read(node: Node): AsyncIterable<Uint8Array>;
}

/** Implements `Tree.walk` with the children of each directory. */
export function* walkChildren(tree: Pick<Tree, "children">, path: string): Generator<Node> {
  for (const node of tree.children(path)) {
    yield node;
    if (node.type === "dir") yield* walkChildren(tree, node.path);
  }
}

/** Implements `Tree.read` for trees whose nodes have their contents. @throws {TypeError} when the node is not a file */
export function readContents({ path, contents }: Node): AsyncIterable<Uint8Array> {
  if (contents === undefined) throw new TypeError(`Cannot read "${path}": it is not a file of this tree`);
  return contents.read();
}

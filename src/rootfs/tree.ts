import type { Entry } from "../tar/entry.ts";

/** The contents of a file where they lie. Made by a tree and carried by its nodes, copies of them included. */
export interface Contents {
  /** Bytes. */
  readonly size: number;
  /** All bytes, in chunks. May be called any number of times. */
  read(): AsyncIterable<Uint8Array>;
  /** A hint that `read` follows soon, given in the order of the reads to come. */
  prefetch?(): void;
  /** `length` bytes from `offset`, both within `size`, where they can be had without reading the rest. */
  part?(offset: number, length: number): Contents;
}

/** An entry of a tree. */
export interface Node extends Entry {
  /** `sha256:<hex>` of the contents of a file; of a hard link, where it is known, that of its target. */
  digest?: string;
  /** A directory that no entry states, but something lies below it. A stated one of a lower layer counts more. */
  implied?: true;
  /** Of a file; of a hard link, where they are known, those of its target. */
  contents?: Contents;
}

/**
 * A file tree that can be asked but not changed: a build context, the merged layers of an image, an unpacked
 * archive. Nothing is mounted and no symbolic link is followed. All questions are answered from memory;
 * only contents are read from elsewhere.
 */
export interface Tree {
  /** Layers that are asked for an entry. Default one. */
  readonly layerCount?: number;
  /** The entry at exactly this path, or undefined. The root `""` always exists and is a directory. */
  lookup(path: string): Node | undefined;
  /** Direct children of a directory, in byte order of their names. Empty for anything else. */
  children(path: string): Iterable<Node>;
  /** Everything below `path`, without `path` itself, parents first, children in byte order of their names. */
  walk(path: string): Iterable<Node>;
  /** Contents of a file of this tree. Hard links must be followed by the caller (`linkname`). */
  read(node: Node): AsyncIterable<Uint8Array>;
}

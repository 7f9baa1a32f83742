import type { Node, Tree } from "../../rootfs/tree.ts";

/** Stored file contents. */
export interface StoredFile {
  /** `sha256:<hex>`. */
  digest: string;
  /** Bytes. */
  size: number;
}

/** A stored tree, and the name under which it can be opened again. */
export interface StoredTree {
  digest: string;
  tree: Tree;
}

/** Receives the contents of fetched files and stores them as one tree. */
export interface FileStore {
  /** Stores contents; small contents may be bytes. Call sequentially; `read` may run concurrently. */
  add(contents: Uint8Array | AsyncIterable<Uint8Array>): Promise<StoredFile>;
  /** Reads added contents, at any later time. */
  read(file: StoredFile): AsyncIterable<Uint8Array>;
  /**
   * Stores the tree of these entries, in any order. The contents of each file must be added before or during the call.
   */
  tree(nodes: AsyncIterable<Node>): Promise<StoredTree>;
}

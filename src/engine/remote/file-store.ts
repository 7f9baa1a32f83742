import type { Node, Tree } from "../../rootfs/tree.ts";

/** Contents that are stored. */
export interface StoredFile {
  /** `sha256:<hex>`. */
  digest: string;
  /** Bytes. */
  size: number;
}

/** A tree that is stored, and the name under which it is found again. */
export interface StoredTree {
  digest: string;
  tree: Tree;
}

/** Where the contents of what is fetched go, and what makes a tree of them. For one tree. */
export interface FileStore {
  /** Stores contents; small ones are given as bytes. One call at a time, but `read` may be going on meanwhile. */
  add(contents: Uint8Array | AsyncIterable<Uint8Array>): Promise<StoredFile>;
  /** What was added, at any time after. */
  read(file: StoredFile): AsyncIterable<Uint8Array>;
  /** Stores the tree of these entries, in any order; `add` has told of the contents of each file, or does meanwhile. */
  tree(nodes: AsyncIterable<Node>): Promise<StoredTree>;
}

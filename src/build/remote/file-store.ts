import type { Node, Tree } from "../../rootfs/tree.ts";

/** Contents that are stored. */
export interface StoredFile {
  /** `sha256:<hex>`. */
  digest: string;
  /** Bytes. */
  size: number;
}

/** Where the contents of what is fetched go, and what makes trees of them. */
export interface FileStore {
  /** Stores contents; small ones are given as bytes. One call at a time, but `read` may be going on meanwhile. */
  add(contents: Uint8Array | AsyncIterable<Uint8Array>): Promise<StoredFile>;
  /** Whether contents are there, from an earlier build maybe. */
  has(file: StoredFile): Promise<boolean>;
  /** What was added, at any time after. */
  read(file: StoredFile): AsyncIterable<Uint8Array>;
  /** The tree of these entries, in any order; `add` or `has` has told of the contents of each file. */
  tree(nodes: AsyncIterable<Node>): Promise<Tree>;
}

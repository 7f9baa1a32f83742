import type { EntryTable } from "../rootfs/entry-table.ts";
import { formatListingLine } from "../rootfs/listing-line.ts";
import type { Node, Tree } from "../rootfs/tree.ts";
import { Digester } from "../streams/sha256.ts";

/** Lines hashed per call. */
const BATCH = 1024;

/**
 * `sha256:<hex>` of the canonical listing: the lines of all entries except the root, in path order, each ended by a line
 * feed.
 */
export function listingDigest(tree: Pick<Tree, "walk">): string {
  const digester = new ListingDigester();
  for (const node of tree.walk("")) digester.add(node);
  return digester.digest();
}

/** Like `listingDigest`, for a table, which stores the lines. Works in pieces: see `inTurns`. */
export function* tableDigest(table: EntryTable): Generator<number, string, undefined> {
  const digester = new Digester();
  for (const lines of table.listingChunks()) {
    digester.update(lines);
    yield 4 * lines.length;
  }
  return digester.digest();
}

/** Computes the digest of a listing entry by entry, in path order. */
export class ListingDigester {
  readonly #digester = new Digester();
  readonly #encoder = new TextEncoder();
  #lines: string[] = [];

  add(node: Node): void {
    this.#lines.push(formatListingLine(node));
    if (this.#lines.length === BATCH) this.#flush();
  }

  /** Adds the lines of entries, with line ends. */
  addLines(lines: Uint8Array): void {
    this.#flush();
    this.#digester.update(lines);
  }

  /** Returns the digest. Nothing can be added afterwards. */
  digest(): string {
    this.#flush();
    return this.#digester.digest();
  }

  #flush(): void {
    if (this.#lines.length === 0) return;
    this.#digester.update(this.#encoder.encode(`${this.#lines.join("\n")}\n`));
    this.#lines = [];
  }
}

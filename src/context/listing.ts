import type { EntryTable } from "../rootfs/entry-table.ts";
import { listingLine } from "../rootfs/listing-line.ts";
import type { Node, Tree } from "../rootfs/tree.ts";
import { Digester } from "../streams/sha256.ts";

/** Lines hashed at a time. */
const BATCH = 1024;

/** `sha256:<hex>` of the canonical listing: the lines of all entries but the root, in path order, each with `\n`. */
export function listingDigest(tree: Pick<Tree, "walk">): string {
  const digester = new ListingDigester();
  for (const node of tree.walk("")) digester.add(node);
  return digester.digest();
}

/** The same of a table, which has the lines. Work in pieces: see `inTurns`. */
export function* tableDigest(table: EntryTable): Generator<number, string, undefined> {
  const digester = new Digester();
  for (const lines of table.listing()) {
    digester.update(lines);
    yield 4 * lines.length;
  }
  return digester.digest();
}

/** The digest of a listing whose entries come one by one, in path order. */
export class ListingDigester {
  readonly #digester = new Digester();
  readonly #encoder = new TextEncoder();
  #lines: string[] = [];

  add(node: Node): void {
    this.#lines.push(listingLine(node));
    if (this.#lines.length === BATCH) this.#flush();
  }

  /** Adds entries by their lines with their ends. */
  addLines(lines: Uint8Array): void {
    this.#flush();
    this.#digester.update(lines);
  }

  /** Of no further use then. */
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

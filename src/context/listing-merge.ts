import type { Place, PlacedNode } from "../rootfs/node-line.ts";
import { isBelow } from "../rootfs/path-parts.ts";
import type { Node } from "../rootfs/tree.ts";
import { comparePaths } from "../tar/text.ts";
import { ListingError } from "./listing-error.ts";
import type { ListingItem } from "./posted-listing.ts";

/** Cost of skipping an entry of the base. */
const ENTRY = 4096;

/**
 * Applies the items of a listing to the entries of another one, and passes the result on in path order. An item
 * replaces the entry with its path; entries below survive only when a directory replaces a directory.
 */
export class ListingMerge {
  readonly #base: Iterator<PlacedNode>;
  readonly #take: (node: Node, place?: Place) => void;
  readonly #order = new ItemOrder();
  #next: PlacedNode | undefined;

  /** Both inputs must be in path order. The order of `base` is not checked. */
  constructor(base: Iterable<PlacedNode>, take: (node: Node, place?: Place) => void) {
    this.#base = base[Symbol.iterator]();
    this.#take = take;
    this.#advance();
  }

  /**
   * Works in pieces: see `inTurns`.
   * @throws {ListingError} for an item out of order, and for the removal of a missing entry
   */
  *add(item: ListingItem): Generator<number, void, undefined> {
    const { path } = item;
    this.#order.require(path);
    while (this.#next !== undefined && comparePaths(this.#next.node.path, path) < 0) {
      yield ENTRY;
      this.#pass(this.#next);
    }
    const replaced = this.#next?.node.path === path;
    if (replaced) this.#advance();
    const removed = "removed" in item;
    if (removed && !replaced) throw withoutBase(path);
    if (removed || item.type !== "dir") {
      while (this.#next !== undefined && isBelow(this.#next.node.path, path)) {
        yield ENTRY;
        this.#advance();
      }
    }
    if (!removed) this.#take(item);
  }

  /** Passes on the rest of the base. */
  *end(): Generator<number, void, undefined> {
    while (this.#next !== undefined) {
      yield ENTRY;
      this.#pass(this.#next);
    }
  }

  #pass({ node, place }: PlacedNode): void {
    this.#take(node, place);
    this.#advance();
  }

  #advance(): void {
    const { value, done } = this.#base.next();
    this.#next = done ? undefined : value;
  }
}

/** Checks that paths come in order. */
export class ItemOrder {
  #last = "";

  /** @throws {ListingError} for a path that does not come after the previous one */
  require(path: string): void {
    if (comparePaths(path, this.#last) <= 0) {
      const last = JSON.stringify(this.#last.slice(0, 300));
      throw new ListingError(path, `it comes after ${last}, which is out of order`);
    }
    this.#last = path;
  }
}

export function withoutBase(path: string): ListingError {
  return new ListingError(path, "it is to be removed, but the base has no such entry");
}

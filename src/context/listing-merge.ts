import type { Place } from "../rootfs/node-line.ts";
import { isBelow } from "../rootfs/path-parts.ts";
import type { Node } from "../rootfs/tree.ts";
import { comparePaths } from "../tar/text.ts";
import { ListingError } from "./listing-error.ts";
import type { ListingItem } from "./posted-listing.ts";

/** What it costs to pass over an entry of the base. */
const ENTRY = 4096;

/** An entry, and where its contents lie if that is known. */
export interface PlacedNode {
  node: Node;
  place?: Place | undefined;
}

/**
 * Lays the items of a listing over the entries of another one, and hands the entries that come out on in path order.
 * An item takes the place of the entry of its path; what was below it stays only where directory follows directory.
 */
export class ListingMerge {
  readonly #base: Iterator<PlacedNode>;
  readonly #take: (node: Node, place?: Place) => void;
  readonly #order = new ItemOrder();
  #next: PlacedNode | undefined;

  /** Both must come in path order; that `base` does is believed. */
  constructor(base: Iterable<PlacedNode>, take: (node: Node, place?: Place) => void) {
    this.#base = base[Symbol.iterator]();
    this.#take = take;
    this.#advance();
  }

  /**
   * Throws `ListingError` for an item out of order, and for the removal of what is not there. Work in pieces: see
   * `inTurns`.
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

  /** Hands on what is left of the base. */
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

/** Sees to it that paths come in order. */
export class ItemOrder {
  #last = "";

  /** Throws `ListingError` for a path that does not come after the one before. */
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

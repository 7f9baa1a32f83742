import type { TablePatch } from "../rootfs/table-patch.ts";
import type { ObjectStore } from "../store/object-store.ts";
import type { AvailableFiles } from "./available-files.ts";
import type { Context } from "./context.ts";
import {
  asListingError,
  type DraftLimits,
  type FinishedDraft,
  finishDraft,
  MAX_ENTRIES,
  withoutDirectory,
} from "./context-draft.ts";
import { ListingError } from "./listing-error.ts";
import { ItemOrder, withoutBase } from "./listing-merge.ts";
import { Placing } from "./placing.ts";
import type { ListingItem } from "./posted-listing.ts";
import { PackUsage } from "./usage.ts";

/** Cost of reading a dropped entry. */
const ENTRY = 4096;

/**
 * Applies a listing of differences to a context. Equivalent to `ListingMerge` with `ContextDraft`, but the cost depends
 * only on the differences. The context must be complete, and neither side may have hard links.
 */
export class ContextPatch {
  readonly #base: Context;
  readonly #files: AvailableFiles;
  readonly #placing: Placing;
  readonly #patch: TablePatch;
  readonly #order = new ItemOrder();
  readonly #maxEntries: number;
  /** Number of dropped ranges that were discounted. */
  #counted = 0;

  constructor(
    base: Context,
    files: AvailableFiles,
    { maxEntries = MAX_ENTRIES, maxBytes }: DraftLimits = {},
  ) {
    this.#base = base;
    this.#files = files;
    this.#placing = new Placing(files, maxBytes, new PackUsage(base.usage.bytes, base.usage.stretches));
    this.#patch = base.tree.patch();
    this.#maxEntries = maxEntries;
  }

  /** Applies the next item. Works in pieces: see `inTurns`. @throws {ListingError} when it does not fit */
  *add(item: ListingItem): Generator<number, void, undefined> {
    const { path } = item;
    this.#order.require(path);
    if ("removed" in item) {
      if (!this.#patch.remove(path)) throw withoutBase(path);
      yield* this.#discount();
      return;
    }
    const place = this.#placing.add(item);
    const isPlaced = asListingError(path, () => this.#patch.put(item, place));
    if (!isPlaced) throw withoutDirectory(path);
    yield* this.#discount();
    if (this.#patch.size > this.#maxEntries + 1)
      throw new ListingError(path, `there are more than ${this.#maxEntries} entries`);
  }

  /** Ends the listing. The patch cannot be used afterwards. */
  finish(store: ObjectStore): Promise<FinishedDraft> {
    return finishDraft(store, this.#files, this.#placing, (contentsAt) =>
      this.#base.tree.applyPatch(this.#patch, contentsAt),
    );
  }

  /** Subtracts dropped entries from the usage. */
  *#discount(): Generator<number, void, undefined> {
    const { dropped } = this.#patch;
    for (; this.#counted < dropped.length; this.#counted++) {
      const { from, to } = dropped[this.#counted] as { from: number; to: number };
      for (const { node, place } of this.#base.tree.placed(from, to)) {
        yield ENTRY;
        if (node.type === "file" && place !== undefined) this.#placing.remove(place, node.size);
      }
    }
  }
}

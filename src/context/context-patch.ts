import type { TablePatch } from "../rootfs/table-patch.ts";
import type { ObjectStore } from "../store/object-store.ts";
import type { AvailableFiles } from "./available-files.ts";
import type { Context } from "./context.ts";
import {
  asListingError,
  type DraftLimits,
  type FinishedDraft,
  finishDraft,
  MOST_ENTRIES,
  withoutDirectory,
} from "./context-draft.ts";
import { ListingError } from "./listing-error.ts";
import { ItemOrder, withoutBase } from "./listing-merge.ts";
import { Placing } from "./placing.ts";
import type { ListingItem } from "./posted-listing.ts";
import { Usage } from "./usage.ts";

/** What it costs to read an entry that is dropped. */
const ENTRY = 4096;

/**
 * What `ListingMerge` and `ContextDraft` make of a context and what is different from it, at the price of what is different.
 * Nothing of the context is missing, and neither it nor what is different has hard links.
 */
export class ContextPatch {
  readonly #base: Context;
  readonly #files: AvailableFiles;
  readonly #placing: Placing;
  readonly #patch: TablePatch;
  readonly #order = new ItemOrder();
  readonly #maxEntries: number;
  /** Ranges of what was dropped that were counted. */
  #counted = 0;

  constructor(
    base: Context,
    files: AvailableFiles,
    { maxEntries = MOST_ENTRIES, maxBytes }: DraftLimits = {},
  ) {
    this.#base = base;
    this.#files = files;
    this.#placing = new Placing(files, maxBytes, new Usage(base.usage.bytes, base.usage.stretches));
    this.#patch = base.tree.patch();
    this.#maxEntries = maxEntries;
  }

  /**
   * Lays the next item over the context. Throws `ListingError` when it does not fit in. Work in pieces: see `inTurns`.
   */
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

  /** The end of what is different. The patch is of no further use. */
  finish(store: ObjectStore): Promise<FinishedDraft> {
    return finishDraft(store, this.#files, this.#placing, (contentsAt) =>
      this.#base.tree.patched(this.#patch, contentsAt),
    );
  }

  /** What was dropped takes nothing any more. */
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

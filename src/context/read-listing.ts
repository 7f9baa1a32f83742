import type { ObjectStore } from "../store/object-store.ts";
import { inTurns, spend } from "../streams/turns.ts";
import type { AvailableFiles } from "./available-files.ts";
import type { Context, ContextEntries } from "./context.ts";
import { ContextDraft, type FinishedDraft } from "./context-draft.ts";
import { ContextPatch } from "./context-patch.ts";
import { ListingMerge } from "./listing-merge.ts";
import { type ListingItem, parseItem } from "./posted-listing.ts";

/** The base of a listing that contains only differences. */
export type ListingBase =
  | { isComplete: true; context: Context }
  /** Not all its files are in packs. */
  | { isComplete: false; context: ContextEntries };

/** Cost of reading and placing an item. */
const ITEM = 4096;

/** Characters of items that are buffered to find out whether they can be applied as a patch. */
const MAX_PATCHED = 4 * 1024 * 1024;

/**
 * Reads a listing, or the differences from another one.
 * @param lines of the items, see `parseItem`
 * @throws {ListingError}
 */
export async function readListing(
  store: ObjectStore,
  files: AvailableFiles,
  base: ListingBase | undefined,
  lines: AsyncIterable<string[]>,
): Promise<FinishedDraft> {
  const batches = lines[Symbol.asyncIterator]();
  const first: ListingItem[] = [];
  let batch = await batches.next();
  if (base?.isComplete && !base.context.tree.hasHardLinks) {
    for (let length = 0; !batch.done && length < MAX_PATCHED; batch = await batches.next()) {
      for (const line of batch.value) {
        const turn = spend(ITEM);
        if (turn !== undefined) await turn;
        first.push(parseItem(line));
        length += line.length;
      }
    }
    if (batch.done && !first.some((item) => !("removed" in item) && item.type === "hardlink")) {
      const patch = new ContextPatch(base.context, files);
      for (const item of first) {
        const turn = spend(ITEM);
        if (turn !== undefined) await turn;
        await prepare(files, item);
        await inTurns(patch.add(item));
      }
      return patch.finish(store);
    }
  }
  const draft = new ContextDraft(files);
  const merge = new ListingMerge(base?.context.tree.placed() ?? [], (node, place) => draft.add(node, place));
  for (const item of first) {
    const turn = spend(ITEM);
    if (turn !== undefined) await turn;
    await prepare(files, item);
    await inTurns(merge.add(item));
  }
  for (; !batch.done; batch = await batches.next()) {
    for (const line of batch.value) {
      const turn = spend(ITEM);
      if (turn !== undefined) await turn;
      const item = parseItem(line);
      await prepare(files, item);
      await inTurns(merge.add(item));
    }
  }
  await inTurns(merge.end());
  return draft.finish(store);
}

async function prepare(files: AvailableFiles, item: ListingItem): Promise<void> {
  if (!("removed" in item) && item.type === "file" && item.digest !== undefined)
    await files.prepare(item.digest);
}

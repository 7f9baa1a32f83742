import type { EntryTable } from "../rootfs/entry-table.ts";
import type { Pack } from "./pack.ts";
import { stretchesOf } from "./place.ts";

/** The packs in which files of the tree lie, each under its number; the others are left out. */
export function usedPacks(tree: EntryTable, packs: readonly (Pack | undefined)[]): (Pack | undefined)[] {
  const used = new Set<number>();
  for (const { place, size } of tree.places()) {
    for (const { pack } of stretchesOf(place, size)) used.add(pack);
  }
  return packs.map((pack, number) => (used.has(number) ? pack : undefined));
}

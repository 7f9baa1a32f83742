import type { EntryTable } from "../rootfs/entry-table.ts";
import type { Place } from "../rootfs/node-line.ts";
import type { Pack } from "./pack.ts";
import { stretchesOf } from "./place.ts";

/** Cost of reading an entry. */
const ENTRY = 2048;

/** How much of each pack the files of a context use. */
export class PackUsage {
  /** Bytes of all files. */
  bytes: number;
  /** Number of file ranges in each pack, by number of the pack, up to the last used one. */
  readonly stretches: number[];

  constructor(bytes = 0, stretches: readonly number[] = []) {
    this.bytes = bytes;
    this.stretches = [...stretches];
  }

  /** Works in pieces: see `inTurns`. */
  static *of(tree: EntryTable): Generator<number, PackUsage, undefined> {
    const usage = new PackUsage();
    for (const { node, place } of tree.placed()) {
      if (node.type === "file" && place !== undefined) usage.add(place, node.size);
      yield ENTRY;
    }
    return usage;
  }

  /** Adds a file at a place. */
  add(place: Place, size: number): void {
    this.#count(place, size, 1);
  }

  remove(place: Place, size: number): void {
    this.#count(place, size, -1);
  }

  /** The used packs at their numbers; undefined for the others. */
  packsOf(packs: readonly (Pack | undefined)[]): (Pack | undefined)[] {
    return packs
      .slice(0, this.stretches.length)
      .map((pack, number) => (this.stretches[number] ? pack : undefined));
  }

  #count(place: Place, size: number, by: 1 | -1): void {
    this.bytes += by * size;
    for (const { pack } of stretchesOf(place, size)) {
      while (this.stretches.length <= pack) this.stretches.push(0);
      this.stretches[pack] = (this.stretches[pack] ?? 0) + by;
    }
    while (this.stretches.at(-1) === 0) this.stretches.pop();
  }
}

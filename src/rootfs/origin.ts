/** Lines of one table that are lines of another one as well, one after the other in both. */
export interface SharedLines {
  /** Number of the first of them in the table that was there before. */
  before: number;
  /** And in the one that was made of it. */
  now: number;
  count: number;
}

/** What a table has of the one that it was patched from. */
export class Origin {
  /** See `EntryTable.entries`: those of the other one. */
  readonly entries: object;
  readonly #shared: readonly SharedLines[];

  constructor(entries: object, shared: readonly SharedLines[]) {
    this.entries = entries;
    this.#shared = shared;
  }

  /** The number that the first of some lines of the other table has in this one, when all of them are here, one after the other. */
  find(from: number, to: number): number | undefined {
    // The last stretch that does not begin after them.
    let low = 0;
    let high = this.#shared.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#shared[middle] as SharedLines).before <= from) low = middle + 1;
      else high = middle;
    }
    const stretch = this.#shared[low - 1];
    if (stretch === undefined || to > stretch.before + stretch.count) return undefined;
    return stretch.now + from - stretch.before;
  }

  /** Lines of this table, which has `size`, that the other one has not: from one number up to another. */
  *fresh(size: number): Generator<{ from: number; to: number }> {
    let from = 0;
    for (const { now, count } of this.#shared) {
      if (now > from) yield { from, to: now };
      from = now + count;
    }
    if (size > from) yield { from, to: size };
  }
}

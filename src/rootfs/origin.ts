/** A run of consecutive lines that two tables share. */
export interface SharedLines {
  /** Number of the first of them in the older table. */
  before: number;
  /** Number of the first of them in the newer table. */
  now: number;
  count: number;
}

/** The entries that a patched table shares with its original. */
export class Origin {
  /** `EntryTable.entries` of the older table. */
  readonly entries: object;
  readonly #shared: readonly SharedLines[];

  constructor(entries: object, shared: readonly SharedLines[]) {
    this.entries = entries;
    this.#shared = shared;
  }

  /** The new number of the first of some lines of the older table, when all of them are shared and consecutive. */
  find(from: number, to: number): number | undefined {
    // Binary search for the last run that does not begin after them.
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

  /** Ranges of lines of this table, which has `size`, that the older one does not have. */
  *fresh(size: number): Generator<{ from: number; to: number }> {
    let from = 0;
    for (const { now, count } of this.#shared) {
      if (now > from) yield { from, to: now };
      from = now + count;
    }
    if (size > from) yield { from, to: size };
  }
}

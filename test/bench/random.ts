/** A seeded source of numbers: the same seed gives the same sequence on every machine. */
export interface Random {
  /** At least 0, less than 1. */
  next(): number;
  /** A whole number, at least 0 and less than `bound`. */
  below(bound: number): number;
  /** One of the items, with equal probability. */
  pick<T>(items: readonly T[]): T;
  /** One of the items. The first ones are far more frequent, like words in a text. */
  common<T>(items: readonly T[]): T;
}

/** Mulberry32 by Tommy Ettinger (public domain): 32 bits of state, quick, even enough for test data. */
export function random(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (bound: number) => Math.floor(next() * bound);
  const at = <T>(items: readonly T[], index: number) => items[index] as T;
  return {
    next,
    below,
    pick: (items) => at(items, below(items.length)),
    common: (items) => at(items, Math.floor(items.length * next() ** 3)),
  };
}

/** Codes of lengths and offsets in a zstd block (RFC 8878, 3.1.1.3.2), and the predefined tables (3.1.1.3.2.2). */

/** Length codes. The value is the baseline of the code plus its extra bits. */
interface LengthCodes {
  readonly baselines: readonly number[];
  readonly bits: readonly number[];
}

/** Builds codes from their numbers of extra bits. Each code starts where the previous one ends. */
function lengthCodes(first: number, bits: readonly number[]): LengthCodes {
  const baselines: number[] = [];
  let next = first;
  for (const count of bits) {
    baselines.push(next);
    next += 2 ** count;
  }
  return { baselines, bits };
}

const zeros = (count: number): number[] => Array.from({ length: count }, () => 0);

export const literalLengths = lengthCodes(0, [
  ...zeros(16),
  ...[1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
]);
export const matchLengths = lengthCodes(3, [
  ...zeros(32),
  ...[1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
]);

/** Finds the code of a length. */
export function codeOf({ baselines }: LengthCodes, length: number): number {
  let code = Math.min(baselines.length - 1, length - (baselines[0] as number));
  while ((baselines[code] as number) > length) code--;
  return code;
}

/** An FSE table (RFC 8878, 4.1) in the form that an encoder needs. */
export interface EncodingTable {
  readonly accuracy: number;
  readonly states: Uint16Array;
  /** By symbol. The upper 16 bits of the sum with a state are the number of bits to write. */
  readonly deltaBits: Int32Array;
  /** By symbol. The sum with the shifted state is the index of the next state in `states`. */
  readonly deltaState: Int32Array;
}

function encodingTable(accuracy: number, counts: readonly number[]): EncodingTable {
  const size = 1 << accuracy;
  const symbols = new Uint8Array(size);
  const starts = new Int32Array(counts.length + 1);
  let high = size - 1;
  for (const [symbol, count] of counts.entries()) {
    starts[symbol + 1] = (starts[symbol] as number) + Math.abs(count);
    if (count === -1) symbols[high--] = symbol;
  }
  const step = (size >> 1) + (size >> 3) + 3;
  let place = 0;
  for (const [symbol, count] of counts.entries()) {
    for (let times = 0; times < count; times++) {
      symbols[place] = symbol;
      do place = (place + step) & (size - 1);
      while (place > high);
    }
  }
  const states = new Uint16Array(size);
  const next = starts.slice();
  for (let index = 0; index < size; index++) {
    const symbol = symbols[index] as number;
    const at = next[symbol] as number;
    states[at] = size + index;
    next[symbol] = at + 1;
  }
  const deltaBits = new Int32Array(counts.length);
  const deltaState = new Int32Array(counts.length);
  for (const [symbol, signed] of counts.entries()) {
    const count = Math.abs(signed);
    const bits = count === 1 ? accuracy : accuracy - (31 - Math.clz32(count - 1));
    deltaBits[symbol] = (bits << 16) - (count << bits);
    deltaState[symbol] = (starts[symbol] as number) - count;
  }
  return { accuracy, states, deltaBits, deltaState };
}

export const literalLengthTable = encodingTable(
  6,
  [
    4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1, -1,
    -1, -1,
  ],
);
export const matchLengthTable = encodingTable(
  6,
  [
    1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1,
  ],
);
export const offsetTable = encodingTable(
  5,
  [1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1],
);

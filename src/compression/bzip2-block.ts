import type { BitReader } from "./bits.ts";
import { CompressionError, corruptError } from "./error.ts";

const MAX_CODE_LENGTH = 20;
/** Codes up to this length are decoded with one lookup. */
const FAST_BITS = 10;
/** Symbols per selector. */
const GROUP = 50;
/** Groups decoded without a pause. */
const GROUPS = 2000;
const NOTHING = new Uint8Array(0);

/**
 * Decodes one block after its magic number and checksum: Huffman codes, move-to-front, runs, and the Burrows-Wheeler
 * transform. The output still has bzip2's first run-length encoding.
 * An empty piece is an opportunity to pause.
 * @param table as long as a block of this stream may be; its contents do not matter
 */
export function* readBlock(bits: BitReader, table: Uint32Array): Generator<Uint8Array, void, undefined> {
  if (bits.read(1) === 1)
    throw new CompressionError("unsupported", "bzip2", "a randomised block of bzip2 0.9.0");
  const start = bits.read(24);
  const alphabet = readAlphabet(bits);
  const { codes, selectors } = readCodes(bits, alphabet.length + 2);
  // The lower 8 bits are a byte of the last column; the upper 24 are the position of the next one.
  const length = yield* readSymbols(bits, codes, selectors, alphabet, table);
  if (length === 0 || start >= length) throw corruptError("bzip2", "block starts outside of itself");
  linkColumns(table, length);
  yield NOTHING;
  yield* undoRuns(table, length, start);
}

/** The bytes that occur, in order: 16 bits mark the groups of 16 that have any. */
function readAlphabet(bits: BitReader): Uint8Array {
  const used = bits.read(16);
  const alphabet: number[] = [];
  for (let high = 0; high < 16; high++) {
    if ((used & (0x8000 >> high)) === 0) continue;
    const group = bits.read(16);
    for (let low = 0; low < 16; low++) {
      if ((group & (0x8000 >> low)) !== 0) alphabet.push(high * 16 + low);
    }
  }
  if (alphabet.length === 0) throw corruptError("bzip2", "block without bytes");
  return Uint8Array.from(alphabet);
}

function readCodes(bits: BitReader, symbols: number): { codes: HuffmanCode[]; selectors: Uint8Array } {
  const count = bits.read(3);
  if (count < 2 || count > 6) throw corruptError("bzip2", `${count} Huffman codes`);
  const selectors = new Uint8Array(bits.read(15));
  if (selectors.length === 0) throw corruptError("bzip2", "no selectors");
  const recent = [0, 1, 2, 3, 4, 5].slice(0, count);
  for (let i = 0; i < selectors.length; i++) {
    let index = 0;
    while (bits.read(1) === 1) if (++index === count) throw corruptError("bzip2", "selector of no code");
    const [code = 0] = recent.splice(index, 1);
    recent.unshift(code);
    selectors[i] = code;
  }
  const codes: HuffmanCode[] = [];
  for (let i = 0; i < count; i++) codes.push(new HuffmanCode(readLengths(bits, symbols)));
  return { codes, selectors };
}

/** Lengths of the codes of all symbols, each encoded as the difference from the previous one. */
function readLengths(bits: BitReader, symbols: number): Uint8Array {
  const lengths = new Uint8Array(symbols);
  let length = bits.read(5);
  for (let i = 0; i < symbols; i++) {
    for (;;) {
      if (length < 1 || length > MAX_CODE_LENGTH) throw corruptError("bzip2", `code of ${length} bits`);
      if (bits.read(1) === 0) break;
      length += bits.read(1) === 1 ? -1 : 1;
    }
    lengths[i] = length;
  }
  return lengths;
}

class HuffmanCode {
  /** Symbol and length (lower 5 bits) for the next `FAST_BITS` bits; 0 for longer codes. */
  readonly #fast = new Uint16Array(1 << FAST_BITS);
  /** Symbols in the order of their codes. */
  readonly #symbols: Uint16Array;
  /** For each length: the code after its last one, and its first code minus the number of shorter ones. */
  readonly #ends = new Int32Array(MAX_CODE_LENGTH + 1);
  readonly #bases = new Int32Array(MAX_CODE_LENGTH + 1);

  constructor(lengths: Uint8Array) {
    this.#symbols = new Uint16Array(lengths.length);
    let code = 0;
    let count = 0;
    for (let length = 1; length <= MAX_CODE_LENGTH; length++) {
      code <<= 1;
      this.#bases[length] = code - count;
      for (let symbol = 0; symbol < lengths.length; symbol++) {
        if (lengths[symbol] !== length) continue;
        if (code >= 1 << length) throw corruptError("bzip2", "too many Huffman codes");
        this.#symbols[count] = symbol;
        if (length <= FAST_BITS) {
          const first = code << (FAST_BITS - length);
          this.#fast.fill((symbol << 5) | length, first, first + (1 << (FAST_BITS - length)));
        }
        count += 1;
        code += 1;
      }
      this.#ends[length] = code;
    }
  }

  decode(bits: BitReader): number {
    const fast = this.#fast[bits.peek(FAST_BITS)] as number;
    if (fast !== 0) {
      bits.skip(fast & 31);
      return fast >>> 5;
    }
    for (let length = FAST_BITS + 1; length <= MAX_CODE_LENGTH; length++) {
      const code = bits.peek(length);
      if (code >= (this.#ends[length] as number)) continue;
      bits.skip(length);
      return this.#symbols[code - (this.#bases[length] as number)] as number;
    }
    throw corruptError("bzip2", "bits that are no code");
  }
}

/** Undoes move-to-front and runs of the most recent byte; returns the number of bytes. */
function* readSymbols(
  bits: BitReader,
  codes: readonly HuffmanCode[],
  selectors: Uint8Array,
  alphabet: Uint8Array,
  table: Uint32Array,
): Generator<Uint8Array, number, undefined> {
  const recent = alphabet.slice();
  const end = alphabet.length + 1;
  let group = 0;
  let left = 0;
  let code = codes[0] as HuffmanCode;
  let length = 0;
  let run = 0;
  let weight = 1;
  for (;;) {
    if (left === 0) {
      if (group === selectors.length) throw corruptError("bzip2", "too few selectors");
      if (group % GROUPS === GROUPS - 1) yield NOTHING;
      code = codes[selectors[group++] as number] as HuffmanCode;
      left = GROUP;
    }
    left -= 1;
    const symbol = code.decode(bits);
    if (symbol <= 1) {
      // Digits 1 and 2 of a bijective base-2 number, lowest first.
      run += weight << symbol;
      weight <<= 1;
      if (run > table.length) throw corruptError("bzip2", "block longer than it may be");
      continue;
    }
    if (run > 0) {
      if (length + run > table.length) throw corruptError("bzip2", "block longer than it may be");
      table.fill(recent[0] as number, length, length + run);
      length += run;
      run = 0;
      weight = 1;
    }
    if (symbol === end) return length;
    if (length === table.length) throw corruptError("bzip2", "block longer than it may be");
    const byte = recent[symbol - 1] as number;
    recent.copyWithin(1, 0, symbol - 1);
    recent[0] = byte;
    table[length++] = byte;
  }
}

/** Adds the position of the following byte to every byte of the last column. */
function linkColumns(table: Uint32Array, length: number): void {
  const next = new Uint32Array(256);
  for (let i = 0; i < length; i++) (next[(table[i] as number) & 0xff] as number)++;
  let sum = 0;
  for (let byte = 0; byte < 256; byte++) {
    const count = next[byte] as number;
    next[byte] = sum;
    sum += count;
  }
  for (let i = 0; i < length; i++) {
    const byte = (table[i] as number) & 0xff;
    const at = next[byte] as number;
    next[byte] = at + 1;
    table[at] = (table[at] as number) | (i << 8);
  }
}

/** Follows the columns. Four equal bytes are followed by the number of further repetitions. */
function* undoRuns(
  table: Uint32Array,
  length: number,
  start: number,
): Generator<Uint8Array, void, undefined> {
  let out = new Uint8Array(OUTPUT);
  let size = 0;
  let entry = table[start] as number;
  let last = -1;
  let equal = 0;
  for (let i = 0; i < length; i++) {
    entry = table[entry >>> 8] as number;
    const byte = entry & 0xff;
    if (size > OUTPUT - 256) {
      yield out.subarray(0, size);
      out = new Uint8Array(OUTPUT);
      size = 0;
    }
    if (equal === 4) {
      out.fill(last, size, size + byte);
      size += byte;
      equal = 0;
      last = -1;
      continue;
    }
    equal = byte === last ? equal + 1 : 1;
    last = byte;
    out[size++] = byte;
  }
  if (size > 0) yield out.subarray(0, size);
}

/** Bytes of an output chunk. */
const OUTPUT = 65536;

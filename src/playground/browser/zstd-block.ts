import {
  codeOf,
  type EncodingTable,
  literalLengths,
  literalLengthTable,
  matchLengths,
  matchLengthTable,
  offsetTable,
} from "./zstd-tables.ts";

/** Minimum length of a match in bytes. A shorter match saves fewer bits than its sequence takes. */
const MIN_MATCH = 5;
const HASH_BITS = 15;
/** The step of the search grows with the number of steps without a match, so incompressible data is skipped quickly. */
const SEARCH_SHIFT = 6;

/** A run of literals, followed by a copy of earlier bytes that start `offset` bytes back. */
interface Sequence {
  literals: number;
  length: number;
  offset: number;
}

/**
 * Compresses the blocks of one frame with greedy matching, raw literals and the predefined tables. The result is larger
 * than zstd's, which is acceptable for data that is sent once.
 */
export class BlockCompressor {
  readonly #bytes: Uint8Array;
  /** The last position of each four-byte hash, plus one; zero for none. */
  readonly #places = new Int32Array(1 << HASH_BITS);

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Returns the contents of a compressed block (RFC 8878, 3.1.1.3); undefined when they would not be smaller. */
  compress(from: number, to: number): Uint8Array | undefined {
    const sequences: Sequence[] = [];
    const literals = new Uint8Array(to - from);
    const count = this.#search(from, to, sequences, literals);
    if (sequences.length === 0) return undefined;
    const out = new BitWriter(to - from);
    out.bytes(literalsHeader(count));
    out.bytes(literals.subarray(0, count));
    out.bytes(sequencesHeader(sequences.length));
    writeSequences(out, sequences);
    return out.isFull ? undefined : out.take();
  }

  /** Finds the sequences and literals of a block. @returns the number of literals */
  #search(from: number, to: number, sequences: Sequence[], literals: Uint8Array): number {
    const bytes = this.#bytes;
    const last = to - MIN_MATCH - 3;
    let count = 0;
    let begun = from;
    for (let at = from; at < last; ) {
      const hash = this.#hash(at);
      const candidate = (this.#places[hash] as number) - 1;
      this.#places[hash] = at + 1;
      const length = candidate < 0 ? 0 : this.#matchLength(candidate, at, to);
      if (length < MIN_MATCH) {
        at += 1 + ((at - begun) >> SEARCH_SHIFT);
        continue;
      }
      literals.set(bytes.subarray(begun, at), count);
      count += at - begun;
      sequences.push({ literals: at - begun, length, offset: at - candidate });
      at += length;
      begun = at;
      if (at < last) this.#places[this.#hash(at - 2)] = at - 1;
    }
    literals.set(bytes.subarray(begun, to), count);
    return count + to - begun;
  }

  #hash(at: number): number {
    const bytes = this.#bytes;
    const four =
      (bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24);
    return Math.imul(four, 0x9e3779b1) >>> (32 - HASH_BITS);
  }

  #matchLength(before: number, at: number, to: number): number {
    const bytes = this.#bytes;
    let length = 0;
    while (at + length < to && bytes[before + length] === bytes[at + length]) length++;
    return length;
  }
}

/** Header of raw literals (3.1.1.3.1.1). */
function literalsHeader(size: number): number[] {
  if (size < 32) return [size << 3];
  if (size < 4096) return [0b0100 | ((size & 0xf) << 4), size >> 4];
  return [0b1100 | ((size & 0xf) << 4), (size >> 4) & 0xff, size >> 12];
}

/** Header of the sequences: their number, and predefined mode for all three tables (3.1.1.3.2.1). */
function sequencesHeader(count: number): number[] {
  if (count < 128) return [count, 0];
  if (count < 0x7f00) return [(count >> 8) + 128, count & 0xff, 0];
  return [255, (count - 0x7f00) & 0xff, (count - 0x7f00) >> 8, 0];
}

/** Writes the sequences from last to first, because the decoder reads from the end (3.1.1.3.2.1.2). */
function writeSequences(out: BitWriter, sequences: readonly Sequence[]): void {
  const states = {
    literals: new State(literalLengthTable),
    matches: new State(matchLengthTable),
    offsets: new State(offsetTable),
  };
  for (let index = sequences.length - 1; index >= 0; index--) {
    const { literals, length, offset } = sequences[index] as Sequence;
    const literalCode = codeOf(literalLengths, literals);
    const matchCode = codeOf(matchLengths, length);
    // Values up to three select a repeated offset (3.1.1.5).
    const value = offset + 3;
    const offsetCode = 31 - Math.clz32(value);
    states.offsets.next(out, offsetCode);
    states.matches.next(out, matchCode);
    states.literals.next(out, literalCode);
    out.bits(
      literals - (literalLengths.baselines[literalCode] as number),
      literalLengths.bits[literalCode] as number,
    );
    out.bits(length - (matchLengths.baselines[matchCode] as number), matchLengths.bits[matchCode] as number);
    out.bits(value - (1 << offsetCode), offsetCode);
  }
  states.matches.end(out);
  states.offsets.end(out);
  states.literals.end(out);
  out.end();
}

/** The state of one of the three FSE encoders. */
class State {
  readonly #table: EncodingTable;
  #state: number | undefined;

  constructor(table: EncodingTable) {
    this.#table = table;
  }

  next(out: BitWriter, symbol: number): void {
    const { states, deltaBits, deltaState } = this.#table;
    const delta = deltaBits[symbol] as number;
    let before = this.#state;
    let bits: number;
    if (before === undefined) {
      // The first symbol writes no bits: any state of the symbol can be the start.
      bits = (delta + (1 << 15)) >> 16;
      before = (bits << 16) - delta;
    } else {
      bits = (before + delta) >> 16;
      out.bits(before & ((1 << bits) - 1), bits);
    }
    this.#state = states[(before >> bits) + (deltaState[symbol] as number)] as number;
  }

  end(out: BitWriter): void {
    const { accuracy } = this.#table;
    out.bits((this.#state as number) & ((1 << accuracy) - 1), accuracy);
  }
}

/** Writes bits, lowest first, into a buffer of limited size. */
class BitWriter {
  readonly #bytes: Uint8Array;
  #length = 0;
  #held = 0;
  #heldBits = 0;

  constructor(maxBytes: number) {
    this.#bytes = new Uint8Array(maxBytes);
  }

  /** Whether the buffer is full or was exceeded. */
  get isFull(): boolean {
    return this.#length >= this.#bytes.length;
  }

  bytes(bytes: ArrayLike<number>): void {
    if (this.#length + bytes.length <= this.#bytes.length) this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** @param count at most 24 */
  bits(value: number, count: number): void {
    this.#held |= value << this.#heldBits;
    this.#heldBits += count;
    while (this.#heldBits >= 8) {
      this.#bytes[this.#length++] = this.#held & 0xff;
      this.#held >>>= 8;
      this.#heldBits -= 8;
    }
  }

  /** Writes the final 1 bit, which marks the end, and pads to a byte. */
  end(): void {
    this.bits(1, 1);
    if (this.#heldBits > 0) this.bits(0, 8 - this.#heldBits);
  }

  take(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }
}

import type { Dictionary } from "./dictionary.ts";
import { corruptError } from "./error.ts";
import { EVEN, RangeDecoder } from "./range-decoder.ts";

const STATES = 12;
/** States below this one follow a literal. */
const FIRST_MATCH_STATE = 7;
const POSITIONS = 16;
const MIN_MATCH = 2;
/** Bytes decoded without a pause. */
const PIECE = 64 * 1024;

/** The LZMA decoder for LZMA2: decodes chunks, with or without a reset in between. */
export class LzmaDecoder {
  readonly #range = new RangeDecoder();
  readonly #dictionary: Dictionary;
  /** Bytes since the last reset; their lowest bits select probabilities. */
  #position = 0;
  #state = 0;
  /** The last four distances. */
  #rep0 = 0;
  #rep1 = 0;
  #rep2 = 0;
  #rep3 = 0;

  #literalContextBits = 0;
  #literalPositionMask = 0;
  #positionMask = 0;
  #literal = new Uint16Array(0);
  readonly #isMatch = new Uint16Array(STATES * POSITIONS);
  readonly #isRep = new Uint16Array(STATES);
  readonly #isRepNot0 = new Uint16Array(STATES);
  readonly #isRep0Long = new Uint16Array(STATES * POSITIONS);
  readonly #isRepNot1 = new Uint16Array(STATES);
  readonly #isRepNot2 = new Uint16Array(STATES);
  readonly #slots = new Uint16Array(4 * 64);
  readonly #distances = new Uint16Array(128);
  readonly #align = new Uint16Array(16);
  readonly #matchLength = new LengthDecoder();
  readonly #repLength = new LengthDecoder();

  constructor(dictionary: Dictionary) {
    this.#dictionary = dictionary;
  }

  /** Sets the properties byte: `(pb * 5 + lp) * 9 + lc`. Returns false when it is invalid in LZMA2. */
  setProperties(byte: number): boolean {
    const lc = byte % 9;
    const lp = Math.floor(byte / 9) % 5;
    const pb = Math.floor(byte / 45);
    if (pb > 4 || lc + lp > 4) return false;
    this.#literalContextBits = lc;
    this.#literalPositionMask = (1 << lp) - 1;
    this.#positionMask = (1 << pb) - 1;
    this.#literal = new Uint16Array(0x300 << (lc + lp));
    return true;
  }

  /** Resets the probabilities, but not the dictionary. */
  resetState(): void {
    this.#state = 0;
    this.#rep0 = this.#rep1 = this.#rep2 = this.#rep3 = 0;
    for (const probabilities of [
      this.#literal,
      this.#isMatch,
      this.#isRep,
      this.#isRepNot0,
      this.#isRep0Long,
      this.#isRepNot1,
      this.#isRepNot2,
      this.#slots,
      this.#distances,
      this.#align,
    ]) {
      probabilities.fill(EVEN);
    }
    this.#matchLength.reset();
    this.#repLength.reset();
  }

  /** Resets the position for a new dictionary. */
  resetPosition(): void {
    this.#position = 0;
  }

  /** Skips uncompressed bytes. */
  advance(count: number): void {
    this.#position += count;
  }

  /**
   * Decodes `size` bytes to the dictionary, which must have capacity for them; yields the size of each piece. Throws
   * `CompressionError` (`corrupt`).
   */
  *decode(compressed: Uint8Array, size: number): Generator<number, void, undefined> {
    const range = this.#range;
    if (!range.start(compressed)) throw corruptError("xz", "chunk without a range");
    const end = this.#position + size;
    for (let last = this.#position; this.#position < end; ) {
      if (this.#position - last >= PIECE) {
        yield this.#position - last;
        last = this.#position;
      }
      const at = this.#position & this.#positionMask;
      if (range.bit(this.#isMatch, this.#state * POSITIONS + at) === 0) {
        this.#decodeLiteral();
        this.#position += 1;
        continue;
      }
      const length = this.#decodeMatch(at);
      if (this.#position + length > end) throw corruptError("xz", "match beyond the end of a chunk");
      this.#dictionary.copy(this.#rep0, length);
      this.#position += length;
    }
    if (!range.isFinished) throw corruptError("xz", "chunk of another size");
  }

  #decodeLiteral(): void {
    const range = this.#range;
    const previous = this.#dictionary.back(0);
    const high = (this.#position & this.#literalPositionMask) << this.#literalContextBits;
    const from = 0x300 * (high + (previous >>> (8 - this.#literalContextBits)));
    const literal = this.#literal;
    let node = 1;
    if (this.#state >= FIRST_MATCH_STATE) {
      // After a match, the literal differs from the byte that would have extended the match.
      let expected = this.#dictionary.back(this.#rep0);
      let offset = 0x100;
      while (node < 0x100) {
        expected <<= 1;
        const expectedBit = expected & offset;
        const bit = range.bit(literal, from + offset + expectedBit + node);
        node = (node << 1) | bit;
        offset &= bit === 1 ? expectedBit : ~expectedBit;
      }
    } else {
      while (node < 0x100) node = (node << 1) | range.bit(literal, from + node);
    }
    this.#dictionary.put(node & 0xff);
    this.#state = this.#state < 4 ? 0 : this.#state - (this.#state < 10 ? 3 : 6);
  }

  /** Sets `#rep0` to the distance minus one, and returns the length. */
  #decodeMatch(at: number): number {
    const range = this.#range;
    const state = this.#state;
    const isAfterLiteral = state < FIRST_MATCH_STATE;
    if (range.bit(this.#isRep, state) === 0) {
      this.#rep3 = this.#rep2;
      this.#rep2 = this.#rep1;
      this.#rep1 = this.#rep0;
      this.#state = isAfterLiteral ? 7 : 10;
      const length = this.#matchLength.decode(range, at);
      this.#rep0 = this.#decodeDistance(length);
      return length;
    }
    if (range.bit(this.#isRepNot0, state) === 0) {
      if (range.bit(this.#isRep0Long, state * POSITIONS + at) === 0) {
        this.#state = isAfterLiteral ? 9 : 11;
        return 1;
      }
    } else {
      const distance = this.#recentDistance(state);
      this.#rep1 = this.#rep0;
      this.#rep0 = distance;
    }
    this.#state = isAfterLiteral ? 8 : 11;
    return this.#repLength.decode(range, at);
  }

  /** Selects one of the recent distances and moves it to the front. */
  #recentDistance(state: number): number {
    if (this.#range.bit(this.#isRepNot1, state) === 0) return this.#rep1;
    let distance = this.#rep2;
    if (this.#range.bit(this.#isRepNot2, state) === 1) {
      distance = this.#rep3;
      this.#rep3 = this.#rep2;
    }
    this.#rep2 = this.#rep1;
    return distance;
  }

  #decodeDistance(length: number): number {
    const range = this.#range;
    const table = Math.min(length - MIN_MATCH, 3);
    const slot = range.tree(this.#slots, table * 64, 6);
    if (slot < 4) return slot;
    const bits = (slot >>> 1) - 1;
    const base = ((2 | (slot & 1)) << bits) >>> 0;
    if (slot < 14) return base + range.reverseTree(this.#distances, base - slot, bits);
    return base + range.direct(bits - 4) * 16 + range.reverseTree(this.#align, 0, 4);
  }
}

/** Lengths of matches: 2 to 9, 10 to 17, 18 to 273. */
class LengthDecoder {
  readonly #choice = new Uint16Array(2);
  readonly #low = new Uint16Array(POSITIONS * 8);
  readonly #middle = new Uint16Array(POSITIONS * 8);
  readonly #high = new Uint16Array(256);

  reset(): void {
    for (const probabilities of [this.#choice, this.#low, this.#middle, this.#high]) probabilities.fill(EVEN);
  }

  decode(range: RangeDecoder, at: number): number {
    if (range.bit(this.#choice, 0) === 0) return MIN_MATCH + range.tree(this.#low, at * 8, 3);
    if (range.bit(this.#choice, 1) === 0) return MIN_MATCH + 8 + range.tree(this.#middle, at * 8, 3);
    return MIN_MATCH + 16 + range.tree(this.#high, 0, 8);
  }
}

/** A probability of one half; probabilities have 11 bits. */
export const EVEN = 1024;

/** The range decoder of LZMA: predictable bits take less space. */
export class RangeDecoder {
  #range = 0xffffffff;
  #code = 0;
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;

  /** Starts a chunk: one unused byte, four of the code. Returns false for an invalid chunk. */
  start(bytes: Uint8Array): boolean {
    if (bytes.length < 5 || bytes[0] !== 0) return false;
    this.#bytes = bytes;
    this.#range = 0xffffffff;
    this.#code = new DataView(bytes.buffer, bytes.byteOffset).getUint32(1);
    this.#at = 5;
    return true;
  }

  /** Whether exactly the whole chunk was consumed. */
  get isFinished(): boolean {
    return this.#at === this.#bytes.length && this.#code === 0;
  }

  /** Decodes a bit and updates its probability. */
  bit(probabilities: Uint16Array, i: number): 0 | 1 {
    const probability = probabilities[i] as number;
    const bound = (this.#range >>> 11) * probability;
    let bit: 0 | 1;
    if (this.#code < bound) {
      this.#range = bound;
      probabilities[i] = probability + ((2048 - probability) >>> 5);
      bit = 0;
    } else {
      this.#range -= bound;
      this.#code -= bound;
      probabilities[i] = probability - (probability >>> 5);
      bit = 1;
    }
    if (this.#range < 0x1000000) this.#shift();
    return bit;
  }

  /** `count` bits of equal probability, highest first. */
  direct(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++) {
      this.#range >>>= 1;
      const bit = this.#code >= this.#range ? 1 : 0;
      if (bit === 1) this.#code -= this.#range;
      value = value * 2 + bit;
      if (this.#range < 0x1000000) this.#shift();
    }
    return value;
  }

  /** A number of `count` bits, highest first; each bit is predicted by those before it. */
  tree(probabilities: Uint16Array, from: number, count: number): number {
    let node = 1;
    for (let i = 0; i < count; i++) node = (node << 1) | this.bit(probabilities, from + node);
    return node - (1 << count);
  }

  /** Like `tree`, lowest bit first. */
  reverseTree(probabilities: Uint16Array, from: number, count: number): number {
    let node = 1;
    let value = 0;
    for (let i = 0; i < count; i++) {
      const bit = this.bit(probabilities, from + node);
      node = (node << 1) | bit;
      value |= bit << i;
    }
    return value;
  }

  #shift(): void {
    this.#range = (this.#range << 8) >>> 0;
    // Reads zeros past the end; `isFinished` detects it afterwards.
    this.#code =
      ((this.#code << 8) | (this.#at < this.#bytes.length ? (this.#bytes[this.#at] as number) : 0)) >>> 0;
    this.#at += 1;
  }
}

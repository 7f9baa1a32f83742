import type { Place } from "../rootfs/node-line.ts";

/** Length of the prefix `sha256:`. */
const HEX = 7;
const WORDS = 8;

/** Places and sizes of files by digest, using about 60 bytes of memory each. */
export class KnownFiles {
  /** Digests, as eight 32-bit numbers each. */
  #digests: Uint32Array = new Uint32Array(WORDS * 64);
  /** A place, or -1 minus the index of a list of places. */
  #places: Float64Array = new Float64Array(64);
  readonly #lists: Place[] = [];
  #sizes: Float64Array = new Float64Array(64);
  #count = 0;
  /** Hash table: number of the file + 1, or 0. */
  #slots: Int32Array = new Int32Array(128);

  get size(): number {
    return this.#count;
  }

  find(digest: string): Place | undefined {
    return this.findSized(digest)?.place;
  }

  /** The place and the size in bytes. */
  findSized(digest: string): { place: Place; size: number } | undefined {
    const number = (this.#slots[this.#slotOf(wordsOf(digest))] as number) - 1;
    if (number < 0) return undefined;
    const place = this.#places[number] as number;
    return {
      place: place < 0 ? (this.#lists[-place - 1] as Place) : place,
      size: this.#sizes[number] as number,
    };
  }

  /** Adds a file. The first place of each digest counts. */
  add(digest: string, place: Place, size: number): void {
    const words = wordsOf(digest);
    const slot = this.#slotOf(words);
    if (this.#slots[slot] !== 0) return;
    if (this.#count === this.#places.length) this.#grow();
    const number = this.#count++;
    this.#places[number] = typeof place === "number" ? place : -this.#lists.push(place);
    this.#sizes[number] = size;
    this.#digests.set(words, number * WORDS);
    this.#slots[slot] = number + 1;
    if (this.#count * 2 > this.#slots.length) this.#rehash();
  }

  #grow(): void {
    const digests = new Uint32Array(this.#digests.length * 2);
    digests.set(this.#digests);
    this.#digests = digests;
    const places = new Float64Array(this.#places.length * 2);
    places.set(this.#places);
    this.#places = places;
    const sizes = new Float64Array(this.#sizes.length * 2);
    sizes.set(this.#sizes);
    this.#sizes = sizes;
  }

  /** The slot of a digest, or the free slot for it. */
  #slotOf(words: Uint32Array): number {
    const mask = this.#slots.length - 1;
    for (let slot = hashOf(words[0] as number, words[1] as number) & mask; ; slot = (slot + 1) & mask) {
      const number = (this.#slots[slot] as number) - 1;
      if (number < 0 || this.#has(number, words)) return slot;
    }
  }

  #has(number: number, words: Uint32Array): boolean {
    for (let i = 0; i < WORDS; i++) if (this.#digests[number * WORDS + i] !== words[i]) return false;
    return true;
  }

  #rehash(): void {
    this.#slots = new Int32Array(this.#slots.length * 2);
    const mask = this.#slots.length - 1;
    for (let number = 0; number < this.#count; number++) {
      const first = number * WORDS;
      let slot = hashOf(this.#digests[first] as number, this.#digests[first + 1] as number) & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = number + 1;
    }
  }
}

let seed: number | undefined;

/** Clients choose contents, and so the beginnings of digests, but cannot choose which of them collide. */
function hashOf(first: number, second: number): number {
  seed ??= (Math.random() * 0x100000000) | 0;
  const mixed = Math.imul(first ^ seed, 0x5bd1e995) ^ Math.imul(second + seed, 0xc2b2ae35 | 0);
  return mixed ^ (mixed >>> 15);
}

const words = new Uint32Array(WORDS);

/** The words of a digest, valid until the next call. */
function wordsOf(digest: string): Uint32Array {
  for (let i = 0; i < WORDS; i++) words[i] = Number.parseInt(digest.slice(HEX + i * 8, HEX + i * 8 + 8), 16);
  return words;
}

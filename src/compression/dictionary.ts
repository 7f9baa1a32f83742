import { CompressionError } from "./error.ts";

/** The most recent output, from which matches copy. */
export class Dictionary {
  /** Total output since the last reset, in bytes. */
  #total = 0;
  /** Position after the most recent byte. */
  #at = 0;
  #bytes: Uint8Array = new Uint8Array(0);
  readonly #size: number;
  readonly #minCapacity: number;

  /**
   *
   * @param size longest distance of a match.
   * @param minCapacity capacity for the output between two calls of `take`. Memory grows up to the larger of the two.
   */
  constructor(size: number, minCapacity: number) {
    this.#size = size;
    this.#minCapacity = minCapacity;
  }

  reset(): void {
    this.#total = 0;
  }

  /** Ensures that `count` more bytes do not overwrite older ones that may be needed. */
  reserve(count: number): void {
    const capacity = this.#bytes.length;
    const maxSize = Math.max(this.#size, this.#minCapacity);
    if (this.#at + count <= capacity || capacity >= maxSize) return;
    const grown = new Uint8Array(Math.min(maxSize, Math.max(2 * capacity, this.#at + count)));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }

  put(byte: number): void {
    // As late as possible, because more capacity may be available by then.
    if (this.#at === this.#bytes.length) this.#at = 0;
    this.#bytes[this.#at++] = byte;
    this.#total += 1;
  }

  /** The byte `distance` + 1 before the end; 0 when there is none. */
  back(distance: number): number {
    if (distance >= this.#total) return 0;
    const at = this.#at - distance - 1;
    return this.#bytes[at < 0 ? at + this.#bytes.length : at] as number;
  }

  /** Repeats `length` bytes from `distance` + 1 before the end. */
  copy(distance: number, length: number): void {
    if (distance >= this.#total || distance >= this.#size)
      throw new CompressionError("corrupt", "xz", "match before the beginning");
    const bytes = this.#bytes;
    const capacity = bytes.length;
    let to = this.#at;
    let from = to - distance - 1;
    if (from < 0) from += capacity;
    for (let i = 0; i < length; i++) {
      if (to === capacity) to = 0;
      if (from === capacity) from = 0;
      bytes[to++] = bytes[from++] as number;
    }
    this.#at = to;
    this.#total += length;
  }

  append(more: Uint8Array): void {
    for (const byte of more) this.put(byte);
  }

  /** A copy of the last `count` bytes. */
  take(count: number): Uint8Array {
    const from = this.#at - count;
    if (from >= 0) return this.#bytes.slice(from, this.#at);
    const taken = new Uint8Array(count);
    taken.set(this.#bytes.subarray(from + this.#bytes.length));
    taken.set(this.#bytes.subarray(0, this.#at), -from);
    return taken;
  }
}

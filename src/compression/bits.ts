import { CompressionError } from "./error.ts";

/** Zero bytes that a peek beyond the end reads. */
const MARGIN = 4;

/** Reads bits of a buffer, highest first, as in bzip2. */
export class BitReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = new Uint8Array(bytes.length + MARGIN);
    this.#bytes.set(bytes);
    this.#end = bytes.length * 8;
  }

  /** Bits read so far. */
  get position(): number {
    return this.#at;
  }

  /** The next `count` bits, 1 to 24. */
  read(count: number): number {
    const value = this.peek(count);
    this.skip(count);
    return value;
  }

  /** The next `count` bits, 1 to 24, without consuming them; zeros after the end. */
  peek(count: number): number {
    const bytes = this.#bytes;
    const i = this.#at >>> 3;
    const word =
      ((bytes[i] as number) << 24) |
      ((bytes[i + 1] as number) << 16) |
      ((bytes[i + 2] as number) << 8) |
      (bytes[i + 3] as number);
    return (word << (this.#at & 7)) >>> (32 - count);
  }

  /** @throws {CompressionError} (`truncated`) when there are fewer bits left */
  skip(count: number): void {
    this.#at += count;
    if (this.#at > this.#end) throw new CompressionError("truncated", "bzip2", "unexpected EOF");
  }

  /** Advances to the next whole byte. */
  align(): void {
    this.#at = (this.#at + 7) & ~7;
  }
}

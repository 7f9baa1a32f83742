import { createHash, type Hash } from "node:crypto";
import { concat } from "../../../streams/concat.ts";

const NOTHING = new Uint8Array(0);

/** The received part of a pack that is not consumed yet. Consumed bytes are added to the checksum of the pack. */
export class PackWindow {
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #hash: Hash;
  #bytes: Uint8Array = NOTHING;
  #at = 0;
  #before = 0;
  #ended = false;

  constructor(source: AsyncIterable<Uint8Array>, hash: "sha1" | "sha256") {
    this.#source = source[Symbol.asyncIterator]();
    this.#hash = createHash(hash);
  }

  /** Bytes consumed so far. */
  get offset(): number {
    return this.#before + this.#at;
  }

  /** The buffered bytes: a view that is valid until the next `fill`. */
  view(): Uint8Array {
    return this.#bytes.subarray(this.#at);
  }

  /** Waits until `n` bytes are buffered or the source ends; returns whether there are enough. */
  async fill(n: number): Promise<boolean> {
    let size = this.#bytes.length - this.#at;
    if (size >= n) return true;
    const parts = size === 0 ? [] : [this.view()];
    while (size < n && !this.#ended) {
      const { value, done } = await this.#source.next();
      if (done) this.#ended = true;
      else {
        parts.push(value);
        size += value.length;
      }
    }
    this.#before += this.#at;
    this.#at = 0;
    this.#bytes = concat(parts);
    return size >= n;
  }

  /** Consumes `n` buffered bytes. */
  advance(n: number): void {
    const bytes = this.#bytes.subarray(this.#at, this.#at + n);
    this.#hash.update(bytes);
    this.#at += n;
  }

  /** The checksum of all consumed bytes, in hexadecimal. Nothing can be consumed afterwards. */
  checksum(): string {
    return this.#hash.digest("hex");
  }

  async close(): Promise<void> {
    this.#ended = true;
    await this.#source.return?.();
  }
}

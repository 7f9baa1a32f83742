import { createHash, type Hash } from "node:crypto";
import { concat } from "../../../streams/concat.ts";

const NOTHING = new Uint8Array(0);

/**
 * What of a pack has come in and is not consumed yet. Everything that is consumed goes into the checksum of the
 * pack, so that nothing is read twice.
 */
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

  /** All that is at hand: a view that stands until the next `fill`. */
  view(): Uint8Array {
    return this.#bytes.subarray(this.#at);
  }

  /** Waits until `n` bytes are at hand or no more come; says whether they are. */
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

  /** Consumes `n` bytes that are at hand. */
  advance(n: number): void {
    const bytes = this.#bytes.subarray(this.#at, this.#at + n);
    this.#hash.update(bytes);
    this.#at += n;
  }

  /** The checksum of all that was consumed, in hexadecimal. Nothing can be consumed afterwards. */
  checksum(): string {
    return this.#hash.digest("hex");
  }

  async close(): Promise<void> {
    this.#ended = true;
    await this.#source.return?.();
  }
}

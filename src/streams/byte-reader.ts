import { concat } from "./concat.ts";
import { spend } from "./turns.ts";

const NOTHING = new Uint8Array(0);

/**
 * Reads a source by numbers of bytes. Returns views of the current chunk where possible, so keeping a view keeps the
 * chunk in memory. Call methods sequentially.
 */
export class ByteReader {
  readonly #source: AsyncIterator<Uint8Array>;
  #chunk: Uint8Array = NOTHING;
  #at = 0;
  #ended = false;
  /** Bytes received before the current chunk. */
  #before = 0;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Bytes read or skipped so far. */
  get offset(): number {
    return this.#before + this.#at;
  }

  /** The next `n` bytes if all of them are buffered; otherwise undefined, without consuming any. */
  take(n: number): Uint8Array | undefined {
    const end = this.#at + n;
    if (end > this.#chunk.length) return undefined;
    const bytes = this.#chunk.subarray(this.#at, end);
    this.#at = end;
    return bytes;
  }

  /** The next `n` bytes; fewer only at the end of the source. Memory grows with the received bytes, not with `n`. */
  async read(n: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    let missing = n;
    while (missing > 0) {
      const part = await this.some(missing);
      if (part === undefined) break;
      parts.push(part);
      missing -= part.length;
    }
    return concat(parts);
  }

  /** The buffered part of the next `maxBytes` bytes, without consuming it or waiting. */
  atHand(maxBytes: number): Uint8Array {
    return this.#chunk.subarray(this.#at, this.#at + maxBytes);
  }

  /** Between 1 and `maxBytes` bytes, as many as are buffered; undefined at the end of the source. */
  async some(maxBytes: number): Promise<Uint8Array | undefined> {
    if (this.#at === this.#chunk.length && !(await this.#pull())) return undefined;
    const end = Math.min(this.#chunk.length, this.#at + maxBytes);
    const bytes = this.#chunk.subarray(this.#at, end);
    this.#at = end;
    return bytes;
  }

  /** The next `n` bytes without consuming them; fewer only at the end of the source. */
  async peek(n: number): Promise<Uint8Array> {
    const bytes = await this.read(n);
    this.unread(bytes);
    return bytes;
  }

  /** Skips `n` bytes; returns how many there were, fewer only at the end of the source. */
  async skip(n: number): Promise<number> {
    let missing = n;
    while (missing > 0) {
      if (this.#at === this.#chunk.length && !(await this.#pull())) break;
      const step = Math.min(missing, this.#chunk.length - this.#at);
      this.#at += step;
      missing -= step;
    }
    return n - missing;
  }

  /** The next `n` bytes in chunks; fewer only at the end of the source. */
  async *stream(n = Number.POSITIVE_INFINITY): AsyncGenerator<Uint8Array, void, undefined> {
    let missing = n;
    while (missing > 0) {
      const part = await this.some(missing);
      if (part === undefined) return;
      missing -= part.length;
      yield part;
    }
  }

  async atEnd(): Promise<boolean> {
    return this.#at === this.#chunk.length && !(await this.#pull());
  }

  /** Ends the source, which may discard unread bytes. */
  async close(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    this.#before += this.#at;
    this.#chunk = NOTHING;
    this.#at = 0;
    await this.#source.return?.();
  }

  /** Returns the most recently read bytes, or the end of them, to the reader. */
  unread(bytes: Uint8Array): void {
    if (this.#at >= bytes.length) {
      this.#at -= bytes.length;
      return;
    }
    const offset = this.offset - bytes.length;
    this.#chunk = concat([bytes, this.#chunk.subarray(this.#at)]);
    this.#at = 0;
    this.#before = offset;
  }

  /** Makes the next non-empty chunk current; returns false at the end. */
  async #pull(): Promise<boolean> {
    while (!this.#ended) {
      let result: IteratorResult<Uint8Array>;
      try {
        result = await this.#source.next();
      } catch (error) {
        this.#ended = true;
        throw error;
      }
      if (result.done) {
        this.#ended = true;
        break;
      }
      const turn = spend(result.value.length);
      if (turn !== undefined) await turn;
      if (result.value.length === 0) continue;
      this.#before += this.#chunk.length;
      this.#chunk = result.value;
      this.#at = 0;
      return true;
    }
    return false;
  }
}

import type { ByteReader } from "../streams/byte-reader.ts";
import { truncatedError } from "./error.ts";
import { expand, type Holes } from "./sparse.ts";

/** Contents of a member, read on demand. */
export class MemberBody implements AsyncIterable<Uint8Array> {
  /** Bytes of the member that were not read yet. */
  left: number;
  readonly #reader: ByteReader;
  readonly #name: string;
  readonly #holes: Holes | undefined;
  #isClosed = false;

  constructor(reader: ByteReader, name: string, stored: number, holes?: Holes | undefined) {
    this.#reader = reader;
    this.#name = name;
    this.left = stored;
    this.#holes = holes;
  }

  [Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    const stored = this.#stored();
    return this.#holes === undefined ? stored : expand(stored, this.#holes.segments, this.#holes.size);
  }

  /** Called when the archive continues with the next member. */
  close(): void {
    this.#isClosed = true;
  }

  async *#stored(): AsyncGenerator<Uint8Array, void, undefined> {
    while (this.left > 0) {
      if (this.#isClosed) throw new Error(`Cannot read ${this.#name}: the next member was already requested`);
      const part = await this.#reader.some(this.left);
      if (part === undefined) throw truncatedError(this.#name, this.left);
      this.left -= part.length;
      yield part;
    }
  }
}

/** Contents that are already in memory. */
export class WholeBody implements AsyncIterable<Uint8Array> {
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    if (this.#bytes.length > 0) yield this.#bytes;
  }
}

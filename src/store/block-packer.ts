import { zstdFrame } from "../compression/members.ts";
import { addWork } from "../streams/turns.ts";

/** Data of a block. Smaller ones are quicker to reach into, larger ones compress better: by 5 % at four times this. */
export const BLOCK = 256 * 1024;
/** Level of zstd. */
export const BLOCK_LEVEL = 1;
/** What compressing a byte at that level costs. */
const COMPRESSING = 4;

/** Cuts data into blocks and compresses each by itself. */
export class BlockPacker {
  readonly #buffer = new Uint8Array(BLOCK);
  #filled = 0;
  #before = 0;
  #ready: Uint8Array[] = [];
  #readyBytes = 0;
  /** Of the blocks so far, compressed and decompressed. */
  readonly lengths: [length: number, size: number][] = [];

  /** Bytes of data so far. */
  get size(): number {
    return this.#before + this.#filled;
  }

  /** Bytes of the blocks that `take` gives. */
  get readyBytes(): number {
    return this.#readyBytes;
  }

  /** Bytes that go into the block that is being filled. */
  get room(): number {
    return BLOCK - this.#filled;
  }

  add(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const part = bytes.subarray(at, at + BLOCK - this.#filled);
      this.#buffer.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
      if (this.#filled === BLOCK) this.flush();
    }
  }

  /** Ends the block that is being filled. */
  flush(): void {
    if (this.#filled === 0) return;
    addWork(COMPRESSING * this.#filled);
    // A copy of the right size: the frame is a small part of a large buffer.
    const block = zstdFrame(this.#buffer.subarray(0, this.#filled), BLOCK_LEVEL).slice();
    this.lengths.push([block.length, this.#filled]);
    this.#ready.push(block);
    this.#readyBytes += block.length;
    this.#before += this.#filled;
    this.#filled = 0;
  }

  /** The blocks that are ready and were not taken yet. */
  take(): Uint8Array[] {
    const ready = this.#ready;
    this.#ready = [];
    this.#readyBytes = 0;
    return ready;
  }
}

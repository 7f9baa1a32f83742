import { zstdFrame } from "../compression/members.ts";
import { addWork } from "../streams/turns.ts";

/** Bytes of a block. Random reads in smaller blocks are faster; blocks four times as large compress 5 % better. */
export const BLOCK_BYTES = 256 * 1024;
/** Level of zstd. */
export const BLOCK_LEVEL = 1;
/** Cost of compressing one byte at that level. */
const BLOCK_COMPRESS_COST = 4;

/** Cuts data into blocks and compresses each one separately. */
export class BlockPacker {
  readonly #buffer = new Uint8Array(BLOCK_BYTES);
  #filled = 0;
  #before = 0;
  #ready: Uint8Array[] = [];
  #readyBytes = 0;
  /** Compressed and decompressed sizes of the blocks so far. */
  readonly lengths: [length: number, size: number][] = [];

  /** Bytes of data so far. */
  get size(): number {
    return this.#before + this.#filled;
  }

  /** Bytes of the blocks that `take` returns. */
  get readyBytes(): number {
    return this.#readyBytes;
  }

  /** Bytes that still fit into the current block. */
  get room(): number {
    return BLOCK_BYTES - this.#filled;
  }

  add(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const part = bytes.subarray(at, at + BLOCK_BYTES - this.#filled);
      this.#buffer.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
      if (this.#filled === BLOCK_BYTES) this.flush();
    }
  }

  /** Ends the current block. */
  flush(): void {
    if (this.#filled === 0) return;
    addWork(BLOCK_COMPRESS_COST * this.#filled);
    // A copy of the right size: the frame is a small part of a large buffer.
    const block = zstdFrame(this.#buffer.subarray(0, this.#filled), BLOCK_LEVEL).slice();
    this.lengths.push([block.length, this.#filled]);
    this.#ready.push(block);
    this.#readyBytes += block.length;
    this.#before += this.#filled;
    this.#filled = 0;
  }

  /** Removes and returns the finished blocks. */
  take(): Uint8Array[] {
    const ready = this.#ready;
    this.#ready = [];
    this.#readyBytes = 0;
    return ready;
  }
}

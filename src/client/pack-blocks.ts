import { BLOCK_BYTES } from "../store/block-packer.ts";

/** Compresses the data of a block as a zstd frame. The data may change once the promise resolves. */
export type CompressBlock = (data: Uint8Array) => Promise<Uint8Array>;

/** Blocks that are compressed at the same time: enough for the cores of large machines. */
const PENDING = 32;

/** The data of a pack, cut into blocks that are compressed while more data is added. */
export class PackBlocks {
  readonly #compress: CompressBlock;
  /** Buffers of compressed blocks, used again. New ones would cost garbage collections. */
  readonly #free: Uint8Array[];
  readonly #frames: Promise<Uint8Array>[] = [];
  readonly #sizes: number[] = [];
  #pending = 0;
  #block: Uint8Array | undefined;
  #filled = 0;
  /** Bytes of data so far. */
  size = 0;

  /** @param free buffers that several packs share, empty at first */
  constructor(compress: CompressBlock, free: Uint8Array[]) {
    this.#compress = compress;
    this.#free = free;
  }

  /** Copies the data. Resolves when more may be added. */
  async add(data: Uint8Array): Promise<void> {
    this.size += data.length;
    for (let at = 0; at < data.length; ) {
      this.#block ??= this.#free.pop() ?? new Uint8Array(BLOCK_BYTES);
      const part = data.subarray(at, at + BLOCK_BYTES - this.#filled);
      this.#block.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
      if (this.#filled === BLOCK_BYTES) this.#flush();
    }
    if (this.#pending > PENDING) await Promise.all(this.#frames);
  }

  /** The compressed blocks, with the bytes of each, compressed and not. */
  async finish(): Promise<{ frames: Uint8Array[]; lengths: [length: number, size: number][] }> {
    this.#flush();
    const frames = await Promise.all(this.#frames);
    return { frames, lengths: frames.map(({ length }, index) => [length, this.#sizes[index] as number]) };
  }

  #flush(): void {
    if (this.#block === undefined || this.#filled === 0) return;
    this.#sizes.push(this.#filled);
    this.#pending += 1;
    const block = this.#block;
    const frame = this.#compress(block.subarray(0, this.#filled)).finally(() => {
      this.#pending -= 1;
      this.#free.push(block);
    });
    // `finish` throws the error.
    frame.catch(() => {});
    this.#frames.push(frame);
    this.#block = undefined;
    this.#filled = 0;
  }
}

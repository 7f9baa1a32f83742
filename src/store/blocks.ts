/** Compression of a block. Each block is compressed separately, so that it can be read alone. */
export type BlockKind = "gzip" | "zstd";

/** A compressed part of an object. Blocks are compared by identity. */
export interface Block {
  /** Key of the object. */
  key: string;
  kind: BlockKind;
  /** Offset in the object, in bytes. */
  offset: number;
  /** Compressed size in bytes. */
  length: number;
  /** Decompressed size in bytes. */
  size: number;
  /** The following block of the same object. */
  next: Block | undefined;
}

/** Compressed and decompressed sizes of adjacent blocks. */
type BlockLengths = readonly (readonly [length: number, size: number, ...rest: unknown[]])[];

/** A list of blocks as plain data. */
export interface PlainBlocks {
  key: string;
  kind: BlockKind;
  lengths: BlockLengths;
  offset: number;
}

/** The blocks of an object in order, with the position of each in the decompressed data. */
export class BlockList {
  readonly blocks: readonly Block[];
  /** Bytes of data before each block. */
  readonly #starts: Float64Array;
  /** Bytes of decompressed data. */
  readonly size: number;

  /** @param offset bytes in the object before the first block */
  constructor(key: string, kind: BlockKind, lengths: BlockLengths, offset = 0) {
    const blocks: Block[] = [];
    this.#starts = new Float64Array(lengths.length);
    let start = 0;
    let at = offset;
    for (const [i, [length, size]] of lengths.entries()) {
      const block: Block = { key, kind, offset: at, length, size, next: undefined };
      const previous = blocks[i - 1];
      if (previous !== undefined) previous.next = block;
      blocks.push(block);
      this.#starts[i] = start;
      at += length;
      start += size;
    }
    this.blocks = blocks;
    this.size = start;
  }

  static of({ key, kind, lengths, offset }: PlainBlocks): BlockList {
    return new BlockList(key, kind, lengths, offset);
  }

  plain(): PlainBlocks {
    const { key = "", kind = "zstd", offset = 0 } = this.blocks[0] ?? {};
    return { key, kind, lengths: this.blocks.map(({ length, size }) => [length, size]), offset };
  }

  /** The block that contains byte `at` of the data, and the position in it; undefined beyond the end. */
  find(at: number): { block: Block; skip: number } | undefined {
    if (at >= this.size) return undefined;
    let low = 0;
    let high = this.blocks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((this.#starts[middle] as number) <= at) low = middle;
      else high = middle - 1;
    }
    // Of several blocks with the same start, all but the last are empty, and `low` is the last.
    return { block: this.blocks[low] as Block, skip: at - (this.#starts[low] as number) };
  }
}

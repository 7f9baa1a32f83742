import type { ByteReader } from "../streams/byte-reader.ts";
import { concat } from "../streams/concat.ts";
import { spend } from "../streams/turns.ts";
import { BitReader } from "./bits.ts";
import { readBlock } from "./bzip2-block.ts";
import { crc32Msb } from "./crc.ts";
import { CompressionError, corruptError } from "./error.ts";

/** A block begins with the hexadecimal digits of π, the end of a stream with those of √π. */
const BLOCK = 0x314159265359;
const END = 0x177245385090;

/** Decoded bytes of a block of the highest level, before runs are expanded. */
const MAX_BLOCK = 900_000;
/** Cost of a piece of a block, and of a header. */
const PIECE = 2 ** 20;
const HEADER = 16384;

/** More bytes than a block can have: 900,000 symbols of 20 bits, and the selectors. */
const MAX_BLOCK_BYTES = 2_400_000;

/** Decompresses all streams of a bzip2 file. Holds a block in memory: up to 8 MB. */
export async function* unbzip2(input: ByteReader): AsyncGenerator<Uint8Array, void, undefined> {
  const window = new Window(input);
  // Shared by all blocks: a block may have 50 bytes, and clearing a table takes longer than decoding one.
  const table = new Uint32Array(MAX_BLOCK);
  for (let first = true; ; first = false) {
    await window.fill();
    if (!first && window.isEmpty) return;
    const level = readStart(window.bits, first);
    let streamCrc = 0;
    for (;;) {
      const turn = spend(HEADER);
      if (turn !== undefined) await turn;
      await window.fill();
      const { bits } = window;
      const magic = bits.read(24) * 2 ** 24 + bits.read(24);
      const crc = bits.read(16) * 2 ** 16 + bits.read(16);
      if (magic === END) {
        if (crc !== streamCrc) throw corruptError("bzip2", "checksum of the stream differs");
        break;
      }
      if (magic !== BLOCK) throw corruptError("bzip2", "neither a block nor the end");
      let blockCrc = 0;
      for (const chunk of readBlock(bits, table.subarray(0, level * 100_000))) {
        const turn = spend(PIECE);
        if (turn !== undefined) await turn;
        if (chunk.length === 0) continue;
        blockCrc = crc32Msb(blockCrc, chunk);
        yield chunk;
      }
      if (blockCrc !== crc) throw corruptError("bzip2", "checksum of a block differs");
      streamCrc = (((streamCrc << 1) | (streamCrc >>> 31)) ^ blockCrc) >>> 0;
    }
    window.bits.align();
  }
}

/** Reads the header of a stream and returns the largest size of its blocks, in units of 100,000 bytes. */
function readStart(bits: BitReader, isFirst: boolean): number {
  if (bits.read(24) !== 0x425a68) {
    throw isFirst
      ? corruptError("bzip2", "not a bzip2 file")
      : new CompressionError("trailing-garbage", "bzip2", "something follows the last stream");
  }
  const level = bits.read(8) - 0x30;
  if (level < 1 || level > 9) throw corruptError("bzip2", `block size ${level}`);
  return level;
}

/** Buffers enough input for a whole block. Blocks do not state their length and do not end at bytes. */
class Window {
  bits = new BitReader(new Uint8Array(0));
  readonly #input: ByteReader;
  #bytes: Uint8Array = new Uint8Array(0);

  constructor(input: ByteReader) {
    this.#input = input;
  }

  get isEmpty(): boolean {
    return this.bits.position === this.#bytes.length * 8;
  }

  async fill(): Promise<void> {
    const rest = this.#bytes.subarray(this.bits.position >>> 3);
    if (rest.length >= MAX_BLOCK_BYTES) return;
    const more = await this.#input.read(2 * MAX_BLOCK_BYTES - rest.length);
    if (more.length === 0) return;
    const ahead = this.bits.position & 7;
    this.#bytes = concat([rest, more]);
    this.bits = new BitReader(this.#bytes);
    this.bits.skip(ahead);
  }
}

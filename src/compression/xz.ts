import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import type { ByteReader } from "../streams/byte-reader.ts";
import { spend } from "../streams/turns.ts";
import { Crc64 } from "./crc.ts";
import { CompressionError, corruptError } from "./error.ts";
import { dictionarySize, readExactly, readLzma2 } from "./lzma2.ts";

const MAGIC = [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00] as const;
const FOOTER_MAGIC = [0x59, 0x5a] as const;
const LZMA2 = 0x21;

/** Sizes of the checks by id, including ids that are not defined yet. */
const CHECK_SIZES = [0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64] as const;

/** Cost of a stream and of a block besides their bytes, and of four bytes of padding. */
const STREAM = 65536;
const BLOCK = 16384;
const PADDING = 512;

/** Maximum number of blocks of one stream, which are recorded for comparison with the index. */
const MAX_BLOCKS = 100_000;

/**
 * Decompresses all streams of an .xz file (The .xz File Format, 1.2), with their padding. Verifies checks; supports
 * only the LZMA2 filter, the default of `xz`.
 */
export async function* unxz(input: ByteReader): AsyncGenerator<Uint8Array, void, undefined> {
  for (let first = true; ; first = false) {
    if (!first && !(await skipPadding(input))) return;
    const turn = spend(STREAM);
    if (turn !== undefined) await turn;
    const checkId = await readStreamHeader(input, first);
    const blocks: BlockSizes[] = [];
    for (;;) {
      const [headerSize = 0] = await readExactly(input, 1);
      if (headerSize === 0) break;
      if (blocks.length === MAX_BLOCKS)
        throw new CompressionError("unsupported", "xz", `more than ${MAX_BLOCKS} blocks`);
      const turn = spend(BLOCK);
      if (turn !== undefined) await turn;
      blocks.push(yield* readBlock(input, headerSize, checkId));
    }
    await readIndexAndFooter(input, blocks, checkId);
  }
}

interface BlockSizes {
  /** Header, data and check. */
  unpadded: number;
  uncompressed: number;
}

async function readStreamHeader(input: ByteReader, isFirst: boolean): Promise<number> {
  const header = await readExactly(input, 12);
  if (!MAGIC.every((byte, i) => header[i] === byte)) {
    throw isFirst
      ? corruptError("xz", "not an xz file")
      : new CompressionError("trailing-garbage", "xz", "something follows the last stream");
  }
  verifyCrc(header.subarray(6, 8), header, 8, "stream header");
  return readFlags(header[6] as number, header[7] as number);
}

function readFlags(reserved: number, check: number): number {
  if (reserved !== 0 || check > 15)
    throw new CompressionError("unsupported", "xz", "unknown flags of a stream");
  return check;
}

/** Skips zeros between streams, four at a time; returns false at the end of the input. */
async function skipPadding(input: ByteReader): Promise<boolean> {
  for (;;) {
    const turn = spend(PADDING);
    if (turn !== undefined) await turn;
    const next = await input.peek(4);
    if (next.length === 0) return false;
    if (next.some((byte) => byte !== 0)) return true;
    if (next.length < 4) throw corruptError("xz", "padding that is not a multiple of four bytes");
    await input.skip(4);
  }
}

async function* readBlock(
  input: ByteReader,
  headerSize: number,
  checkId: number,
): AsyncGenerator<Uint8Array, BlockSizes, undefined> {
  const size = (headerSize + 1) * 4;
  const start = input.offset - 1;
  const rest = await readExactly(input, size - 1);
  const header = new Uint8Array(size);
  header[0] = headerSize;
  header.set(rest, 1);
  verifyCrc(header.subarray(0, size - 4), header, size - 4, "block header");
  const promised = readBlockHeader(new Fields(header.subarray(1, size - 4)));

  const check = checkOf(checkId);
  const dataStart = input.offset;
  let uncompressed = 0;
  for await (const chunk of readLzma2(input, promised.dictionary)) {
    uncompressed += chunk.length;
    check.update(chunk);
    yield chunk;
  }
  const compressed = input.offset - dataStart;
  if (promised.compressed !== undefined && promised.compressed !== compressed)
    throw corruptError("xz", "block of another size");
  if (promised.uncompressed !== undefined && promised.uncompressed !== uncompressed) {
    throw corruptError("xz", "block that becomes another size");
  }
  const padding = await readExactly(input, (4 - (compressed % 4)) % 4);
  if (padding.some((byte) => byte !== 0)) throw corruptError("xz", "padding of a block that is not zeros");
  const written = await readExactly(input, CHECK_SIZES[checkId] as number);
  const computed = check.digest();
  if (computed?.some((byte, i) => byte !== written[i]))
    throw corruptError("xz", "checksum of a block differs");
  return { unpadded: input.offset - start - padding.length, uncompressed };
}

interface BlockHeader {
  compressed: number | undefined;
  uncompressed: number | undefined;
  /** Bytes. */
  dictionary: number;
}

function readBlockHeader(fields: Fields): BlockHeader {
  const flags = fields.byte();
  if ((flags & 0x3c) !== 0) throw new CompressionError("unsupported", "xz", "unknown flags of a block");
  const compressed = (flags & 0x40) !== 0 ? fields.number() : undefined;
  const uncompressed = (flags & 0x80) !== 0 ? fields.number() : undefined;
  const filter = fields.number();
  if ((flags & 3) !== 0 || filter !== LZMA2) {
    throw new CompressionError("unsupported", "xz", "a filter other than LZMA2");
  }
  const dictionary = fields.number() === 1 ? dictionarySize(fields.byte()) : undefined;
  if (dictionary === undefined) throw corruptError("xz", "properties of a filter without a meaning");
  fields.expectZeros();
  return { compressed, uncompressed, dictionary };
}

/** The index repeats the sizes of the blocks, so its bytes are known; the footer has its length. */
async function readIndexAndFooter(
  input: ByteReader,
  blocks: readonly BlockSizes[],
  checkId: number,
): Promise<void> {
  const expected = encodeIndex(blocks);
  const index = await readExactly(input, expected.length - 1);
  if (index.some((byte, i) => byte !== expected[i + 1]))
    throw corruptError("xz", "index that differs from the blocks");
  const footer = await readExactly(input, 12);
  if (!FOOTER_MAGIC.every((byte, i) => footer[10 + i] === byte))
    throw corruptError("xz", "stream without a footer");
  verifyCrc(footer.subarray(4, 10), footer, 0, "footer");
  if ((littleEndian(footer, 4) + 1) * 4 !== expected.length)
    throw corruptError("xz", "index of another size");
  if (readFlags(footer[8] as number, footer[9] as number) !== checkId) {
    throw corruptError("xz", "footer that differs from the header");
  }
}

function encodeIndex(blocks: readonly BlockSizes[]): Uint8Array {
  const bytes: number[] = [0];
  putNumber(bytes, blocks.length);
  for (const block of blocks) {
    putNumber(bytes, block.unpadded);
    putNumber(bytes, block.uncompressed);
  }
  while (bytes.length % 4 !== 0) bytes.push(0);
  const crc = crc32(Uint8Array.from(bytes));
  bytes.push(crc & 0xff, (crc >>> 8) & 0xff, (crc >>> 16) & 0xff, crc >>> 24);
  return Uint8Array.from(bytes);
}

/** A variable-length integer: seven bits per byte, lowest first. */
function putNumber(bytes: number[], value: number): void {
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  bytes.push(rest);
}

/** Reads the fields of a block header. */
class Fields {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  byte(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw corruptError("xz", "block header that is too short");
    return byte;
  }

  number(): number {
    let value = 0;
    let weight = 1;
    for (let i = 0; i < 8; i++, weight *= 128) {
      const byte = this.byte();
      value += (byte & 0x7f) * weight;
      if (byte < 0x80) return value;
    }
    throw corruptError("xz", "number that is too large");
  }

  expectZeros(): void {
    while (this.#at < this.#bytes.length) {
      if (this.byte() !== 0)
        throw new CompressionError("unsupported", "xz", "unknown fields in a block header");
    }
  }
}

interface Check {
  update(bytes: Uint8Array): void;
  /** Undefined for an unsupported check. */
  digest(): Uint8Array | undefined;
}

function checkOf(id: number): Check {
  if (id === 1) return new Crc32();
  if (id === 4) return new Crc64();
  if (id === 10) return new Sha256();
  return { update: () => {}, digest: () => undefined };
}

class Crc32 implements Check {
  #crc = 0;

  update(bytes: Uint8Array): void {
    this.#crc = crc32(bytes, this.#crc);
  }

  digest(): Uint8Array {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, this.#crc, true);
    return bytes;
  }
}

class Sha256 implements Check {
  readonly #hash = createHash("sha256");

  update(bytes: Uint8Array): void {
    this.#hash.update(bytes);
  }

  digest(): Uint8Array {
    return this.#hash.digest();
  }
}

/** Throws unless the CRC-32 of `bytes` is at `at`. */
function verifyCrc(bytes: Uint8Array, header: Uint8Array, at: number, what: string): void {
  if (crc32(bytes) !== littleEndian(header, at)) throw corruptError("xz", `checksum of the ${what} differs`);
}

function littleEndian(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(at, true);
}

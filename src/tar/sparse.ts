import type { ByteReader } from "../streams/byte-reader.ts";
import { addWork, spend } from "../streams/turns.ts";
import { HeaderError, truncatedError } from "./error.ts";
import { number, TAR_BLOCK } from "./header.ts";
import { type PaxRecords, paxInteger, paxText, SPARSE_MAP } from "./pax.ts";

/** A part of a sparse file that the archive contains. The rest of the file is zeros. */
interface Segment {
  offset: number;
  length: number;
}

/** A sparse file in an archive. */
export interface Holes {
  segments: readonly Segment[];
  /** Size of the whole file in bytes. */
  size: number;
  /** Bytes that the archive contains. */
  stored: number;
}

/** Reads the blocks of a map, up to a limit. */
export class MapReader {
  readonly #reader: ByteReader;
  readonly #name: string;
  readonly #maxBytes: number;
  /** Bytes read. */
  bytes = 0;

  constructor(reader: ByteReader, name: string, maxBytes: number) {
    this.#reader = reader;
    this.#name = name;
    this.#maxBytes = maxBytes;
  }

  async next(): Promise<Uint8Array> {
    this.bytes += TAR_BLOCK;
    if (this.bytes > this.#maxBytes) throw new HeaderError(`sparse map of more than ${this.#maxBytes} bytes`);
    // Every byte is examined, although few of them start a segment.
    const turn = spend(16 * TAR_BLOCK);
    if (turn !== undefined) await turn;
    const block = await this.#reader.read(TAR_BLOCK);
    if (block.length < TAR_BLOCK) throw truncatedError(this.#name, TAR_BLOCK - block.length);
    return block;
  }
}

/** Cost of reading a segment of a map, and of filling the hole before it. */
const SEGMENT = 1024;

/** Whether a member is a sparse file in one of GNU tar's four formats ("Storing Sparse Files" in its manual). */
export function isSparse(type: string, records: PaxRecords): boolean {
  if (type === "S") return true;
  return records.size > 0 && (isLeadingMap(records) || records.has(SPARSE_MAP));
}

/** Reads the map of a sparse file. @throws {HeaderError} when it contradicts itself or the stored size */
export async function readHoles(
  header: Uint8Array,
  records: PaxRecords,
  stored: number,
  blocks: MapReader,
): Promise<Holes> {
  if (isLeadingMap(records)) {
    const segments = await readLeadingMap(blocks);
    return checkSegments(segments, paxSize(records), stored - blocks.bytes);
  }
  if (records.has(SPARSE_MAP)) return checkSegments(readPaxMap(records), paxSize(records), stored);
  return checkSegments(await readOldMap(header, blocks), number(header, 483, 12, "real size"), stored);
}

/** Pax format 1.0. */
function isLeadingMap(records: PaxRecords): boolean {
  return paxInteger(records, "GNU.sparse.major") === 1 && paxInteger(records, "GNU.sparse.minor") === 0;
}

function paxSize(records: PaxRecords): number {
  const size = paxInteger(records, "GNU.sparse.realsize") ?? paxInteger(records, "GNU.sparse.size");
  if (size === undefined) throw new HeaderError("sparse file without a size");
  return size;
}

function checkSegments(segments: readonly Segment[], size: number, stored: number): Holes {
  addWork(SEGMENT * segments.length);
  let end = 0;
  let total = 0;
  for (const { offset, length } of segments) {
    if (offset < end || length < 0) throw new HeaderError("sparse map out of order");
    end = offset + length;
    total += length;
  }
  if (end > size) throw new HeaderError("sparse map beyond the end of the file");
  if (total !== stored) throw new HeaderError("sparse map and size contradict each other");
  return { segments, size, stored };
}

/** The old GNU format: four segments in the header, more in the following blocks. */
async function readOldMap(header: Uint8Array, blocks: MapReader): Promise<Segment[]> {
  const segments: Segment[] = [];
  addOldSegments(segments, header, 386, 4);
  let isExtended = header[482] !== 0;
  while (isExtended) {
    const block = await blocks.next();
    addOldSegments(segments, block, 0, 21);
    isExtended = block[504] !== 0;
  }
  return segments;
}

function addOldSegments(segments: Segment[], block: Uint8Array, at: number, max: number): void {
  for (let i = 0; i < max; i++, at += 24) {
    if (block[at] === 0 || block[at + 12] === 0) return;
    segments.push({
      offset: number(block, at, 12, "sparse offset"),
      length: number(block, at + 12, 12, "sparse length"),
    });
  }
}

/** Pax formats 0.0 and 0.1: in the extended header, as "offset,length,offset,length…". */
function readPaxMap(records: PaxRecords): Segment[] {
  const text = paxText(records, SPARSE_MAP);
  const numbers = text === undefined ? [] : text.split(",").map(decimal);
  if (numbers.length % 2 !== 0) throw new HeaderError("sparse map with an odd count of numbers");
  return pairs(numbers);
}

/** Pax format 1.0: lines before the contents, beginning with their number, padded to a block. */
async function readLeadingMap(blocks: MapReader): Promise<Segment[]> {
  const numbers: number[] = [];
  let count = 1;
  let line = "";
  while (numbers.length < count) {
    for (const byte of await blocks.next()) {
      if (numbers.length === count) break;
      if (byte !== NEWLINE) {
        line += String.fromCharCode(byte);
        if (line.length > 20) throw new HeaderError("sparse map without numbers");
        continue;
      }
      numbers.push(decimal(line));
      line = "";
      if (numbers.length === 1) count = 1 + 2 * (numbers[0] as number);
    }
  }
  return pairs(numbers.slice(1));
}

const NEWLINE = 0x0a;

const ZEROS = new Uint8Array(65536);

/** The whole file: the stored bytes with holes filled. Consumers must not write to the chunks. */
export async function* expand(
  stored: AsyncIterator<Uint8Array>,
  segments: readonly Segment[],
  size: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let at = 0;
  let chunk: Uint8Array = ZEROS.subarray(0, 0);
  for (const { offset, length } of segments) {
    const turn = spend(SEGMENT);
    if (turn !== undefined) await turn;
    yield* zeros(offset - at);
    at = offset + length;
    for (let missing = length; missing > 0; ) {
      if (chunk.length === 0) chunk = (await stored.next()).value;
      const part = chunk.subarray(0, missing);
      chunk = chunk.subarray(part.length);
      missing -= part.length;
      yield part;
    }
  }
  yield* zeros(size - at);
}

function* zeros(count: number): Generator<Uint8Array, void, undefined> {
  for (let missing = count; missing > 0; missing -= ZEROS.length) {
    yield missing < ZEROS.length ? ZEROS.subarray(0, missing) : ZEROS;
  }
}

function pairs(numbers: readonly number[]): Segment[] {
  const segments: Segment[] = [];
  for (let i = 0; i + 1 < numbers.length; i += 2) {
    segments.push({ offset: numbers[i] as number, length: numbers[i + 1] as number });
  }
  return segments;
}

function decimal(text: string): number {
  if (!/^\d{1,16}$/.test(text) || !Number.isSafeInteger(Number(text))) {
    throw new HeaderError("sparse map without numbers");
  }
  return Number(text);
}

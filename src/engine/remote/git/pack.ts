import { collect } from "../../../streams/collect.ts";
import { toHex } from "../../../streams/hex.ts";
import { spend } from "../../../streams/turns.ts";
import { corruptGitError, GitError } from "./git-error.ts";
import { inflateStream, inflateWhole } from "./inflate.ts";
import type { ObjectFormat, ObjectType } from "./object-format.ts";
import { PackWindow } from "./pack-window.ts";

/** Objects up to this many bytes are inflated at once; larger ones are streamed. */
const WHOLE = 1 << 20;
/** Longest header of an entry: ten digits of size, and an id or ten digits of offset. */
const HEADER = 64;
/** Cost of reading an entry, besides its bytes. */
const ENTRY = 4096;
const KINDS: readonly (ObjectType | "ofs-delta" | "ref-delta" | undefined)[] = [
  undefined,
  "commit",
  "tree",
  "blob",
  "tag",
  undefined,
  "ofs-delta",
  "ref-delta",
];

/** Limits for a pack. */
export interface PackLimits {
  objects: number;
  /** Bytes of one object. */
  objectBytes: number;
  /** Bytes of the instructions of one delta, which are held in memory. */
  deltaBytes: number;
}

/** A pack entry: a complete object, or a delta. */
export type PackEntry = PackObject | PackDelta;

export interface PackObject {
  kind: "object";
  /** Offset of the entry in the pack. */
  offset: number;
  type: ObjectType;
  /** Bytes of the object. */
  size: number;
  /** A stream must be read to its end before the next entry is requested. */
  contents: Uint8Array | AsyncIterable<Uint8Array>;
}

export interface PackDelta {
  kind: "delta";
  offset: number;
  /** The base object, by offset in the pack or by id. */
  base: number | string;
  instructions: Uint8Array;
}

/**
 * Reads a pack while it arrives (gitformat-pack(5)). Verifies sizes, counts and the checksum at the end, but not ids,
 * because only the caller knows the result of a delta.
 * @throws {GitError}
 */
export async function* readPack(
  source: AsyncIterable<Uint8Array>,
  format: ObjectFormat,
  limits: PackLimits,
): AsyncGenerator<PackEntry, void, undefined> {
  const window = new PackWindow(source, format.name);
  try {
    const count = await readHeader(window, limits);
    for (let index = 0; index < count; index++) {
      yield await readEntry(window, format, limits, index);
    }
    const checksum = window.checksum();
    const complete = await window.fill(format.idBytes);
    const trailer = window.view();
    if (!complete || toHex(trailer.subarray(0, format.idBytes)) !== checksum) {
      throw corruptGitError("the pack", "the checksum at its end is wrong");
    }
    if (trailer.length > format.idBytes || (await window.fill(format.idBytes + 1))) {
      throw corruptGitError("the pack", "there is data after its end");
    }
  } finally {
    await window.close();
  }
}

async function readHeader(window: PackWindow, limits: PackLimits): Promise<number> {
  if (!(await window.fill(12))) throw corruptGitError("the pack", "it ends inside its header");
  const bytes = window.view();
  const view = new DataView(bytes.buffer, bytes.byteOffset, 12);
  const version = view.getUint32(4);
  if (view.getUint32(0) !== 0x5041434b || (version !== 2 && version !== 3)) {
    throw corruptGitError("the pack", "it does not begin as a pack of version 2 or 3");
  }
  const count = view.getUint32(8);
  if (count > limits.objects) {
    throw new GitError(
      "git-too-large",
      `Cannot read the pack: it has ${count} objects, more than ${limits.objects}`,
    );
  }
  window.advance(12);
  return count;
}

async function readEntry(
  window: PackWindow,
  format: ObjectFormat,
  limits: PackLimits,
  index: number,
): Promise<PackEntry> {
  const { offset } = window;
  const what = `object ${index + 1} of the pack`;
  await window.fill(HEADER);
  const header = readEntryHeader(window.view(), format, offset, what);
  window.advance(header.length);
  const { type, size, base } = header;
  const limit = base === undefined ? limits.objectBytes : limits.deltaBytes;
  if (size > limit) {
    throw new GitError("git-too-large", `Cannot read ${what}: it has ${size} bytes, more than ${limit}`);
  }
  const turn = spend(ENTRY + Math.min(size, WHOLE));
  if (turn !== undefined) await turn;
  const contents = (await wholeContents(window, size)) ?? inflateStream(window, size, what);
  if (base !== undefined) {
    const instructions = contents instanceof Uint8Array ? contents : await collect(contents, size);
    return { kind: "delta", offset, base, instructions };
  }
  return { kind: "object", offset, type: type as ObjectType, size, contents };
}

/** Inflates a small object at once, which is much faster. After a failure the caller streams it. */
async function wholeContents(window: PackWindow, size: number): Promise<Uint8Array | undefined> {
  if (size > WHOLE) return undefined;
  // More than common encoders produce for so many bytes.
  await window.fill(size + (size >> 6) + 128);
  const inflated = inflateWhole(window.view(), size);
  if (inflated === undefined) return undefined;
  window.advance(inflated.used);
  return inflated.bytes;
}

interface EntryHeader {
  type: ObjectType | "ofs-delta" | "ref-delta";
  size: number;
  base: number | string | undefined;
  length: number;
}

function readEntryHeader(bytes: Uint8Array, format: ObjectFormat, offset: number, what: string): EntryHeader {
  const cursor = { bytes, at: 0, what };
  let byte = nextByte(cursor);
  const type = KINDS[(byte >> 4) & 7];
  if (type === undefined) throw corruptGitError(what, "it has no known type");
  let size = byte & 15;
  for (let scale = 16; byte & 0x80; scale *= 128) {
    byte = nextByte(cursor);
    size += (byte & 0x7f) * scale;
    if (!Number.isSafeInteger(size)) throw corruptGitError(what, "its size is too large");
  }
  let base: number | string | undefined;
  if (type === "ofs-delta") base = offset - readDistance(cursor);
  if (type === "ref-delta") {
    const end = cursor.at + format.idBytes;
    if (end > bytes.length) throw corruptGitError(what, "the pack ends inside it");
    base = toHex(bytes.subarray(cursor.at, end));
    cursor.at = end;
  }
  return { type, size, base, length: cursor.at };
}

/** The distance from a delta back to its base: seven bits a byte, each longer form beginning where the shorter ends. */
function readDistance(cursor: Cursor): number {
  let byte = nextByte(cursor);
  let distance = byte & 0x7f;
  while (byte & 0x80) {
    byte = nextByte(cursor);
    distance = (distance + 1) * 128 + (byte & 0x7f);
    if (!Number.isSafeInteger(distance)) break;
  }
  return distance;
}

interface Cursor {
  bytes: Uint8Array;
  at: number;
  what: string;
}

function nextByte(cursor: Cursor): number {
  const byte = cursor.bytes[cursor.at++];
  if (byte === undefined) throw corruptGitError(cursor.what, "the pack ends inside it");
  return byte;
}

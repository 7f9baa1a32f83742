import { crc32, createInflateRaw, inflateRawSync } from "node:zlib";
import type { ByteReader } from "../streams/byte-reader.ts";
import { spend } from "../streams/turns.ts";
import { CompressionError, corruptError } from "./error.ts";
import { CHUNK, inflate, inflateStart } from "./inflate.ts";

/** RFC 1952, 2.3.1: flags of a member's header. */
const HEADER_CRC = 2;
const EXTRA = 4;
const NAME = 8;
const COMMENT = 16;

/** Maximum size in bytes of a file name or a comment. */
const MAX_TEXT = 65536;

/** Compressed bytes of a member that is inflated at once. */
const SMALL = 4096;
/** Bytes of the contents of such a member. */
const SMALL_CONTENTS = 65536;
/** Cost of a member besides its bytes: one may have 20 bytes. */
const MEMBER = 8192;
/** Cost of reading a part of a header besides its bytes. */
const CALL = 256;

/**
 * Decompresses all members of a gzip file (RFC 1952, 2.2). Like Go's reader, rejects anything after them, including
 * padding, but only after all contents.
 */
export async function* gunzip(input: ByteReader): AsyncGenerator<Uint8Array, void, undefined> {
  for (let isFirst = true; isFirst || !(await input.atEnd()); isFirst = false) {
    const turn = spend(MEMBER);
    if (turn !== undefined) await turn;
    await readHeader(input, isFirst);
    let crc = 0;
    let size = 0;
    // Opening a stream takes longer than inflating a small member.
    const small = readSmall(input);
    const contents = small ?? inflate(createInflateRaw({ chunkSize: CHUNK }), input, "gzip");
    for await (const chunk of contents) {
      crc = crc32(chunk, crc);
      size += chunk.length;
      yield chunk;
    }
    const trailer = await readExactly(input, 8);
    const view = new DataView(trailer.buffer, trailer.byteOffset);
    if (view.getUint32(0, true) !== crc) throw corruptError("gzip", "checksum of a member differs");
    if (view.getUint32(4, true) !== size % 2 ** 32) throw corruptError("gzip", "member of another size");
  }
}

/** The contents of a member that is small and completely buffered; damaged members are left to the stream. */
function readSmall(input: ByteReader): [Uint8Array] | [] | undefined {
  const options = { chunkSize: SMALL, maxOutputLength: SMALL_CONTENTS };
  try {
    const { bytes, used } = inflateStart(inflateRawSync, input.atHand(SMALL), options);
    input.take(used);
    // Not a Buffer, whose `slice` does not copy.
    return bytes.length === 0 ? [] : [new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)];
  } catch {
    return undefined;
  }
}

async function readHeader(input: ByteReader, isFirst: boolean): Promise<void> {
  const magic = await input.read(2);
  if (magic[0] !== 0x1f || (magic[1] ?? 0x8b) !== 0x8b) {
    throw isFirst
      ? corruptError("gzip", "not a gzip file")
      : new CompressionError("trailing-garbage", "gzip", "something follows the last member");
  }
  if (magic.length < 2) throw truncatedError();
  const [method, flags = 0] = await readExactly(input, 8);
  if (method !== 8) throw new CompressionError("unsupported", "gzip", `compression method ${method}`);
  if ((flags & EXTRA) !== 0) {
    const [low = 0, high = 0] = await readExactly(input, 2);
    await readExactly(input, low + 256 * high);
  }
  if ((flags & NAME) !== 0) await skipText(input);
  if ((flags & COMMENT) !== 0) await skipText(input);
  if ((flags & HEADER_CRC) !== 0) await readExactly(input, 2);
}

/** Skips a NUL-terminated text. */
async function skipText(input: ByteReader): Promise<void> {
  for (let left = MAX_TEXT; left > 0; ) {
    const bytes = await input.some(left);
    if (bytes === undefined) throw truncatedError();
    const turn = spend(CALL + bytes.length);
    if (turn !== undefined) await turn;
    const end = bytes.indexOf(0);
    if (end >= 0) {
      input.unread(bytes.subarray(end + 1));
      return;
    }
    left -= bytes.length;
  }
  throw corruptError("gzip", "header without an end");
}

async function readExactly(input: ByteReader, n: number): Promise<Uint8Array> {
  const bytes = input.take(n) ?? (await input.read(n));
  if (bytes.length < n) throw truncatedError();
  return bytes;
}

function truncatedError(): CompressionError {
  return new CompressionError("truncated", "gzip", "unexpected EOF");
}

import { constants, gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { CompressionError } from "./error.ts";

/** RFC 1952, 2.3.1: the operating system of the writer; 255 is "unknown". */
const OS = 9;
const UNKNOWN_OS = 255;

/**
 * One gzip member with no name and no time, so that the same bytes give the same member.
 *
 * @param level 1 to 9.
 */
export function gzipMember(bytes: Uint8Array, level: number): Uint8Array {
  const member = plain(gzipSync(bytes, { level, chunkSize: chunkFor(bytes.length / 2) }));
  member[OS] = UNKNOWN_OS;
  return member;
}

/**
 * One zstd frame that tells its content's size.
 *
 * @param level 1 to 22.
 */
export function zstdFrame(bytes: Uint8Array, level: number): Uint8Array {
  const params = { [constants.ZSTD_c_compressionLevel]: level };
  return plain(zstdCompressSync(bytes, { params, chunkSize: chunkFor(bytes.length / 2) }));
}

/**
 * The contents of one member or frame. Throws `CompressionError` when it is damaged or its contents are not of
 * exactly `expectedSize` bytes; no more than that are ever held.
 */
export function inflateMember(bytes: Uint8Array, kind: "gzip" | "zstd", expectedSize: number): Uint8Array {
  const options = { maxOutputLength: Math.max(expectedSize, 1), chunkSize: chunkFor(expectedSize) };
  let contents: Uint8Array;
  try {
    contents = plain(kind === "gzip" ? gunzipSync(bytes, options) : zstdDecompressSync(bytes, options));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CompressionError("corrupt", kind, reason, { cause });
  }
  if (contents.length !== expectedSize) {
    throw new CompressionError("corrupt", kind, `${contents.length} bytes instead of ${expectedSize}`);
  }
  return contents;
}

/** Room for all of the output at once, and one byte more, by which zlib sees that it has finished. */
function chunkFor(size: number): number {
  return Math.max(64, Math.ceil(size) + 1);
}

/** As a plain array: the `slice` of a Buffer copies nothing. */
function plain(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

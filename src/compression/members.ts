import {
  constants,
  gunzipSync,
  gzipSync,
  type ZlibOptions,
  type ZstdOptions,
  zstdCompressSync,
  zstdDecompressSync,
} from "node:zlib";
import { concat } from "../streams/concat.ts";
import { addWork } from "../streams/turns.ts";
import { CompressionError } from "./error.ts";

/** RFC 1952, 2.3.1: the operating system of the writer; 255 is "unknown". */
const OS = 9;
const UNKNOWN_OS = 255;

/** Cost of compressing a byte, in units of `spend`. */
export const COMPRESS_COST = 8;

/**
 * Compresses bytes to one gzip member without name and time. Deterministic.
 * @param level 1 to 9.
 */
export function gzipMember(bytes: Uint8Array, level: number): Uint8Array {
  return finishGzipMember(gzipSync(bytes, gzipOptions(bytes, level)));
}

/** zlib's options for a member: see `finishGzipMember`. */
export function gzipOptions({ length }: Uint8Array, level: number): ZlibOptions {
  return { level, chunkSize: chunkFor(length / 2) };
}

/** Turns the output of zlib's gzip into a member, in place. */
export function finishGzipMember(output: Uint8Array): Uint8Array {
  const member = plain(output);
  member[OS] = UNKNOWN_OS;
  return member;
}

/**
 * Compresses bytes to one zstd frame with its content size and without checksum.
 * @param level 1 to 22.
 */
export function zstdFrame(bytes: Uint8Array, level: number): Uint8Array {
  return finishZstdFrame(bytes, zstdCompressSync(bytes, zstdOptions(bytes, level)));
}

/** zlib's options for a frame: see `finishZstdFrame`. */
export function zstdOptions({ length }: Uint8Array, level: number): ZstdOptions {
  return {
    params: { [constants.ZSTD_c_compressionLevel]: level },
    chunkSize: chunkFor(length / 2),
    pledgedSrcSize: length,
    ...(length > SMALL_INPUT && { finishFlush: constants.ZSTD_e_flush }),
  };
}

/** Turns the output of zlib's zstd into a frame. */
export function finishZstdFrame({ length }: Uint8Array, output: Uint8Array): Uint8Array {
  return length <= SMALL_INPUT ? plain(output) : concat([output, LAST_BLOCK]);
}

/**
 * workerd cannot end a frame above 40 KiB (cloudflare/workerd#6769), but can flush it: larger frames are ended here.
 */
const SMALL_INPUT = 32768;
/** RFC 8878, 3.1.1.2: an empty raw block that is the last one. */
const LAST_BLOCK = Uint8Array.of(1, 0, 0);

/**
 * Decompresses one member or frame. Uses little more memory than `expectedSize` bytes.
 * @throws {CompressionError} when it is damaged or does not have exactly `expectedSize` bytes
 */
export function inflateMember(bytes: Uint8Array, kind: "gzip" | "zstd", expectedSize: number): Uint8Array {
  addWork(MEMBER + expectedSize);
  const options = { maxOutputLength: expectedSize + SLACK, chunkSize: chunkFor(expectedSize) };
  let contents: Uint8Array;
  try {
    contents = plain(
      kind === "gzip"
        ? gunzipSync(bytes, options)
        : zstdDecompressSync(fillsBuffer(expectedSize) ? concat([bytes, SKIPPABLE]) : bytes, options),
    );
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CompressionError("corrupt", kind, reason, { cause });
  }
  if (contents.length !== expectedSize) {
    throw new CompressionError("corrupt", kind, `${contents.length} bytes instead of ${expectedSize}`);
  }
  return contents;
}

/** Cost of decompressing a member besides its bytes. */
const MEMBER = 8192;
/** workerd needs space for another chunk after the output. */
const SLACK = 65536;

/**
 * workerd's output buffer for zstd doubles from 40 KiB. Output that fills it completely is treated as truncated, unless
 * there is more input: an empty skippable frame (RFC 8878, 3.1.2).
 */
function fillsBuffer(size: number): boolean {
  const buffers = size / 40960;
  return Number.isInteger(buffers) && Number.isInteger(Math.log2(buffers));
}
const SKIPPABLE = Uint8Array.of(0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0);

/** Space for all of the output and one byte more, by which zlib detects the end. */
function chunkFor(size: number): number {
  return Math.max(64, Math.ceil(size) + 1);
}

/** Copy: the `slice` of a Buffer shares its memory. */
function plain(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

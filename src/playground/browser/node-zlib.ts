import { BlockCompressor } from "./zstd-block.ts";

/** The part of `node:zlib` that the client needs in a browser, where zstd is missing: it writes frames (RFC 8878). */

export const constants = {
  ZSTD_c_compressionLevel: 100,
  ZSTD_d_windowLogMax: 100,
  ZSTD_e_flush: 1,
  ZSTD_e_end: 2,
};

/** Maximum number of bytes of a block (RFC 8878, 3.1.1.2.4). */
const MAX_BLOCK = 128 * 1024;
const MAGIC = [0x28, 0xb5, 0x2f, 0xfd];
/** Frame header descriptor (3.1.1.1.1): single segment, a content size of four bytes, no checksum, no dictionary. */
const DESCRIPTOR = 0b1010_0000;
const FRAME_HEADER = MAGIC.length + 1 + 4;
const BLOCK_HEADER = 3;
/** Block types (3.1.1.2.2), shifted to their position in the block header. */
const RAW = 0 << 1;
const COMPRESSED = 2 << 1;

/**
 * Compresses bytes into a frame that states its content size. With `ZSTD_e_flush`, no block is marked as the last one.
 */
export function zstdCompressSync(
  bytes: Uint8Array,
  { finishFlush }: { finishFlush?: number } = {},
): Uint8Array {
  const isWhole = finishFlush !== constants.ZSTD_e_flush;
  const count = Math.max(1, Math.ceil(bytes.length / MAX_BLOCK));
  const frame = new Uint8Array(FRAME_HEADER + count * BLOCK_HEADER + bytes.length);
  frame.set([...MAGIC, DESCRIPTOR]);
  new DataView(frame.buffer).setUint32(MAGIC.length + 1, bytes.length, true);
  const compressor = new BlockCompressor(bytes);
  let at = FRAME_HEADER;
  for (let block = 0; block < count; block++) {
    const from = block * MAX_BLOCK;
    const to = Math.min(bytes.length, from + MAX_BLOCK);
    const compressed = compressor.compress(from, to);
    const contents = compressed ?? bytes.subarray(from, to);
    const isLast = isWhole && block === count - 1;
    const header = (contents.length << 3) | (compressed === undefined ? RAW : COMPRESSED) | (isLast ? 1 : 0);
    frame.set([header & 0xff, (header >> 8) & 0xff, (header >> 16) & 0xff], at);
    frame.set(contents, at + BLOCK_HEADER);
    at += BLOCK_HEADER + contents.length;
  }
  return frame.subarray(0, at);
}

export function gzipSync(): never {
  throw new TypeError("Cannot write gzip in a browser");
}

export function gunzipSync(): never {
  throw new TypeError("Cannot read gzip in a browser");
}

export function zstdDecompressSync(): never {
  throw new TypeError("Cannot read zstd in a browser");
}

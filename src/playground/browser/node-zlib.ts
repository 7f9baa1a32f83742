/**
 * The part of `node:zlib` that the client needs in a browser, which has no zstd: frames whose blocks are stored as they
 * are (RFC 8878). They travel uncompressed, and are as good a pack as any other.
 */

export const constants = {
  ZSTD_c_compressionLevel: 100,
  ZSTD_d_windowLogMax: 100,
  ZSTD_e_flush: 1,
  ZSTD_e_end: 2,
};

/** RFC 8878, 3.1.1.2.4. */
const LARGEST_BLOCK = 128 * 1024;
const MAGIC = [0x28, 0xb5, 0x2f, 0xfd];
/** 3.1.1.1.1: one segment, whose size is told in four bytes; no checksum, no dictionary. */
const DESCRIPTOR = 0b1010_0000;
const BLOCK_HEADER = 3;

/** A frame that tells its content's size; without its last block when it is only to be flushed. */
export function zstdCompressSync(
  bytes: Uint8Array,
  { finishFlush }: { finishFlush?: number } = {},
): Uint8Array {
  const isWhole = finishFlush !== constants.ZSTD_e_flush;
  const blocks = Math.max(1, Math.ceil(bytes.length / LARGEST_BLOCK));
  const frame = new Uint8Array(MAGIC.length + 1 + 4 + blocks * BLOCK_HEADER + bytes.length);
  frame.set([...MAGIC, DESCRIPTOR]);
  const view = new DataView(frame.buffer);
  view.setUint32(MAGIC.length + 1, bytes.length, true);
  let at = MAGIC.length + 1 + 4;
  for (let block = 0; block < blocks; block++) {
    const part = bytes.subarray(block * LARGEST_BLOCK, (block + 1) * LARGEST_BLOCK);
    const isLast = isWhole && block === blocks - 1;
    const header = (part.length << 3) | (isLast ? 1 : 0);
    frame.set([header & 0xff, (header >> 8) & 0xff, (header >> 16) & 0xff], at);
    frame.set(part, at + BLOCK_HEADER);
    at += BLOCK_HEADER + part.length;
  }
  return frame;
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

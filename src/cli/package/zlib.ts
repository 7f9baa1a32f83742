import type { Transform } from "node:stream";
import zlib from "node:zlib";
import { storedFrame } from "./stored-frame.ts";
import { decompressZstd, ZstdDecompressStream } from "./zstd.ts";

// `node:zlib` for the published command, which also runs on versions of Node without zstd. There, zstd frames contain
// uncompressed data, and decompression is slower.

export const constants = {
  ...zlib.constants,
  ZSTD_e_flush: zlib.constants.ZSTD_e_flush ?? 1,
  ZSTD_c_compressionLevel: zlib.constants.ZSTD_c_compressionLevel ?? 100,
  ZSTD_d_windowLogMax: zlib.constants.ZSTD_d_windowLogMax ?? 100,
};

export const zstdCompressSync: typeof zlib.zstdCompressSync =
  zlib.zstdCompressSync ??
  ((bytes, options) =>
    Buffer.from(storedFrame(bytes as Uint8Array, options?.finishFlush !== constants.ZSTD_e_flush)));

/** The engine calls this only with a limit of the window. The stream always has that limit. */
export const createZstdDecompress: (options?: zlib.ZstdOptions) => Transform =
  zlib.createZstdDecompress ?? (() => new ZstdDecompressStream());
/** Only ever called by `promisify`, with options. */
export const zstdCompress: typeof zlib.zstdCompress =
  zlib.zstdCompress ??
  ((bytes: Uint8Array, options: zlib.ZstdOptions, done: (error: null, frame: Buffer) => void) => {
    done(null, zstdCompressSync(bytes, options) as Buffer);
  });
export const zstdDecompressSync: typeof zlib.zstdDecompressSync =
  zlib.zstdDecompressSync ??
  ((bytes, options) => decompressZstd(bytes as Uint8Array, options?.maxOutputLength));
/** Only ever called by `promisify`, with options. */
export const zstdDecompress: typeof zlib.zstdDecompress =
  zlib.zstdDecompress ??
  ((bytes: Uint8Array, options: zlib.ZstdOptions, done: (error: Error | null, contents?: Buffer) => void) => {
    let contents: Buffer;
    try {
      contents = decompressZstd(bytes, options.maxOutputLength);
    } catch (error) {
      done(error as Error);
      return;
    }
    done(null, contents);
  });

export const {
  crc32,
  createDeflate,
  createGunzip,
  createGzip,
  createInflate,
  createInflateRaw,
  deflateRawSync,
  deflateSync,
  gunzip,
  gunzipSync,
  gzip,
  gzipSync,
  inflateRawSync,
  inflateSync,
} = zlib;

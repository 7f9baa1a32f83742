import zlib from "node:zlib";
import { storedFrame } from "./stored-frame.ts";

// `node:zlib` for the published command, which also runs on versions of Node that have no zstd. Packs of a context are
// not compressed there, and zstd cannot be read; all else is as it is elsewhere.

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

const missing = (): never => {
  throw new Error(`zstd needs Node 22.15 or newer, and this is ${process.versions.node}`);
};

export const createZstdCompress: typeof zlib.createZstdCompress = zlib.createZstdCompress ?? missing;
export const createZstdDecompress: typeof zlib.createZstdDecompress = zlib.createZstdDecompress ?? missing;
/** Only ever called by `promisify`, with options. */
export const zstdCompress: typeof zlib.zstdCompress =
  zlib.zstdCompress ??
  ((bytes: Uint8Array, options: zlib.ZstdOptions, done: (error: null, frame: Buffer) => void) => {
    done(null, zstdCompressSync(bytes, options) as Buffer);
  });
export const zstdDecompress: typeof zlib.zstdDecompress = zlib.zstdDecompress ?? missing;
export const zstdDecompressSync: typeof zlib.zstdDecompressSync = zlib.zstdDecompressSync ?? missing;

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

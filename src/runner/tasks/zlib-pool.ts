import { availableParallelism } from "node:os";
import { promisify } from "node:util";
import { gunzip, gzip, zstdCompress, zstdDecompress } from "node:zlib";
import { CompressionError } from "../../compression/error.ts";
import { finishGzipMember, finishZstdFrame, gzipOptions, zstdOptions } from "../../compression/members.ts";
import type { LayerCompression } from "../../layers/toc.ts";
import type { BlockReaderOptions, InflateBlock } from "../../store/block-reader.ts";

// Compression in Node's thread pool.

const gzipInPool = promisify(gzip);
const gunzipInPool = promisify(gunzip);
const zstdInPool = promisify(zstdCompress);
const unzstdInPool = promisify(zstdDecompress);

/** Chunks that are compressed at the same time. With fewer, cores are idle while the reader is busy with small files. */
export const POOL_CHUNKS = 4 * availableParallelism();

/** Compresses chunks like `gzipMember` and `zstdFrame`. */
export function compressInPool(
  compression: LayerCompression,
): (bytes: Uint8Array, level: number) => Promise<Uint8Array> {
  return compression === "gzip"
    ? async (bytes, level) => finishGzipMember(await gzipInPool(bytes, gzipOptions(bytes, level)))
    : async (bytes, level) => finishZstdFrame(bytes, await zstdInPool(bytes, zstdOptions(bytes, level)));
}

/** Decompresses blocks like `inflateMember`. */
const inflateInPool: InflateBlock = async (bytes, kind, expectedSize) => {
  const options = { maxOutputLength: expectedSize + 1, chunkSize: Math.max(64, expectedSize + 1) };
  const contents = await (kind === "gzip" ? gunzipInPool : unzstdInPool)(bytes, options).catch(
    (cause: Error) => {
      throw new CompressionError("corrupt", kind, cause.message, { cause });
    },
  );
  if (contents.length === expectedSize) return contents;
  throw new CompressionError("corrupt", kind, `${contents.length} bytes instead of ${expectedSize}`);
};

/** For readers that prepare the next blocks in the pool. */
export const blocksInPool: BlockReaderOptions = { ahead: 24 * 1024 * 1024, inflate: inflateInPool };

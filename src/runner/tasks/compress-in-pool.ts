import { availableParallelism } from "node:os";
import { promisify } from "node:util";
import { gzip, zstdCompress } from "node:zlib";
import { finishGzipMember, finishZstdFrame, gzipOptions, zstdOptions } from "../../compression/members.ts";
import type { LayerCompression } from "../../layers/toc.ts";

const gzipInPool = promisify(gzip);
const zstdInPool = promisify(zstdCompress);

/** Chunks that are compressed at the same time: one more than cores, so that none waits for the reader. */
export const POOL_CHUNKS = availableParallelism() + 1;

/** Compresses chunks like `gzipMember` and `zstdFrame`, in Node's thread pool. */
export function compressInPool(
  compression: LayerCompression,
): (bytes: Uint8Array, level: number) => Promise<Uint8Array> {
  return compression === "gzip"
    ? async (bytes, level) => finishGzipMember(await gzipInPool(bytes, gzipOptions(bytes, level)))
    : async (bytes, level) => finishZstdFrame(bytes, await zstdInPool(bytes, zstdOptions(bytes, level)));
}

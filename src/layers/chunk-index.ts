import { blobKey } from "../oci/content-key.ts";
import type { ChunkPlace } from "./spool.ts";
import type { LayerCompression, LayerInfo } from "./toc.ts";

/** Places of already compressed chunks, by the SHA-256 (hex) of their uncompressed bytes. */
export type ChunkIndex = ReadonlyMap<string, ChunkPlace>;

/** Indexes the chunks of layers written with the same settings: only these equal the result of compressing again. */
export function chunkIndex(
  layers: Iterable<LayerInfo>,
  compression: LayerCompression,
  level: number,
): ChunkIndex {
  const index = new Map<string, ChunkPlace>();
  for (const { digest, written } of layers) {
    if (written?.compression !== compression || written.level !== level) continue;
    const key = blobKey(digest);
    let offset = 0;
    for (const [length, , sha256] of written.chunks) {
      if (!index.has(sha256)) index.set(sha256, { key, offset, length });
      offset += length;
    }
  }
  return index;
}

import { blobKey } from "../oci/content-key.ts";
import type { LayerCompression, LayerInfo } from "./toc.ts";

/** Compressed bytes in an object. */
export interface ChunkPlace {
  key: string;
  offset: number;
  length: number;
}

/** Where chunks lie that were compressed before: by the SHA-256 (hex) of what is in them. */
export type ChunkIndex = ReadonlyMap<string, ChunkPlace>;

/** The chunks of layers that were written in the same way: only those are what compressing again would give. */
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

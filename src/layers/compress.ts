import { OCI } from "../oci/media-types.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { ByteReader } from "../streams/byte-reader.ts";
import { Digester } from "../streams/sha256.ts";
import { ChunkWriter, type ChunkWriterOptions } from "./chunk-writer.ts";
import { PIECE } from "./chunker.ts";
import type { ForeignLayer } from "./foreign-layer.ts";
import { putBlob } from "./store.ts";

/** Default levels. Higher ones save few bytes for the time that they take: see docs/performance.md. */
export const DEFAULT_LEVELS = { gzip: 4, zstd: 3 } as const;

export const USUAL_FORMAT = { compression: "gzip", level: DEFAULT_LEVELS.gzip } as const;

/** Stores a tar as a compressed layer, by default with gzip. Deterministic. */
export async function compressLayer(
  store: ObjectStore,
  tar: AsyncIterable<Uint8Array>,
  { compression, level, keep }: Pick<ChunkWriterOptions, "compression" | "level" | "keep"> = USUAL_FORMAT,
): Promise<ForeignLayer> {
  const writer = new ChunkWriter({ compression, level, spool: store, ...(keep && { keep }) });
  const diffId = new Digester();
  const reader = new ByteReader(tar);
  let spoolKey: string | undefined;
  try {
    for (;;) {
      const chunk = await reader.read(PIECE);
      if (chunk.length === 0) break;
      diffId.update(chunk);
      await writer.add(chunk);
    }
    const written = await writer.complete();
    spoolKey = written.spoolKey;
    const { digest, size, sources } = written;
    await putBlob(store, { digest, size, sources });
    return {
      digest,
      size,
      mediaType: compression === "gzip" ? OCI.layerGzip : OCI.layerZstd,
      diffId: diffId.digest(),
    };
  } catch (error) {
    await writer.abort();
    throw error;
  } finally {
    await reader.close();
    if (spoolKey !== undefined) await store.delete(spoolKey);
  }
}

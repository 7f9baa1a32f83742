import { decompress } from "../compression/decompress.ts";
import { compressLayer } from "../layers/compress.ts";
import { LAYER_LIMITS } from "../layers/limits.ts";
import type { LayerCompression } from "../layers/toc.ts";
import { blobKey } from "../oci/content-key.ts";
import { layerCompression } from "../oci/media-types.ts";
import { chunks } from "../streams/chunks.ts";
import { BuildError } from "./errors.ts";
import type { LayerRecord } from "./solve/step-cache.ts";
import type { World } from "./world.ts";

/**
 * Returns the layer in another compression; the layer itself when it has that already. The tar and the diffID do not
 * change.
 * @throws {BuildError} `base-unavailable` when the contents do not match the diffID
 */
export async function recompressLayer(
  record: LayerRecord,
  format: { compression: LayerCompression; level: number },
  { store, cache }: Pick<World, "store" | "cache">,
): Promise<LayerRecord> {
  const { layer, diffId } = record;
  if (layerCompression(layer.mediaType) === format.compression) return record;
  const key = `recompressed/${layer.digest} ${format.compression} ${format.level}`;
  const known = (await cache.get<LayerRecord["layer"]>([key])).get(key);
  // The build cache may name a blob that was deleted.
  if (known !== undefined && (await store.head(blobKey(known.digest))) !== undefined) {
    return { ...record, layer: known };
  }
  const blob = await store.get(blobKey(layer.digest));
  if (blob === undefined) throw new Error(`Cannot compress layer ${layer.digest}: its blob is not stored`);
  const { body } = await decompress(chunks(blob), LAYER_LIMITS);
  const written = await compressLayer(store, body, format);
  if (written.diffId !== diffId) {
    throw new BuildError(
      "base-unavailable",
      `Cannot compress layer ${layer.digest}: its diffID is ${written.diffId}, expected ${diffId}`,
    );
  }
  const { mediaType, digest, size } = written;
  const compressed = { mediaType, digest, size };
  await cache.put(new Map([[key, compressed]]));
  return { ...record, layer: compressed };
}

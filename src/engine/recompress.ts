import { LARGE_LAYER } from "../layers/foreign-workers.ts";
import { UnsupportedWorkError } from "../layers/portions.ts";
import { type LayerFormat, recompress, recompressInPortions } from "../layers/recompress.ts";
import { isLayerRefusal } from "../layers/refusal.ts";
import { blobKey } from "../oci/content-key.ts";
import { layerCompression } from "../oci/media-types.ts";
import { BuildError } from "./errors.ts";
import type { LayerRecord } from "./solve/step-cache.ts";
import type { World } from "./world.ts";

/**
 * Returns the layer in another compression; the layer itself when it has that already. The tar and the diffID do not
 * change.
 * @throws {BuildError} `base-unavailable` when the layer is damaged or does not match the diffID
 */
export async function recompressLayer(
  record: LayerRecord,
  format: LayerFormat,
  { store, cache, segments }: Pick<World, "store" | "cache"> & { segments: World["segments"] | undefined },
  signal: AbortSignal,
): Promise<LayerRecord> {
  const { layer, diffId } = record;
  if (layerCompression(layer.mediaType) === format.compression) return record;
  const key = `recompressed/${layer.digest} ${format.compression} ${format.level}`;
  const known = (await cache.get<LayerRecord["layer"]>([key])).get(key);
  // The build cache may name a blob that was deleted.
  if (known !== undefined && (await store.head(blobKey(known.digest))) !== undefined) {
    return { ...record, layer: known };
  }
  const compress = async () => {
    if (segments === undefined || layer.size <= LARGE_LAYER) return recompress(store, layer, format);
    try {
      return await recompressInPortions(segments(key).worker, layer, format, signal);
    } catch (error) {
      if (error instanceof UnsupportedWorkError) return recompress(store, layer, format);
      throw error;
    }
  };
  const written = await compress().catch((cause: unknown) => {
    if (!isLayerRefusal(cause)) throw cause;
    const message = `Cannot compress layer ${layer.digest}: ${cause.message}`;
    throw new BuildError("base-unavailable", message, { cause });
  });
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

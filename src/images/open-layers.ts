import { openOrIngestLayer } from "../layers/ingest.ts";
import { isLayerRefusal } from "../layers/refusal.ts";
import type { StoredLayer } from "../layers/toc.ts";
import { ociLayerType } from "../oci/layer-type.ts";
import type { ObjectStore } from "../store/object-store.ts";
import type { Image } from "./image.ts";
import { ImageError } from "./image-error.ts";
import type { LayerCache } from "./layer-cache.ts";

/**
 * The layers of an image with their tables of contents, which are made for those that have none.
 * @throws ImageError `layer-unreadable`
 */
export async function openLayers(
  store: ObjectStore,
  image: Image,
  cache?: LayerCache,
): Promise<StoredLayer[]> {
  const layers: StoredLayer[] = [];
  for (const index of image.manifest.layers.keys()) {
    const known = cache?.get(image.manifest.layers[index]?.digest ?? "");
    const layer = known ?? (await openImageLayer(store, image, index));
    cache?.add(layer);
    layers.push(layer);
  }
  return layers;
}

/** One layer, through which contents can be read. @throws ImageError `layer-unreadable` */
export async function openImageLayer(
  store: ObjectStore,
  { manifest, config }: Image,
  index: number,
): Promise<StoredLayer> {
  const { digest = "", size = 0, mediaType = "" } = manifest.layers[index] ?? {};
  const diffId = config.rootfs.diff_ids[index];
  const unreadable = (why: string, cause?: unknown) =>
    new ImageError("layer-unreadable", `Cannot read layer ${digest}: ${why}`, { cause });
  if (diffId === undefined) throw unreadable("the config does not tell its diffID");
  try {
    return await openOrIngestLayer(store, { digest, size, mediaType: ociLayerType(mediaType), diffId });
  } catch (cause) {
    if (isLayerRefusal(cause)) throw unreadable(cause.message, cause);
    throw cause;
  }
}

import { openOrIngestLayer } from "../layers/ingest.ts";
import { isLayerRefusal } from "../layers/refusal.ts";
import type { OpenLayer } from "../layers/toc.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { ociLayerType } from "../oci/layer-type.ts";
import { isNondistributable } from "../oci/media-types.ts";
import { RegistryError } from "../registry/errors.ts";
import { StoreRegistry } from "../registry/store/store-registry.ts";
import type { ObjectStore } from "../store/object-store.ts";
import type { Image } from "./image.ts";
import { ImageError } from "./image-error.ts";

/**
 * Opens the layers of an image, creating missing tables of contents.
 * @throws {ImageError} `layer-unreadable`
 */
export async function openLayers(store: ObjectStore, image: Image): Promise<OpenLayer[]> {
  const layers: OpenLayer[] = [];
  for (const index of image.manifest.layers.keys()) layers.push(await openLayer(store, image, index));
  return layers;
}

async function openLayer(store: ObjectStore, image: Image, index: number): Promise<OpenLayer> {
  const layer = image.manifest.layers[index] as Descriptor;
  const { digest, size, mediaType } = layer;
  const diffId = image.config.rootfs.diff_ids[index];
  if (diffId === undefined) throw unreadable(digest, "the config has no diffID for it");
  if (!(await hasLayer(store, image.name, layer)))
    throw unreadable(digest, "the repository does not have it");
  try {
    return await openOrIngestLayer(store, { digest, size, mediaType: ociLayerType(mediaType), diffId });
  } catch (cause) {
    if (isLayerRefusal(cause)) throw unreadable(digest, cause.message, cause);
    throw cause;
  }
}

/**
 * Whether the repository of an image has one of its layers. A manifest may list nondistributable layers that its repository
 * does not have; it must not give access to such layers of other repositories. All other layers were checked on push.
 */
export async function hasLayer(store: ObjectStore, name: string, layer: Descriptor): Promise<boolean> {
  if (!isNondistributable(layer.mediaType)) return true;
  try {
    await new StoreRegistry(store).resolveBlob(name, layer.digest);
    return true;
  } catch (error) {
    if (error instanceof RegistryError) return false;
    throw error;
  }
}

function unreadable(digest: string, why: string, cause?: unknown): ImageError {
  return new ImageError("layer-unreadable", `Cannot read layer ${digest}: ${why}`, { cause });
}

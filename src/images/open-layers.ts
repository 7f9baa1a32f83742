import { openOrIngestLayer } from "../layers/ingest.ts";
import { isLayerRefusal } from "../layers/refusal.ts";
import type { StoredLayer } from "../layers/toc.ts";
import { ociLayerType } from "../oci/layer-type.ts";
import { isNondistributable } from "../oci/media-types.ts";
import { RegistryError } from "../registry/errors.ts";
import { StoreRegistry } from "../registry/store/store-registry.ts";
import type { ObjectStore } from "../store/object-store.ts";
import type { Image } from "./image.ts";
import { ImageError } from "./image-error.ts";

/**
 * The layers of an image with their tables of contents, which are made for those that have none.
 * @throws ImageError `layer-unreadable`
 */
export async function openLayers(store: ObjectStore, image: Image): Promise<StoredLayer[]> {
  const layers: StoredLayer[] = [];
  for (const index of image.manifest.layers.keys()) layers.push(await openLayer(store, image, index));
  return layers;
}

async function openLayer(store: ObjectStore, image: Image, index: number): Promise<StoredLayer> {
  const { digest = "", size = 0, mediaType = "" } = image.manifest.layers[index] ?? {};
  const diffId = image.config.rootfs.diff_ids[index];
  if (diffId === undefined) throw unreadable(digest, "the config does not tell its diffID");
  await requireOwn(store, image, index);
  try {
    return await openOrIngestLayer(store, { digest, size, mediaType: ociLayerType(mediaType), diffId });
  } catch (cause) {
    if (isLayerRefusal(cause)) throw unreadable(digest, cause.message, cause);
    throw cause;
  }
}

/**
 * A manifest may name layers of the kinds that are not distributed without its repository having them: what others have
 * stored under such a digest is not to be read through it. All other layers had to be there when it was put.
 */
async function requireOwn(store: ObjectStore, { name, manifest }: Image, index: number): Promise<void> {
  const { digest = "", mediaType = "" } = manifest.layers[index] ?? {};
  if (!isNondistributable(mediaType)) return;
  try {
    await new StoreRegistry(store).resolveBlob(name, digest);
  } catch (cause) {
    if (!(cause instanceof RegistryError)) throw cause;
    throw unreadable(digest, "the repository does not have it", cause);
  }
}

function unreadable(digest: string, why: string, cause?: unknown): ImageError {
  return new ImageError("layer-unreadable", `Cannot read layer ${digest}: ${why}`, { cause });
}

import { openOrIngestLayer } from "../layers/ingest.ts";
import { isLayerRefusal } from "../layers/refusal.ts";
import type { OpenLayer } from "../layers/toc.ts";
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
  const { digest = "", size = 0, mediaType = "" } = image.manifest.layers[index] ?? {};
  const diffId = image.config.rootfs.diff_ids[index];
  if (diffId === undefined) throw unreadable(digest, "the config has no diffID for it");
  await requireInRepository(store, image, index);
  try {
    return await openOrIngestLayer(store, { digest, size, mediaType: ociLayerType(mediaType), diffId });
  } catch (cause) {
    if (isLayerRefusal(cause)) throw unreadable(digest, cause.message, cause);
    throw cause;
  }
}

/**
 * Checks that the repository has a layer. A manifest may list nondistributable layers that its repository does not have;
 * it must not give access to such layers of other repositories. All other layers were checked on push.
 */
async function requireInRepository(
  store: ObjectStore,
  { name, manifest }: Image,
  index: number,
): Promise<void> {
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

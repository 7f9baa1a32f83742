import { openOrIngestLayer } from "../layers/ingest.ts";
import { isLayerRefusal } from "../layers/refusal.ts";
import { type OpenLayer, openLayer } from "../layers/toc.ts";
import { ociLayerType } from "../oci/layer-type.ts";
import type { CacheStore } from "../store/cache-store.ts";
import type { ObjectStore } from "../store/object-store.ts";
import type { Image } from "./image.ts";
import { hasLayer } from "./open-layers.ts";

/** Expiry of a cached size in seconds. A size never changes. */
const EXPIRY_S = 30 * 24 * 60 * 60;

interface UnpackedSizes {
  /** Bytes of the files in each layer, computed like dockerd does. */
  layers: number[];
  /** Whether a layer is too large, damaged or not in the repository, so that its compressed size is used. */
  isEstimate: boolean;
}

/**
 * Unpacked sizes of an image's layers.
 * @param most bytes of compressed layers that may be read for it
 */
export async function unpackedSizes(
  store: ObjectStore,
  cache: CacheStore,
  { name, manifest, config }: Pick<Image, "name" | "manifest" | "config">,
  most = Number.POSITIVE_INFINITY,
): Promise<UnpackedSizes> {
  const keys = manifest.layers.map(({ digest }) => `unpacked/${digest}`);
  const known = await cache.get<number>(keys);
  const found = new Map<string, number>();
  const layers: number[] = [];
  let left = most;
  let isEstimate = false;
  for (const [index, descriptor] of manifest.layers.entries()) {
    const { digest, size, mediaType } = descriptor;
    const key = keys[index] as string;
    const diffId = config.rootfs.diff_ids[index] ?? "";
    const isOwn = await hasLayer(store, name, descriptor);
    let unpacked = isOwn ? (known.get(key) ?? found.get(key)) : undefined;
    if (isOwn && unpacked === undefined) {
      const foreign = { digest, size, mediaType: ociLayerType(mediaType), diffId };
      const layer =
        (await openLayer(store, digest)) ?? (size <= left ? await readLayer(store, foreign) : undefined);
      left -= size;
      unpacked = layer && filesIn(layer);
      if (unpacked !== undefined) found.set(key, unpacked);
    }
    isEstimate ||= unpacked === undefined;
    layers.push(unpacked ?? size);
  }
  if (found.size > 0) await cache.put(found, EXPIRY_S);
  return { layers, isEstimate };
}

async function readLayer(
  store: ObjectStore,
  layer: Parameters<typeof openOrIngestLayer>[1],
): Promise<OpenLayer | undefined> {
  try {
    return await openOrIngestLayer(store, layer);
  } catch (error) {
    if (isLayerRefusal(error)) return undefined;
    throw error;
  }
}

function filesIn({ tree }: OpenLayer): number {
  let total = 0;
  for (const { type, size } of tree.walk("")) if (type === "file") total += size;
  return total;
}

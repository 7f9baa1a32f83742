import type { HistoryRow, ImageLayer } from "../../schemas/images.ts";
import type { ImageConfig } from "../oci/config.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { HistoryEntry } from "../oci/history.ts";
import type { Manifest } from "../oci/manifest.ts";

/** The layers of an image with their history, base layer first. */
export function imageLayers(manifest: Manifest, { rootfs, history }: ImageConfig): ImageLayer[] {
  const made = history.filter(({ empty_layer: isEmpty }) => !isEmpty);
  return manifest.layers.map(({ mediaType, digest, size }, index) => {
    const diffId = rootfs.diff_ids[index];
    return {
      index,
      mediaType,
      digest,
      ...(diffId !== undefined && { diffId }),
      size,
      ...historyFields(made[index]),
    };
  });
}

/** The history of an image with the layer of each entry. Layers without history come last. */
export function historyRows(manifest: Manifest, config: ImageConfig): HistoryRow[] {
  const layers = imageLayers(manifest, config);
  let next = 0;
  const rows = config.history.map((entry): HistoryRow => {
    const layer = entry.empty_layer ? undefined : layers[next++];
    return { ...historyFields(entry), ...(entry.author && { author: entry.author }), ...rowOf(layer) };
  });
  return [...rows, ...layers.slice(next).map(rowOf)];
}

function rowOf(layer: ImageLayer | undefined): HistoryRow {
  if (layer === undefined) return { empty: true, size: 0 };
  const { index, mediaType, digest, diffId, size } = layer;
  return { empty: false, size, layer: { index, mediaType, digest, ...(diffId !== undefined && { diffId }) } };
}

function historyFields(entry: HistoryEntry | undefined): {
  created?: string;
  createdBy?: string;
  comment?: string;
} {
  return {
    ...(entry?.created && { created: entry.created }),
    ...(entry?.created_by && { createdBy: entry.created_by }),
    ...(entry?.comment && { comment: entry.comment }),
  };
}

/** Total size of distinct contents, in bytes. */
export function storedSize(descriptors: Iterable<Descriptor>): number {
  const sizes = new Map<string, number>();
  for (const { digest, size } of descriptors) sizes.set(digest, size);
  let total = 0;
  for (const size of sizes.values()) total += size;
  return total;
}

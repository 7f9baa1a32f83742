import type { ForeignLayer } from "../layers/foreign-layer.ts";
import { ingestLayer } from "../layers/ingest.ts";
import { isLayerRefusal } from "../layers/refusal.ts";
import { openLayer } from "../layers/toc.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { invalid } from "./archive-files.ts";

/**
 * Checks that a stored layer is readable and matches its config; creates a missing table of contents. @throws
 * ImageError `archive-invalid`
 */
export async function verifyForeignLayer(store: ObjectStore, layer: ForeignLayer): Promise<ForeignLayer> {
  const known = await openLayer(store, layer.digest);
  if (known?.diffId === layer.diffId) return layer;
  try {
    await ingestLayer(store, layer);
    return layer;
  } catch (cause) {
    if (!isLayerRefusal(cause)) throw cause;
    throw invalid(`layer ${layer.digest}: ${cause.message}`, cause);
  }
}

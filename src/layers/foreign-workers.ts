import { blobKey } from "../oci/content-key.ts";
import type { ObjectStore } from "../store/object-store.ts";
import type { ForeignLayer } from "./foreign-layer.ts";
import { inPortions, type NumberedPortion, UnsupportedWorkError } from "./portions.ts";

/** The results of one pass over a foreign layer: its table of contents, or its shadow. */
export type ForeignPart = "toc" | "shadow";

/** Executes a `ForeignReader`. Each call is a separate invocation, and may be repeated. */
export interface ForeignWorker {
  /** See `ForeignReader.advance`. @throws {UnsupportedWorkError} */
  read(number: number, layer: ForeignLayer, part: ForeignPart): Promise<NumberedPortion<undefined>>;
}

/** Compressed bytes of a layer that needs separate invocations: an image may have many. */
export const LARGE_LAYER = 1024 * 1024;

const workers = new WeakMap<ObjectStore, () => ForeignWorker>();

/**
 * Lets other invocations read the large foreign layers of a store; by default, the one that needs a layer reads it.
 * @param worker returns a new worker for each layer
 */
export function readElsewhere(store: ObjectStore, worker: () => ForeignWorker): void {
  workers.set(store, worker);
}

/**
 * Makes and stores a part of a layer, unless it must be made here.
 * @returns whether the part was stored
 * @throws {LayerRefusedError} when the layer is invalid
 */
export async function makeElsewhere(
  store: ObjectStore,
  { digest, size, mediaType, diffId }: ForeignLayer,
  part: ForeignPart,
): Promise<boolean> {
  const worker = workers.get(store)?.();
  if (worker === undefined) return false;
  // A manifest may name another size.
  const stored = await store.head(blobKey(digest));
  if (stored === undefined || stored.size <= LARGE_LAYER) return false;
  const layer = { digest, size, mediaType, diffId };
  try {
    await inPortions(`read layer ${digest}`, (number) => worker.read(number, layer, part));
    return true;
  } catch (error) {
    if (error instanceof UnsupportedWorkError) return false;
    throw error;
  }
}

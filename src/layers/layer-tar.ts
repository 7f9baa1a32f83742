import { decompress } from "../compression/decompress.ts";
import { blobKey } from "../oci/content-key.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { chunks } from "../streams/chunks.ts";
import { LAYER_LIMITS } from "./limits.ts";
import { readInParts } from "./sources.ts";

/** The tar of a stored layer, whose blob is read in one request. */
export async function openTar(store: ObjectStore, digest: string): Promise<AsyncIterable<Uint8Array>> {
  const stream = await store.get(blobKey(digest));
  if (stream === undefined) throw notStored(digest);
  return (await decompress(chunks(stream), LAYER_LIMITS)).body;
}

/** Likewise, with `readInParts`. */
export async function openTarInParts(store: ObjectStore, digest: string): Promise<AsyncIterable<Uint8Array>> {
  const key = blobKey(digest);
  const size = (await store.head(key))?.size;
  if (size === undefined) throw notStored(digest);
  return (await decompress(readInParts(store, [{ key, offset: 0, length: size }]), LAYER_LIMITS)).body;
}

function notStored(digest: string): Error {
  return new Error(`Cannot read layer ${digest}: its blob is not stored`);
}

import { blobKey } from "../oci/content-key.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { concat } from "../streams/concat.ts";
import { hexOf } from "../streams/sha256.ts";
import { readSources } from "./sources.ts";
import { encodeToc, type LayerInfo, tocKey } from "./toc.ts";
import type { LayerDraft } from "./write.ts";

/** A complete blob that is not stored yet. */
export type BlobDraft = Pick<LayerDraft, "digest" | "size" | "sources">;

/** Stores a blob, unless it exists. The store verifies the digest. */
export async function putBlob(store: ObjectStore, { digest, size, sources }: BlobDraft): Promise<void> {
  const verified = { sha256: hexOf(digest), ifAbsent: true };
  await store.put(blobKey(digest), () => readSources(store, sources), size, verified);
}

/**
 * The second pass: stores the blob, unless it exists, and then its table of contents. The store verifies the digest, so
 * a blob is never stored incomplete or wrong. Deletes spooled bytes, also on failure.
 * @param put stores the blob, by default here
 */
export async function storeLayer(
  store: ObjectStore,
  draft: LayerDraft,
  put: (blob: BlobDraft) => Promise<void> = (blob) => putBlob(store, blob),
): Promise<LayerInfo> {
  const { digest, size, mediaType, diffId, written, entries, sources } = draft;
  try {
    await put({ digest, size, sources });
    const info: LayerInfo = { digest, size, mediaType, diffId, ...(written && { written }) };
    const toc = concat(encodeToc(info, entries.frames));
    await store.put(tocKey(digest), toc, toc.length);
    return info;
  } finally {
    await dropLayer(store, draft);
  }
}

/** Deletes the spooled bytes of a draft that will not be stored. */
export async function dropLayer(store: ObjectStore, { spoolKeys }: LayerDraft): Promise<void> {
  if (spoolKeys.length > 0) await store.delete(...spoolKeys);
}

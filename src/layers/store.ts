import { blobKey } from "../oci/content-key.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { concat } from "../streams/concat.ts";
import { readSources } from "./sources.ts";
import { encodeToc, type LayerInfo, tocKey } from "./toc.ts";
import type { LayerDraft } from "./write.ts";

/**
 * The second pass: stores the blob, unless it exists, and then its table of contents. The store verifies the digest, so
 * a blob is never stored incomplete or wrong. Deletes spooled bytes, also on failure.
 */
export async function storeLayer(store: ObjectStore, draft: LayerDraft): Promise<LayerInfo> {
  const { digest, size, mediaType, diffId, written, entries, sources } = draft;
  try {
    const key = blobKey(digest);
    await store.put(key, () => readSources(store, sources), size, {
      sha256: digest.slice(7),
      ifAbsent: true,
    });
    const info: LayerInfo = { digest, size, mediaType, diffId, ...(written && { written }) };
    const toc = concat(encodeToc(info, entries.frames));
    await store.put(tocKey(digest), toc, toc.length);
    return info;
  } finally {
    await dropLayer(store, draft);
  }
}

/** Deletes the spooled bytes of a draft that will not be stored. */
export async function dropLayer(store: ObjectStore, { spoolKey }: LayerDraft): Promise<void> {
  if (spoolKey !== undefined) await store.delete(spoolKey);
}

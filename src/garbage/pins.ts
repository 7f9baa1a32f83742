import { contextKey } from "../context/store.ts";
import { blobKey, manifestKey } from "../oci/content-key.ts";
import { isDigest } from "../oci/digest.ts";
import { RegistryError } from "../registry/errors.ts";
import { readManifestContents } from "../registry/manifest-contents.ts";
import type { ObjectStore } from "../store/object-store.ts";

/** Digests that running builds need and that have no references yet. */
export interface Pins {
  blobs: readonly string[];
  manifests: readonly string[];
  contexts: readonly string[];
}

/** Keys of the contents that running builds need, with everything that their manifests list. */
export async function pinnedKeys(store: ObjectStore, held: Pins): Promise<Set<string>> {
  const keys = new Set<string>();
  const add = (digests: readonly string[], keyOf: (digest: string) => string) => {
    for (const digest of digests) if (isDigest(digest)) keys.add(keyOf(digest));
  };
  add(held.blobs, blobKey);
  for (const digest of held.contexts) keys.add(contextKey(digest));
  const pending = [...held.manifests];
  for (let digest = pending.pop(); digest !== undefined; digest = pending.pop()) {
    if (!isDigest(digest) || keys.has(manifestKey(digest))) continue;
    keys.add(manifestKey(digest));
    const children = await readChildren(store, digest);
    add(children.blobs, blobKey);
    pending.push(...children.manifests);
  }
  return keys;
}

/** Digests in a stored manifest; none when the manifest is missing or damaged. */
export async function readChildren(
  store: ObjectStore,
  digest: string,
  mediaType = "",
): Promise<{ blobs: string[]; manifests: string[] }> {
  const bytes = await store.getBytes(manifestKey(digest));
  if (bytes === undefined) return { blobs: [], manifests: [] };
  try {
    const { blobs, manifests } = readManifestContents(bytes, mediaType);
    return { blobs: blobs.map((blob) => blob.digest), manifests: manifests.map((child) => child.digest) };
  } catch (error) {
    if (error instanceof RegistryError) return { blobs: [], manifests: [] };
    throw error;
  }
}

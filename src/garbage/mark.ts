import { readContextPacks } from "../context/store.ts";
import { blobKey, manifestKey } from "../oci/content-key.ts";
import { isDigest } from "../oci/digest.ts";
import { RegistryError } from "../registry/errors.ts";
import { readManifestContents } from "../registry/manifest-contents.ts";
import type { ObjectStore } from "../store/object-store.ts";

/** Digests that running builds need although nothing refers to them yet. */
export interface Held {
  blobs: readonly string[];
  manifests: readonly string[];
  contexts: readonly string[];
}

/** Keys of contents that something refers to. */
export class ReachableSet {
  readonly keys = new Set<string>();

  has(key: string): boolean {
    return this.keys.has(key);
  }

  blob(digest: string): void {
    if (isDigest(digest)) this.keys.add(blobKey(digest));
  }

  manifest(digest: string): void {
    if (isDigest(digest)) this.keys.add(manifestKey(digest));
  }

  /** Whether the blob of a layer is referenced. @param hex of its digest */
  hasLayer(hex: string): boolean {
    return this.has(`blobs/sha256/${hex}`) || this.has(`blobs/sha512/${hex}`);
  }
}

/**
 * Finds the contents that repositories, upstream repositories, scopes and running builds refer to.
 * @param isGone markers to treat as removed
 */
export async function markLive(
  store: ObjectStore,
  held: Held,
  isGone: (key: string) => boolean,
): Promise<ReachableSet> {
  const live = new ReachableSet();
  for (const digest of held.blobs) live.blob(digest);
  for (const digest of held.manifests) await markManifest(store, digest, live);
  for await (const { key } of store.list("repos/")) {
    const [, folder, digest = ""] = /\/_(blobs|manifests)\/([^/]+)$/.exec(key) ?? [];
    if (folder === undefined || isGone(key)) continue;
    if (folder === "blobs") live.blob(digest);
    else live.manifest(digest);
  }
  for await (const { key } of store.list("upstreams/")) {
    const [, folder, digest = ""] = /\/_(blobs|manifests)\/([^/]+)$/.exec(key) ?? [];
    if (isGone(key)) continue;
    if (folder === "blobs") live.blob(digest);
    else if (folder === "manifests") live.manifest(digest);
  }
  const contexts = new Set(held.contexts.map((digest) => digest.slice(digest.indexOf(":") + 1)));
  for await (const { key } of store.list("scopes/")) {
    const [, folder, hex = ""] = /\/(contexts|packs|listings)\/([0-9a-f]+)$/.exec(key) ?? [];
    if (folder === undefined || isGone(key)) continue;
    if (folder === "contexts") contexts.add(hex);
    else if (folder === "packs") live.keys.add(`packs/${hex}`);
    else for (const pack of await readContextPacks(store, key)) live.keys.add(`packs/${pack}`);
  }
  for (const hex of contexts) {
    live.keys.add(`contexts/${hex}`);
    for (const pack of await readContextPacks(store, `contexts/${hex}`)) live.keys.add(`packs/${pack}`);
  }
  return live;
}

/** Adds a manifest of an image that a build reads, with everything it lists. */
async function markManifest(store: ObjectStore, digest: string, live: ReachableSet): Promise<void> {
  if (!isDigest(digest) || live.has(manifestKey(digest))) return;
  live.manifest(digest);
  const bytes = await store.getBytes(manifestKey(digest));
  if (bytes === undefined) return;
  try {
    const { blobs, manifests } = readManifestContents(bytes, "");
    for (const blob of blobs) live.blob(blob.digest);
    for (const manifest of manifests) await markManifest(store, manifest.digest, live);
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
  }
}

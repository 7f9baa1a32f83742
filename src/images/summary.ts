import type { ImageSummary } from "../../schemas/images.ts";
import { isContainerImage } from "../oci/any-manifest.ts";
import type { ImageConfig } from "../oci/config.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { isAttestation } from "../oci/image-index.ts";
import type { Manifest } from "../oci/manifest.ts";
import { DEFAULT_PLATFORM, formatPlatform } from "../oci/platform.ts";
import { choosePlatform } from "../oci/platform-match.ts";
import { RegistryError } from "../registry/errors.ts";
import type { CacheStore } from "../store/cache-store.ts";
import { forEachConcurrently } from "../store/for-each-concurrently.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { openManifest, readImageConfig } from "./image.ts";
import { ImageError } from "./image-error.ts";
import { storedSize } from "./layers.ts";

/** The summary of a manifest, independent of its name. */
export interface Summary extends Omit<ImageSummary, "name" | "tag"> {
  /** Digests of the manifests that an index lists. */
  children?: string[];
}

/** Expiry of a cached summary in seconds. A summary never changes, but its image may be deleted. */
const EXPIRY_S = 30 * 24 * 60 * 60;

export interface RepositoryImage {
  name: string;
  digest: string;
  mediaType: string;
}

/** Summarizes images by digest. The summary of an unreadable image has only its digest and media type. */
export async function summarize(
  store: ObjectStore,
  cache: CacheStore,
  images: readonly RepositoryImage[],
): Promise<Map<string, Summary>> {
  const key = (digest: string) => `summary/3/${digest}`;
  const known = await cache.get<Summary>(images.map(({ digest }) => key(digest)));
  const summaries = new Map<string, Summary>();
  const missing = new Map<string, RepositoryImage>();
  for (const image of images) {
    const summary = known.get(key(image.digest));
    if (summary === undefined) missing.set(image.digest, image);
    else summaries.set(image.digest, summary);
  }
  const made = new Map<string, Summary>();
  await forEachConcurrently(missing.values(), async (image) => {
    const summary = await readSummary(store, image);
    summaries.set(image.digest, summary ?? unknownSummary(image));
    if (summary !== undefined) made.set(key(image.digest), summary);
  });
  await cache.put(made, EXPIRY_S);
  return summaries;
}

/** Undefined for an image that is damaged or was deleted. */
async function readSummary(
  store: ObjectStore,
  { name, digest }: RepositoryImage,
): Promise<Summary | undefined> {
  try {
    const top = await openManifest(store, name, digest);
    const { mediaType } = top.descriptor;
    const parts: Descriptor[] = [{ mediaType, digest, size: top.bytes.length }];
    const platforms: string[] = [];
    const images: { config: ImageConfig; id: string }[] = [];
    for (const manifest of await readManifests(store, top, parts)) {
      parts.push(manifest.config, ...manifest.layers);
      if (!isContainerImage(manifest)) continue;
      const { config } = await readImageConfig(store, name, manifest);
      platforms.push(formatPlatform(config));
      images.push({ config, id: manifest.config.digest });
    }
    // As `inspectImage` does without a platform.
    const first = choosePlatform(DEFAULT_PLATFORM, images, ({ config }) => config) ?? images[0];
    return {
      digest,
      mediaType,
      size: storedSize(parts),
      platforms,
      ...(top.document.kind === "index" && {
        children: top.document.index.manifests.map((child) => child.digest),
      }),
      ...(first && { imageId: first.id }),
      ...(first?.config.created && { created: first.config.created }),
      ...(first?.config.config.Labels && { labels: first.config.config.Labels }),
    };
  } catch (error) {
    if (error instanceof ImageError || error instanceof RegistryError) return undefined;
    throw error;
  }
}

/** The manifests of an index without attestations, or the manifest itself. Adds what it reads to `parts`. */
async function readManifests(
  store: ObjectStore,
  { name, document }: Awaited<ReturnType<typeof openManifest>>,
  parts: Descriptor[],
): Promise<Manifest[]> {
  if (document.kind === "manifest") return [document.manifest];
  const manifests: Manifest[] = [];
  for (const entry of document.index.manifests) {
    parts.push(entry);
    if (isAttestation(entry)) continue;
    const child = await openManifest(store, name, entry.digest);
    if (child.document.kind === "manifest") manifests.push(child.document.manifest);
  }
  return manifests;
}

function unknownSummary({ digest, mediaType }: RepositoryImage): Summary {
  return { digest, mediaType, size: 0, platforms: [] };
}

import type { ImageInspection } from "../../schemas/images.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { isAttestation } from "../oci/image-index.ts";
import { formatPlatform } from "../oci/platform.ts";
import { listMarkers } from "../registry/store/markers.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { chooseImage, type NamedManifest, openManifest } from "./image.ts";
import { historyRows, imageLayers, storedSize } from "./layers.ts";

/**
 * The details of an image, for one platform.
 * @throws {RegistryError | ImageError}
 */
export async function inspectImage(
  store: ObjectStore,
  name: string,
  reference: string,
  platform?: string,
): Promise<ImageInspection> {
  const top = await openManifest(store, name, reference);
  const [image, tags] = await Promise.all([
    chooseImage(store, top, platform),
    tagsOf(store, name, top.descriptor.digest),
  ]);
  const { manifest, config } = image;
  const { os, architecture, variant, created, author } = config;
  return {
    name,
    descriptor: descriptorFields(top.descriptor),
    tags,
    manifests: manifestsOf(top, image.platform),
    manifest: descriptorFields(image.descriptor),
    imageId: manifest.config.digest,
    platform: image.platform,
    os,
    architecture,
    ...(variant && { variant }),
    ...(created && { created }),
    ...(author && { author }),
    config: { ...config.config },
    size: storedSize([image.descriptor, manifest.config, ...manifest.layers]),
    layers: imageLayers(manifest, config),
    history: historyRows(manifest, config),
    annotations: manifest.annotations ?? {},
  };
}

/** The tags of a repository that point at a manifest. */
export async function tagsOf(store: ObjectStore, name: string, digest: string): Promise<string[]> {
  const tags: string[] = [];
  for await (const marker of listMarkers(store, name, "_tags")) {
    if (marker.digest === digest) tags.push(marker.item);
  }
  return tags;
}

function manifestsOf(
  { descriptor, document }: NamedManifest,
  platform: string,
): ImageInspection["manifests"] {
  if (document.kind === "manifest")
    return [{ ...descriptorFields(descriptor), platform, attestation: false }];
  return document.index.manifests.map((entry) => ({
    ...descriptorFields(entry),
    ...(entry.platform && { platform: formatPlatform(entry.platform) }),
    ...(entry.annotations && { annotations: entry.annotations }),
    attestation: isAttestation(entry),
  }));
}

function descriptorFields({
  mediaType,
  digest,
  size,
}: Descriptor): Pick<Descriptor, "mediaType" | "digest" | "size"> {
  return { mediaType, digest, size };
}

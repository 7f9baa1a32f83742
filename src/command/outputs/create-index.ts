import { parseImageConfig } from "../../oci/config.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { MAX_DOCUMENT } from "../../oci/document.ts";
import { encodeImageIndex, parseImageIndex } from "../../oci/image-index.ts";
import { parseManifest } from "../../oci/manifest.ts";
import { isIndexType, OCI } from "../../oci/media-types.ts";
import { copyImage, type ImagePlace } from "../../registry/copy-image.ts";
import type { StoredManifest } from "../../registry/registry.ts";
import { chunks } from "../../streams/chunks.ts";
import { collect } from "../../streams/collect.ts";

/**
 * Joins images into one index, as `docker buildx imagetools create`: the entries of indexes, with their attestations, and
 * images with the platform of their config. Copies what the target repository lacks. Equal sources in equal order result in
 * an equal index.
 * @param target the repository, and its tags or none
 * @returns the digest of the index
 * @throws {RegistryError | InvalidDocumentError}
 */
export async function createIndex(
  sources: readonly ImagePlace[],
  target: Pick<ImagePlace, "registry" | "name"> & { tags: readonly string[] },
  annotations: Readonly<Record<string, string>> = {},
): Promise<string> {
  const entries = new Map<string, Descriptor>();
  for (const source of sources) {
    const manifest = await source.registry.readManifest(source.name, source.reference);
    const { digest } = manifest.descriptor;
    if (source.registry !== target.registry || source.name !== target.name)
      await copyImage({ ...source, reference: digest }, { ...target, reference: digest });
    for (const entry of await entriesOf(source, manifest)) entries.set(entry.digest, entry);
  }
  const bytes = encodeImageIndex({
    schemaVersion: 2,
    mediaType: OCI.index,
    manifests: [...entries.values()],
    ...(Object.keys(annotations).length > 0 && { annotations }),
  });
  const { digest } = await target.registry.pushManifest(
    target.name,
    { bytes, mediaType: OCI.index },
    target.tags,
  );
  return digest;
}

async function entriesOf(
  { registry, name }: ImagePlace,
  { descriptor, bytes }: StoredManifest,
): Promise<Descriptor[]> {
  const { mediaType, digest, size } = descriptor;
  if (isIndexType(mediaType)) return parseImageIndex(bytes, mediaType).manifests;
  const { config } = parseManifest(bytes, mediaType);
  const text = await collect(chunks(await registry.readBlob(name, config)), MAX_DOCUMENT);
  const { os, architecture, variant } = parseImageConfig(text);
  return [
    { mediaType, digest, size, platform: { os, architecture, ...(variant !== undefined && { variant }) } },
  ];
}

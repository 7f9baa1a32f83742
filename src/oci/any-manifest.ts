import { readDocument } from "./document.ts";
import { type ImageIndex, parseImageIndex } from "./image-index.ts";
import { type Manifest, parseManifest } from "./manifest.ts";
import { DOCKER, isIndexType, isManifestType, OCI } from "./media-types.ts";

export type AnyManifest = { kind: "index"; index: ImageIndex } | { kind: "manifest"; manifest: Manifest };

/**
 * Reads a manifest or an index. The stated media type and its own must agree, and it must not be both: two programs
 * could read such a document as two images (CVE-2021-41190).
 * @param mediaType the media type stated by the sender; empty or absent when unknown
 * @throws {InvalidDocumentError}
 */
export function parseAnyManifest(bytes: Uint8Array, mediaType = ""): AnyManifest {
  const document = readDocument("manifest", bytes);
  const hasManifests = document.has("manifests");
  const hasLayers = document.has("config") || document.has("layers");
  if (hasManifests && hasLayers)
    throw document.error("manifests", "an index may not have a config or layers as well");
  const own = document.optionalString("mediaType");
  if (own !== undefined && mediaType !== "" && own !== mediaType) {
    throw document.error("mediaType", `${JSON.stringify(own)} was sent as ${JSON.stringify(mediaType)}`);
  }
  const type = own ?? (mediaType === "" ? guessType(hasManifests) : mediaType);
  if (isIndexType(type) && !hasLayers) return { kind: "index", index: parseImageIndex(bytes, type) };
  if (isManifestType(type) && !hasManifests)
    return { kind: "manifest", manifest: parseManifest(bytes, type) };
  // For Docker's schema 1, this throws a better error.
  parseManifest(bytes, type);
  throw document.error("mediaType", `${JSON.stringify(type)} is not the type of such a document`);
}

function guessType(hasManifests: boolean): string {
  return hasManifests ? OCI.index : OCI.manifest;
}

/** Whether a manifest is a container image rather than another artifact. */
export function isContainerImage(manifest: Manifest): boolean {
  return manifest.config.mediaType === OCI.config || manifest.config.mediaType === DOCKER.config;
}

import { parseAnyManifest } from "../oci/any-manifest.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { InvalidDocumentError, MAX_DOCUMENT } from "../oci/document.ts";
import { isNondistributable } from "../oci/media-types.ts";
import { RegistryError } from "./errors.ts";

/** The parts of a manifest that a registry uses. */
export interface ManifestContents {
  mediaType: string;
  /** Blobs that must be in the repository. */
  blobs: Descriptor[];
  /** Manifests of an index that must be in the repository. */
  manifests: Descriptor[];
  /** Digest of the subject, which need not exist. */
  subject?: string;
  /** The artifact type as in the referrers list (distribution-spec, "Listing Referrers"). */
  artifactType?: string;
  annotations?: Record<string, string>;
}

/**
 * Reads a pushed manifest.
 * @param mediaType the Content-Type of the request; empty without one
 * @throws {RegistryError} `MANIFEST_INVALID`, `MANIFEST_TOO_LARGE`
 */
export function readManifestContents(bytes: Uint8Array, mediaType: string): ManifestContents {
  if (bytes.length > MAX_DOCUMENT) {
    throw new RegistryError("MANIFEST_TOO_LARGE", `a manifest may have at most ${MAX_DOCUMENT} bytes`);
  }
  try {
    const document = parseAnyManifest(bytes, mediaType);
    if (document.kind === "index") {
      const { index } = document;
      return { ...commonContents(index, index.artifactType), blobs: [], manifests: index.manifests };
    }
    const { manifest } = document;
    const layers = manifest.layers.filter((layer) => !isNondistributable(layer.mediaType));
    return {
      ...commonContents(manifest, manifest.artifactType || manifest.config.mediaType),
      blobs: [manifest.config, ...layers],
      manifests: [],
    };
  } catch (error) {
    if (error instanceof InvalidDocumentError) throw new RegistryError("MANIFEST_INVALID", error.message);
    throw error;
  }
}

interface CommonFields {
  mediaType: string;
  subject?: Descriptor;
  annotations?: Record<string, string>;
}

function commonContents({ mediaType, subject, annotations }: CommonFields, artifactType: string | undefined) {
  return {
    mediaType,
    ...(subject !== undefined && { subject: subject.digest }),
    ...(artifactType && { artifactType }),
    ...(annotations !== undefined && { annotations }),
  };
}

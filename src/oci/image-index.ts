import { type Descriptor, orderAnnotations, orderDescriptor } from "./descriptor.ts";
import { readDescriptor } from "./descriptor-reader.ts";
import { readDocument } from "./document.ts";
import { writeJson } from "./json.ts";
import { readCommon } from "./manifest.ts";
import { OCI } from "./media-types.ts";

/** An index of manifests (image-spec, image-index.md), or Docker's manifest list. */
export interface ImageIndex {
  schemaVersion: 2;
  mediaType: string;
  manifests: Descriptor[];
  artifactType?: string;
  subject?: Descriptor;
  annotations?: Record<string, string>;
}

const MAX_MANIFESTS = 4096;
/** Maximum nesting of indexes in an image. */
export const MAX_NESTING = 3;

/**
 * Reads a foreign index.
 * @param mediaType the media type stated by the sender; applies when the index has none
 * @throws {InvalidDocumentError}
 */
export function parseImageIndex(bytes: Uint8Array, mediaType?: string): ImageIndex {
  const document = readDocument("image index", bytes);
  return {
    ...readCommon(document, mediaType, OCI.index),
    manifests: document.list("manifests", MAX_MANIFESTS, readDescriptor),
  };
}

/** The stored form of the index: fields in the order of the specification, no white space. */
export function encodeImageIndex(index: ImageIndex): Uint8Array {
  return writeJson({
    schemaVersion: index.schemaVersion,
    mediaType: index.mediaType,
    artifactType: index.artifactType,
    manifests: index.manifests.map(orderDescriptor),
    subject: index.subject && orderDescriptor(index.subject),
    annotations: orderAnnotations(index.annotations),
  });
}

/** Whether an entry of an index is an attestation manifest of BuildKit. */
export function isAttestation({ annotations, platform }: Descriptor): boolean {
  return (
    annotations?.["vnd.docker.reference.type"] === "attestation-manifest" ||
    (platform?.os === "unknown" && platform.architecture === "unknown")
  );
}

import { type Descriptor, orderAnnotations, orderDescriptor } from "./descriptor.ts";
import { readDescriptor } from "./descriptor-reader.ts";
import { type FieldReader, readDocument } from "./document.ts";
import { writeJson } from "./json.ts";
import { isSchema1, OCI } from "./media-types.ts";

/** An image manifest (image-spec, manifest.md), or Docker's equivalent. */
export interface Manifest {
  schemaVersion: 2;
  mediaType: string;
  config: Descriptor;
  /** Base layer first. */
  layers: Descriptor[];
  artifactType?: string;
  subject?: Descriptor;
  annotations?: Record<string, string>;
}

/** Maximum number of layers of one image. Docker's own limit is 127. */
export const MAX_LAYERS = 1024;

/**
 * Reads a foreign manifest.
 * @param mediaType the media type stated by the sender; applies when the manifest has none
 * @throws {InvalidDocumentError}
 */
export function parseManifest(bytes: Uint8Array, mediaType?: string): Manifest {
  const document = readDocument("manifest", bytes);
  return {
    ...readCommon(document, mediaType, OCI.manifest),
    config: document.required("config", readDescriptor),
    layers: document.list("layers", MAX_LAYERS, readDescriptor),
  };
}

/** The fields that manifests and indexes share. @throws {InvalidDocumentError} */
export function readCommon(document: FieldReader, mediaType: string | undefined, usual: string) {
  refuseSchema1(document, mediaType);
  const artifactType = document.optionalString("artifactType");
  const subject = document.optional("subject", readDescriptor);
  const annotations = document.stringMap("annotations");
  return {
    schemaVersion: 2 as const,
    mediaType: document.optionalString("mediaType") ?? mediaType ?? usual,
    ...(artifactType !== undefined && { artifactType }),
    ...(subject !== undefined && { subject }),
    ...(annotations !== undefined && { annotations }),
  };
}

/** The stored form of the manifest: fields in the order of the specification, no white space. */
export function encodeManifest(manifest: Manifest): Uint8Array {
  return writeJson({
    schemaVersion: manifest.schemaVersion,
    mediaType: manifest.mediaType,
    artifactType: manifest.artifactType,
    config: orderDescriptor(manifest.config),
    layers: manifest.layers.map(orderDescriptor),
    subject: manifest.subject && orderDescriptor(manifest.subject),
    annotations: orderAnnotations(manifest.annotations),
  });
}

/** Docker's schema 1 is recognised by its version, regardless of the media type. */
function refuseSchema1(document: FieldReader, mediaType = ""): void {
  const version = document.integer("schemaVersion");
  if (version === 1 || isSchema1(mediaType)) {
    throw document.error(
      "schemaVersion",
      "Docker's schema 1 is no longer supported: build and push the image again with a current tool",
    );
  }
  if (version !== 2) throw document.error("schemaVersion", `${version} is not 2`);
}

import { DOCKER, OCI } from "./media-types.ts";

const equals: Readonly<Record<string, string>> = {
  [DOCKER.layer]: OCI.layer,
  [DOCKER.layerGzip]: OCI.layerGzip,
  [DOCKER.layerZstd]: OCI.layerZstd,
};

/** The media type of a layer in an OCI manifest: Docker's types name the same bytes. */
export function ociLayerType(mediaType: string): string {
  return equals[mediaType] ?? mediaType;
}

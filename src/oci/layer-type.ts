import { DOCKER, OCI } from "./media-types.ts";

const equals: Readonly<Record<string, string>> = {
  [DOCKER.layer]: OCI.layer,
  [DOCKER.layerGzip]: OCI.layerGzip,
  [DOCKER.layerZstd]: OCI.layerZstd,
};

const forerunners: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(equals).map(([docker, oci]) => [oci, docker]),
);

/** Docker's media type of a layer with this OCI type. */
export function dockerLayerType(mediaType: string): string {
  return forerunners[mediaType] ?? mediaType;
}

/** The media type of a layer in an OCI manifest: Docker's types name the same bytes. */
export function ociLayerType(mediaType: string): string {
  return equals[mediaType] ?? mediaType;
}

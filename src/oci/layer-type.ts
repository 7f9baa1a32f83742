import { DOCKER, OCI } from "./media-types.ts";

const equals: Readonly<Record<string, string>> = {
  [DOCKER.layer]: OCI.layer,
  [DOCKER.layerGzip]: OCI.layerGzip,
  [DOCKER.layerZstd]: OCI.layerZstd,
};

const forerunners: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(equals).map(([docker, oci]) => [oci, docker]),
);

/** Docker's media type for an OCI layer type. */
export function dockerLayerType(mediaType: string): string {
  return forerunners[mediaType] ?? mediaType;
}

/** The OCI media type of a layer; Docker's types describe the same bytes. */
export function ociLayerType(mediaType: string): string {
  return equals[mediaType] ?? mediaType;
}

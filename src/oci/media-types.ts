/** Media types of image-spec 1.1. */
export const OCI = {
  index: "application/vnd.oci.image.index.v1+json",
  manifest: "application/vnd.oci.image.manifest.v1+json",
  config: "application/vnd.oci.image.config.v1+json",
  layer: "application/vnd.oci.image.layer.v1.tar",
  layerGzip: "application/vnd.oci.image.layer.v1.tar+gzip",
  layerZstd: "application/vnd.oci.image.layer.v1.tar+zstd",
  empty: "application/vnd.oci.empty.v1+json",
} as const;

/** Their forerunners from Docker, "schema 2". */
export const DOCKER = {
  manifestList: "application/vnd.docker.distribution.manifest.list.v2+json",
  manifest: "application/vnd.docker.distribution.manifest.v2+json",
  config: "application/vnd.docker.container.image.v1+json",
  layer: "application/vnd.docker.image.rootfs.diff.tar",
  layerGzip: "application/vnd.docker.image.rootfs.diff.tar.gzip",
  layerZstd: "application/vnd.docker.image.rootfs.diff.tar.zstd",
  foreignLayer: "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
} as const;

/** What a client of a registry says it can read. Without it some answer in a format long gone. */
export const MANIFEST_TYPES: readonly string[] = [
  OCI.index,
  DOCKER.manifestList,
  OCI.manifest,
  DOCKER.manifest,
];

/** Whether it is a manifest that lists manifests. */
export function isIndexType(mediaType: string): boolean {
  return mediaType === OCI.index || mediaType === DOCKER.manifestList;
}

/** Whether it is a manifest with a config and layers. */
export function isManifestType(mediaType: string): boolean {
  return mediaType === OCI.manifest || mediaType === DOCKER.manifest;
}

/** Docker's first format, signed or not. It has no config and cannot be verified layer by layer. */
export function isSchema1(mediaType: string): boolean {
  return /^application\/vnd\.docker\.distribution\.manifest\.v1\+(?:json|prettyjws)$/.test(mediaType);
}

/** Compression of a layer by its media type; undefined when it is no layer this program can read. */
export function layerCompression(mediaType: string): "none" | "gzip" | "zstd" | undefined {
  switch (mediaType.replace(".layer.nondistributable.", ".layer.").replace(".foreign.", ".")) {
    case OCI.layer:
    case DOCKER.layer:
      return "none";
    case OCI.layerGzip:
    case DOCKER.layerGzip:
      return "gzip";
    case OCI.layerZstd:
    case DOCKER.layerZstd:
      return "zstd";
    default:
      return undefined;
  }
}

/** Whether a registry need not have it: the layer lies elsewhere, for reasons of its licence. */
export function isNondistributable(mediaType: string): boolean {
  return mediaType.includes(".nondistributable.") || mediaType.includes(".foreign.");
}

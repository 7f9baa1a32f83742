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

/** Docker's predecessors of them, "schema 2". */
export const DOCKER = {
  manifestList: "application/vnd.docker.distribution.manifest.list.v2+json",
  manifest: "application/vnd.docker.distribution.manifest.v2+json",
  config: "application/vnd.docker.container.image.v1+json",
  layer: "application/vnd.docker.image.rootfs.diff.tar",
  layerGzip: "application/vnd.docker.image.rootfs.diff.tar.gzip",
  layerZstd: "application/vnd.docker.image.rootfs.diff.tar.zstd",
  foreignLayer: "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
} as const;

/** The Accept header of a registry client. Without it, some registries return an obsolete format. */
export const MANIFEST_TYPES: readonly string[] = [
  OCI.index,
  DOCKER.manifestList,
  OCI.manifest,
  DOCKER.manifest,
];

/** Whether it is the type of an index. */
export function isIndexType(mediaType: string): boolean {
  return mediaType === OCI.index || mediaType === DOCKER.manifestList;
}

/** Whether it is the type of a manifest with a config and layers. */
export function isManifestType(mediaType: string): boolean {
  return mediaType === OCI.manifest || mediaType === DOCKER.manifest;
}

/** Docker's first format, signed or not. It has no config, and its layers cannot be verified individually. */
export function isSchema1(mediaType: string): boolean {
  return /^application\/vnd\.docker\.distribution\.manifest\.v1\+(?:json|prettyjws)$/.test(mediaType);
}

/** Compression of a layer by media type; undefined for an unsupported layer type. */
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

/** Whether a registry need not have the layer, which is stored elsewhere for licensing reasons. */
export function isNondistributable(mediaType: string): boolean {
  return mediaType.includes(".nondistributable.") || mediaType.includes(".foreign.");
}

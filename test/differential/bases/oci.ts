import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { writeTar } from "../archive/write.ts";
import { type BaseImage, file, type Platform } from "./image.ts";

const created = "2024-01-01T00:00:00Z";
const encoder = new TextEncoder();

export interface Blob {
  mediaType: string;
  digest: string;
  bytes: Uint8Array;
}

/** The parts of an image; its layers are archives. */
export interface ImageParts extends Omit<BaseImage, "layers"> {
  layers: { createdBy: string; tar: Uint8Array }[];
}

/** An image as bytes, for a registry and `docker load`. */
export interface ImageBytes {
  base: ImageParts;
  config: Blob;
  /** A compressed layer, and the digest of its uncompressed tar. */
  layers: (Blob & { diffId: string; tar: Uint8Array })[];
  manifest: Blob;
}

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

function blob(mediaType: string, content: Uint8Array | object): Blob {
  const bytes = content instanceof Uint8Array ? content : encoder.encode(JSON.stringify(content));
  return { mediaType, bytes, digest: digestOf(bytes) };
}

function descriptor({ mediaType, digest, bytes }: Blob) {
  return { mediaType, digest, size: bytes.length };
}

/** Config, layers and manifest of a base image; the same image gives the same bytes. */
export function imageBytes(base: BaseImage): ImageBytes {
  const layers = base.layers.map(({ createdBy, members }) => ({ createdBy, tar: writeTar(members) }));
  return imageOf({ ...base, layers });
}

export function imageOf(base: ImageParts): ImageBytes {
  const layers = base.layers.map(({ tar }) => {
    const compressed = blob("application/vnd.oci.image.layer.v1.tar+gzip", gzipSync(tar, { level: 1 }));
    return { ...compressed, tar, diffId: digestOf(tar) };
  });
  const made = (created_by: string) => ({ created, created_by, comment: "buildkit.dockerfile.v0" });
  const config = blob("application/vnd.oci.image.config.v1+json", {
    architecture: base.platform.architecture,
    ...(base.author ? { author: base.author } : {}),
    config: base.config,
    created,
    history: [
      ...base.layers.map((layer) => made(layer.createdBy)),
      ...(base.emptyHistory ?? []).map((line) => ({ ...made(line), empty_layer: true })),
    ],
    os: base.platform.os,
    rootfs: { type: "layers", diff_ids: layers.map((layer) => layer.diffId) },
    ...(base.platform.variant ? { variant: base.platform.variant } : {}),
  });
  const manifest = blob("application/vnd.oci.image.manifest.v1+json", {
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    config: descriptor(config),
    layers: layers.map(descriptor),
  });
  return { base, config, layers, manifest };
}

/** An index over the manifests of several platforms. */
export function indexBytes(images: ImageBytes[]): Blob {
  const platformOf = ({ base }: ImageBytes): Platform => base.platform;
  return blob("application/vnd.oci.image.index.v1+json", {
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.index.v1+json",
    manifests: images.map((image) => ({ ...descriptor(image.manifest), platform: platformOf(image) })),
  });
}

/** A tar for `docker load`, with all the images under their names. */
export function dockerArchive(images: ImageBytes[]): Uint8Array {
  const hex = (digest: string) => digest.slice("sha256:".length);
  const files = new Map<string, Uint8Array>();
  const manifest = images.map(({ base, config, layers }) => {
    files.set(`${hex(config.digest)}.json`, config.bytes);
    for (const layer of layers) files.set(`${hex(layer.diffId)}.tar`, layer.tar);
    return {
      Config: `${hex(config.digest)}.json`,
      RepoTags: [base.name],
      Layers: layers.map((layer) => `${hex(layer.diffId)}.tar`),
    };
  });
  files.set("manifest.json", encoder.encode(JSON.stringify(manifest)));
  return writeTar([...files].map(([path, bytes]) => file(path, bytes)));
}

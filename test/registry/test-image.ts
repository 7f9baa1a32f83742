import { type ContainerConfig, encodeImageConfig } from "../../src/oci/config.ts";
import type { Descriptor } from "../../src/oci/descriptor.ts";
import { encodeImageIndex } from "../../src/oci/image-index.ts";
import { encodeManifest } from "../../src/oci/manifest.ts";
import { OCI } from "../../src/oci/media-types.ts";
import { parsePlatform } from "../../src/oci/platform.ts";
import type { Registry } from "../../src/registry/registry.ts";
import { sha256 } from "../../src/streams/sha256.ts";
import { singleChunk } from "../../src/streams/single-chunk.ts";
import { archive, member } from "../tar/archive.ts";

/** Contents with their descriptor. */
export interface TestContent {
  descriptor: Descriptor;
  bytes: Uint8Array;
}

/** A manifest or index and everything below it. */
export interface TestImage extends TestContent {
  blobs: TestContent[];
  manifests: TestContent[];
}

export function content(data: string | Uint8Array, mediaType: string): TestContent {
  const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
  return { descriptor: { mediaType, digest: sha256(bytes), size: bytes.length }, bytes };
}

/** An image whose layers are these texts, which are not archives. */
export function testImage(layers: readonly string[] = ["base", "top"], platform = "linux/amd64"): TestImage {
  return imageOf(
    layers.map((layer) => content(layer, OCI.layerGzip)),
    layers.map((layer) => sha256(`tar of ${layer}`)),
    { platform, config: { Cmd: layers.slice() } },
  );
}

/** An image for linux/amd64 whose one layer has these files. */
export function fileImage(files: Readonly<Record<string, string>>): TestImage {
  const tar = archive(...Object.entries(files).map(([path, text]) => member({ path }, text)));
  const layer = content(tar, OCI.layer);
  return imageOf([layer], [layer.descriptor.digest], { platform: "linux/amd64", config: {} });
}

function imageOf(
  layers: readonly TestContent[],
  diffIds: readonly string[],
  { platform, config: settings }: { platform: string; config: ContainerConfig },
): TestImage {
  const config = content(
    encodeImageConfig({
      ...parsePlatform(platform),
      config: settings,
      rootfs: { type: "layers", diff_ids: [...diffIds] },
      history: [],
    }),
    OCI.config,
  );
  const manifest = encodeManifest({
    schemaVersion: 2,
    mediaType: OCI.manifest,
    config: config.descriptor,
    layers: layers.map(({ descriptor }) => descriptor),
  });
  return { ...content(manifest, OCI.manifest), blobs: [config, ...layers], manifests: [] };
}

/** Pushes everything below an image, and the image under tags. */
export async function pushImage(
  registry: Registry,
  name: string,
  image: TestImage,
  ...tags: string[]
): Promise<void> {
  for (const { descriptor, bytes } of image.blobs)
    await registry.pushBlob(name, descriptor, async () => singleChunk(bytes));
  for (const { bytes, descriptor } of image.manifests)
    await registry.pushManifest(name, { bytes, ...descriptor });
  await registry.pushManifest(name, { bytes: image.bytes, ...image.descriptor }, tags);
}

/** An index of images by platform. */
export function testIndex(images: Record<string, TestImage>): TestImage {
  const index = encodeImageIndex({
    schemaVersion: 2,
    mediaType: OCI.index,
    manifests: Object.entries(images).map(([platform, { descriptor }]) => ({
      ...descriptor,
      platform: parsePlatform(platform),
    })),
  });
  const children = Object.values(images);
  return {
    ...content(index, OCI.index),
    blobs: children.flatMap(({ blobs }) => blobs),
    manifests: children.flatMap((child) => [child, ...child.manifests]),
  };
}

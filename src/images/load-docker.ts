import { z } from "zod";
import { type Compression, DETECT_BYTES, detect } from "../compression/detect.ts";
import type { ForeignLayer } from "../layers/foreign-layer.ts";
import { LARGE_LAYER } from "../layers/foreign-workers.ts";
import { compressSent, type NewCompressor } from "../layers/recompress.ts";
import { parseImageConfig } from "../oci/config.ts";
import { blobKey } from "../oci/content-key.ts";
import { InvalidDocumentError } from "../oci/document.ts";
import { encodeManifest } from "../oci/manifest.ts";
import { OCI } from "../oci/media-types.ts";
import { storeBlob } from "../registry/store/store-blob.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { ByteReader } from "../streams/byte-reader.ts";
import { sha256 } from "../streams/sha256.ts";
import { singleChunk } from "../streams/single-chunk.ts";
import { type ArchiveFile, type ArchiveFiles, invalid } from "./archive-files.ts";
import type { UnpackedImage } from "./unpacked-image.ts";
import { verifyForeignLayer } from "./verify-layer.ts";

/** `manifest.json` of `docker save`. */
const dockerManifest = z
  .array(
    z.looseObject({
      Config: z.string(),
      RepoTags: z.array(z.string()).nullish(),
      Layers: z.array(z.string()).max(1024).nullish(),
    }),
  )
  .max(1024);

/**
 * Reads the images of a `docker save` archive. Keeps the config, so the image ID does not change; compresses layers and
 * creates a manifest.
 * @throws {ImageError} `archive-invalid`; ZodError
 */
export async function readDockerImages(
  store: ObjectStore,
  files: ArchiveFiles,
  manifest: unknown,
  newCompressor: NewCompressor,
): Promise<UnpackedImage[]> {
  const layers = new Map<string, Promise<ForeignLayer>>();
  const layerOf: LayerOf = (path, diffId) => {
    const layer = layers.get(diffId) ?? storeLayer(store, files.find(path), path, diffId, newCompressor);
    layers.set(diffId, layer);
    return layer;
  };
  const images: UnpackedImage[] = [];
  for (const { Config, RepoTags, Layers } of dockerManifest.parse(manifest)) {
    images.push(
      await readImage(store, files, { config: Config, tags: RepoTags ?? [], paths: Layers ?? [] }, layerOf),
    );
  }
  return images;
}

/** Stores the layer at a path, once for all images. */
type LayerOf = (path: string, diffId: string) => Promise<ForeignLayer>;

async function readImage(
  store: ObjectStore,
  files: ArchiveFiles,
  { config: path, tags, paths }: { config: string; tags: string[]; paths: string[] },
  layerOf: LayerOf,
): Promise<UnpackedImage> {
  const config = await files.readDocument(path);
  const diffIds = diffIdsOf(config, path);
  if (diffIds.length !== paths.length) {
    throw invalid(`"${path}" has ${diffIds.length} layers and the archive lists ${paths.length}`);
  }
  const layers: ForeignLayer[] = [];
  for (const [index, layerPath] of paths.entries()) {
    layers.push(await layerOf(layerPath, diffIds[index] as string));
  }
  const imageId = sha256(config);
  await storeBlob(store, imageId, singleChunk(config), config.length);
  const bytes = encodeManifest({
    schemaVersion: 2,
    mediaType: OCI.manifest,
    config: { mediaType: OCI.config, digest: imageId, size: config.length },
    layers: layers.map(({ mediaType, digest, size }) => ({ mediaType, digest, size })),
  });
  return {
    names: tags,
    imageId,
    async put(registry, name) {
      await registry.linkBlobs(name, [imageId, ...layers.map(({ digest }) => digest)]);
      return registry.pushManifest(name, { bytes, mediaType: OCI.manifest });
    },
  };
}

/** Stores a layer in a compression that every client supports. */
async function storeLayer(
  store: ObjectStore,
  file: ArchiveFile | undefined,
  path: string,
  diffId: string,
  newCompressor: NewCompressor,
): Promise<ForeignLayer> {
  if (file === undefined) throw invalid(`it has no "${path}"`);
  const kind = await detectCompression(file);
  if (kind === "gzip" || kind === "zstd") {
    const { digest, size } = file;
    if ((await store.head(blobKey(digest))) === undefined)
      await storeBlob(store, digest, await file.read(), size);
    const mediaType = kind === "gzip" ? OCI.layerGzip : OCI.layerZstd;
    return verifyForeignLayer(store, { digest, size, mediaType, diffId });
  }
  const archive = { bytes: await file.read(), maxSize: file.size, places: file.places };
  const layer = await compressSent(store, archive, newCompressor, () => LARGE_LAYER);
  if (layer.diffId !== diffId) throw invalid(`"${path}" has the diffID ${layer.diffId}, not ${diffId}`);
  return verifyForeignLayer(store, layer);
}

async function detectCompression(file: ArchiveFile): Promise<Compression> {
  const reader = new ByteReader(await file.read());
  try {
    return detect(await reader.peek(DETECT_BYTES));
  } finally {
    await reader.close();
  }
}

function diffIdsOf(config: Uint8Array, path: string): string[] {
  try {
    return parseImageConfig(config).rootfs.diff_ids;
  } catch (cause) {
    if (!(cause instanceof InvalidDocumentError)) throw cause;
    throw invalid(`"${path}": ${cause.message}`, cause);
  }
}

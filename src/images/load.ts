import type { LoadResult } from "../../schemas/images.ts";
import type { NewCompressor } from "../layers/recompress.ts";
import type { SentArchive } from "../layers/sent-archive.ts";
import { RegistryError } from "../registry/errors.ts";
import type { ImageName } from "../registry/names.ts";
import { withOpenUpload } from "../registry/store/open-uploads.ts";
import { StoreRegistry } from "../registry/store/store-registry.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { parseJson } from "../streams/json.ts";
import { type ArchiveFiles, invalid } from "./archive-files.ts";
import { ImageError } from "./image-error.ts";
import { readDockerImages } from "./load-docker.ts";
import { readLayoutImages } from "./load-layout.ts";
import { type ArchiveReceiver, asLoadError, receiveFiles } from "./receive-archive.ts";
import type { UnpackedImage } from "./unpacked-image.ts";

interface LoadOptions {
  /** Names for the only image of the archive, replacing those in the archive. */
  names: readonly ImageName[];
  /** Parses a name of the archive; throws for an invalid one. */
  readName(text: string): ImageName;
  /** Repository of images without a name. */
  unnamed: string;
  /** Called before a write to a repository; throws when it is not allowed. */
  authorize(repository: string): void | Promise<void>;
  /** See `receiveFiles`. */
  newReceiver?: (() => ArchiveReceiver) | undefined;
  /** For layers that the archive has uncompressed. */
  newCompressor?: NewCompressor;
}

/**
 * Loads the images of an archive: of `docker save`, old or new, or an OCI layout as a tar, compressed or not. Verifies
 * blobs by digest and layers by diffID.
 * @throws {ImageError | RegistryError}
 */
export async function loadImages(
  store: ObjectStore,
  archive: SentArchive,
  options: LoadOptions,
): Promise<LoadResult> {
  return withOpenUpload(store, () => loadArchive(store, archive, options));
}

async function loadArchive(
  store: ObjectStore,
  archive: SentArchive,
  options: LoadOptions,
): Promise<LoadResult> {
  let files: ArchiveFiles | undefined;
  try {
    files = await receiveFiles(store, archive, options.newReceiver);
    const images = await readImages(store, files, options.newCompressor);
    if (images.length === 0) throw invalid("it has no images");
    if (options.names.length > 0 && images.length > 1) {
      throw new ImageError("name-invalid", `Cannot give one name to ${images.length} images`);
    }
    const loaded: LoadResult["images"] = [];
    for (const image of images) loaded.push(...(await putImage(store, image, options)));
    return { images: loaded };
  } catch (error) {
    throw asLoadError(error);
  } finally {
    await files?.drop();
  }
}

/** Reads the OCI layout when it is complete, or else the docker part of the archive. */
async function readImages(
  store: ObjectStore,
  files: ArchiveFiles,
  newCompressor: NewCompressor,
): Promise<UnpackedImage[]> {
  const forDocker =
    files.find("manifest.json") === undefined ? undefined : await readJson(files, "manifest.json");
  if (files.find("index.json") !== undefined) {
    const images = await readLayoutImages(store, files, await files.readDocument("index.json"), {
      isPicky: forDocker !== undefined,
    });
    if (images !== undefined) return images;
  }
  if (forDocker === undefined) throw invalid('it has neither "index.json" nor "manifest.json"');
  return readDockerImages(store, files, forDocker, newCompressor);
}

async function putImage(
  store: ObjectStore,
  image: UnpackedImage,
  options: LoadOptions,
): Promise<LoadResult["images"]> {
  const names = options.names.length > 0 ? options.names : image.names.map(options.readName);
  const repositories = new Set(names.map(({ repository }) => repository));
  if (repositories.size === 0) repositories.add(options.unnamed);
  const loaded: LoadResult["images"] = [];
  for (const name of repositories) {
    await options.authorize(name);
    const registry = new StoreRegistry(store);
    const { digest, mediaType } = await image.put(registry, name).catch((cause: unknown) => {
      throw cause instanceof RegistryError ? invalid(cause.message, cause) : cause;
    });
    const entry = { name, digest, mediaType, ...(image.imageId !== undefined && { imageId: image.imageId }) };
    const tags = names.filter(({ repository: owner }) => owner === name);
    for (const { tag } of tags) await registry.tag(name, tag, digest);
    loaded.push(...(tags.length === 0 ? [entry] : tags.map(({ tag }) => ({ ...entry, tag }))));
  }
  return loaded;
}

async function readJson(files: ArchiveFiles, path: string): Promise<unknown> {
  try {
    return parseJson(new TextDecoder().decode(await files.readDocument(path)));
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw invalid(`"${path}" is not JSON`, cause);
  }
}

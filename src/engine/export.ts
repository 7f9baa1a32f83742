import type { BuildResult } from "../../schemas/events.ts";
import { encodeImageConfig, type ImageConfig } from "../oci/config.ts";
import { blobKey } from "../oci/content-key.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { encodeImageIndex } from "../oci/image-index.ts";
import { encodeManifest, type Manifest } from "../oci/manifest.ts";
import { OCI } from "../oci/media-types.ts";
import type { Platform } from "../oci/platform.ts";
import { InvalidReferenceError, parseReference } from "../oci/reference.ts";
import { isRepository, repositoryOf, shownRepository } from "../registry/names.ts";
import { StoreRegistry } from "../registry/store/store-registry.ts";
import type { Tree } from "../rootfs/tree.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { sha256 } from "../streams/sha256.ts";
import { Annotations } from "./annotations.ts";
import { BuildError } from "./errors.ts";
import { FirstResults } from "./first-results.ts";
import type { BuildPlan } from "./plan/build-plan.ts";
import { imageConfig } from "./plan/image-config.ts";
import type { LayerRecord } from "./solve/step-cache.ts";

/** Where images without a name are kept. */
const unnamed = "builds";

/** A place of an image in the registry. */
export interface ImageName {
  /** See `registry/names.ts`. */
  repository: string;
  tag: string;
}

/**
 * Reads the names of a build. A name keeps its host, unless that is this server.
 * @param own the host that the caller reached the server by, with its port; without it, names are those of `ownTags`
 * @throws BuildError `name-invalid`
 */
export function readImageNames(tags: readonly string[], own?: string): ImageName[] {
  return tags.map((text) => {
    try {
      const { tag = "latest", digest, ...reference } = parseReference(text);
      const repository = repositoryOf(reference, own);
      if (digest === undefined && isRepository(repository)) return { repository, tag };
    } catch (error) {
      if (!(error instanceof InvalidReferenceError)) throw error;
    }
    throw new BuildError("name-invalid", `invalid tag "${text}": invalid reference format`, {
      hint: "A name is like team/app:1.2, in lower case and without a digest.",
    });
  });
}

/**
 * The names of a build, written so that they mean the same whatever the server is called.
 * @throws BuildError `name-invalid`
 */
export function ownTags(tags: readonly string[], own: string): string[] {
  return tags.map((text) => {
    const [name] = readImageNames([text], own) as [ImageName];
    const [same] = readImageNames([text]) as [ImageName];
    return same.repository === name.repository ? text : formatImageName(name);
  });
}

/** A name as people write it. */
export function formatImageName({ repository, tag }: ImageName): string {
  return `${shownRepository(repository)}:${tag}`;
}

/** The name under which builds of the same image know each other; those without a name are taken for one image. */
export function scopeOf(names: readonly ImageName[]): string {
  return names[0]?.repository ?? "-";
}

/** One platform's image, ready to be written. */
export interface PlatformImage {
  plan: BuildPlan;
  /** All layers, those of the base first. */
  layers: readonly LayerRecord[];
  /** The one time of all that the build created, RFC 3339; by default each layer has its own. */
  created: string | undefined;
  /** All its files. */
  tree(): Promise<Tree>;
}

/** Puts what is to be said of an image beside it. */
export type Attest = (image: PlatformImage, manifest: Descriptor, names: RepositoryNames) => Promise<void>;

/** The tags of an image in one repository. */
export interface RepositoryNames {
  repository: string;
  tags: readonly string[];
}

/** Writes configs, manifests and, for several platforms, an index, and points the names at it. */
export async function exportImage(
  store: ObjectStore,
  images: readonly PlatformImage[],
  names: readonly ImageName[],
  attest: Attest,
  annotations: Annotations = new Annotations({}),
): Promise<BuildResult> {
  const dated = await Promise.all(images.map((image) => withConfig(store, image)));
  const configs = dated.map(({ config }) => config);
  await Promise.all(configs.map((config) => putBlob(store, config)));
  const repositories = new Set(names.map(({ repository }) => repository));
  if (repositories.size === 0) repositories.add(unnamed);
  const registry = new StoreRegistry(store);
  let result: Descriptor | undefined;
  for (const repository of repositories) {
    const manifests: Descriptor[] = [];
    const tags = names.filter((one) => one.repository === repository).map(({ tag }) => tag);
    for (const image of dated) {
      const { plan, layers, config } = image;
      const platform = platformOf(plan);
      const manifest = await pushManifest(
        registry,
        repository,
        config,
        layers,
        annotations.of("manifest", platform),
      );
      const described = annotations.of("manifest-descriptor", platform);
      manifests.push({ ...manifest, platform, ...(described && { annotations: described }) });
      await attest(image, manifest, { repository, tags });
    }
    result =
      manifests.length === 1
        ? withoutPlatform(manifests[0] as Descriptor)
        : await pushIndex(registry, repository, manifests, annotations.of("index"));
    for (const tag of tags) await registry.tag(repository, tag, result.digest);
  }
  const { mediaType, digest, size } = result as Descriptor;
  return {
    descriptor: { mediaType, digest, size },
    imageId: sha256(configs[0] as Uint8Array),
    repository: shownRepository([...repositories][0] as string),
    tags: names.map(formatImageName),
  };
}

/**
 * An image with its config. When an image is known that has the same layers and differs only in times of its config, that
 * config counts: see `FirstResults`.
 */
async function withConfig(
  store: ObjectStore,
  image: PlatformImage,
): Promise<PlatformImage & { config: Uint8Array }> {
  const config = imageConfig(image.plan.result, image.layers, image.created);
  if (image.created !== undefined) return { ...image, config: encodeImageConfig(config) };
  const { created: _, history, ...rest } = config;
  const undated = { ...rest, history: history.map(({ created: __, ...entry }) => entry) };
  const name = sha256(encodeImageConfig(undated)).slice("sha256:".length);
  const first = await new FirstResults<ImageConfig>(store, async () => true).claim(`config-${name}`, config);
  return { ...image, created: first.created, config: encodeImageConfig(first) };
}

async function putBlob(store: ObjectStore, bytes: Uint8Array): Promise<void> {
  const digest = sha256(bytes);
  await store.put(blobKey(digest), bytes, bytes.length, {
    ifAbsent: true,
    sha256: digest.slice("sha256:".length),
  });
}

async function pushManifest(
  registry: StoreRegistry,
  repository: string,
  config: Uint8Array,
  layers: readonly LayerRecord[],
  annotations: Manifest["annotations"],
): Promise<Descriptor> {
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: OCI.manifest,
    config: { mediaType: OCI.config, digest: sha256(config), size: config.length },
    layers: layers.map(({ layer }) => layer),
    ...(annotations && { annotations }),
  };
  const blobs = new Set([manifest.config.digest, ...manifest.layers.map(({ digest }) => digest)]);
  await Promise.all([...blobs].map((digest) => registry.linkBlob(repository, digest)));
  return registry.pushManifest(repository, { bytes: encodeManifest(manifest), mediaType: OCI.manifest });
}

async function pushIndex(
  registry: StoreRegistry,
  repository: string,
  manifests: Descriptor[],
  annotations: Manifest["annotations"],
): Promise<Descriptor> {
  const bytes = encodeImageIndex({
    schemaVersion: 2,
    mediaType: OCI.index,
    manifests,
    ...(annotations && { annotations }),
  });
  return registry.pushManifest(repository, { bytes, mediaType: OCI.index });
}

function platformOf({ result }: BuildPlan): Platform {
  return result.image.platform;
}

function withoutPlatform({ platform: _, ...descriptor }: Descriptor): Descriptor {
  return descriptor;
}

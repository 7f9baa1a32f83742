import type { Statement } from "../../schemas/attestations.ts";
import type { BuildResult } from "../../schemas/events.ts";
import type { BuildOptions } from "../../schemas/options.ts";
import { encodeImageConfig, type ImageConfig } from "../oci/config.ts";
import { blobKey } from "../oci/content-key.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { encodeImageIndex } from "../oci/image-index.ts";
import { dockerLayerType } from "../oci/layer-type.ts";
import { encodeManifest, type Manifest } from "../oci/manifest.ts";
import { DOCKER, OCI } from "../oci/media-types.ts";
import type { Platform } from "../oci/platform.ts";
import { InvalidReferenceError, parseReference } from "../oci/reference.ts";
import { displayRepository, type ImageName, isRepository, repositoryOf } from "../registry/names.ts";
import { StoreRegistry } from "../registry/store/store-registry.ts";
import type { Tree } from "../rootfs/tree.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { hexOf, sha256, sha256Hex } from "../streams/sha256.ts";
import type { Annotations } from "./annotations.ts";
import { pushAttestations } from "./attest/attestation-manifest.ts";
import { BuildError } from "./errors.ts";
import { FirstResults } from "./first-results.ts";
import type { BuildPlan } from "./plan/build-plan.ts";
import { imageConfig } from "./plan/image-config.ts";
import type { LayerRecord } from "./solve/step-cache.ts";

/** The repository of images without a name. */
const UNNAMED_REPOSITORY = "builds";

/**
 * Reads the image names of a build. A name keeps its host, unless that is this server.
 * @param own the host and port under which the client reached the server; without it, names are those of `ownTags`
 * @throws {BuildError} `name-invalid`
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
 * The image names of a build in a form that does not depend on the server's address.
 * @throws {BuildError} `name-invalid`
 */
export function ownTags(tags: readonly string[], own: string): string[] {
  return tags.map((text) => {
    const [name] = readImageNames([text], own) as [ImageName];
    const [same] = readImageNames([text]) as [ImageName];
    return same.repository === name.repository ? text : formatImageName(name);
  });
}

/** An image name for display. */
export function formatImageName({ repository, tag }: ImageName): string {
  return `${displayRepository(repository)}:${tag}`;
}

/** The scope that builds of one image share. Images without a name share one scope. */
export function scopeOf(names: readonly ImageName[]): string {
  return names[0]?.repository ?? "-";
}

/** The image of one platform before its config and manifest are written. */
export interface PlatformImage {
  plan: BuildPlan;
  /** All layers, base layers first. */
  layers: readonly LayerRecord[];
  /** One time for everything that the build created, RFC 3339. Undefined: each layer has its own time. */
  created: string | undefined;
  /** Opens the complete file tree. */
  tree(): Promise<Tree>;
}

/** Creates the requested statements about an image, with its names in all repositories. */
type Attest = (
  image: PlatformImage,
  manifest: Descriptor,
  names: readonly RepositoryNames[],
) => Promise<readonly Statement[]>;

/** Attaches the statements about an image to it in one repository. */
type Attach = (repository: string, manifest: Descriptor, statements: readonly Statement[]) => Promise<void>;

/** The tags of an image in one repository. */
export interface RepositoryNames {
  repository: string;
  tags: readonly string[];
}

interface ExportOptions extends Pick<BuildOptions, "byDigest" | "ociMediaTypes" | "attestations"> {
  annotations: Annotations;
  attest: Attest;
  attach: Attach;
}

/** Writes and tags configs and manifests. Creates an index for several platforms, and for attestations. */
export async function exportImage(
  store: ObjectStore,
  images: readonly PlatformImage[],
  names: readonly ImageName[],
  { annotations, attest, attach, byDigest, ociMediaTypes, attestations }: ExportOptions,
): Promise<BuildResult> {
  const types = ociMediaTypes ? ociTypes : dockerTypes;
  const dated = await Promise.all(images.map((image) => withConfig(store, image)));
  const configs = dated.map(({ config }) => config);
  await Promise.all(configs.map((config) => putBlob(store, config)));
  const repositories = new Set(names.map(({ repository }) => repository));
  if (repositories.size === 0) repositories.add(UNNAMED_REPOSITORY);
  const places = [...repositories].map((repository) => ({
    repository,
    tags: byDigest ? [] : names.filter((one) => one.repository === repository).map(({ tag }) => tag),
  }));
  const registry = new StoreRegistry(store);
  // Created once, so that the index is the same in all repositories.
  const statementsOf = new Map<PlatformImage, readonly Statement[]>();
  let result: Descriptor | undefined;
  for (const { repository, tags } of places) {
    const manifests: Descriptor[] = [];
    const attested: Descriptor[] = [];
    for (const image of dated) {
      const { plan, layers, config } = image;
      const platform = platformOf(plan);
      const manifest = await pushManifest(registry, repository, types, {
        config,
        layers,
        annotations: annotations.of("manifest", platform),
      });
      const described = annotations.of("manifest-descriptor", platform);
      manifests.push({ ...manifest, platform, ...(described && { annotations: described }) });
      const statements = statementsOf.get(image) ?? (await attest(image, manifest, places));
      statementsOf.set(image, statements);
      await attach(repository, manifest, statements);
      if (statements.length > 0 && attestations === "index")
        attested.push(await pushAttestations(store, repository, manifest, statements));
    }
    const listed = [...manifests, ...attested];
    result =
      listed.length === 1
        ? withoutPlatform(manifests[0] as Descriptor)
        : await pushIndex(registry, repository, types, listed, annotations.of("index"));
    for (const tag of tags) await registry.tag(repository, tag, result.digest);
  }
  const { mediaType, digest, size } = result as Descriptor;
  return {
    descriptor: { mediaType, digest, size },
    imageId: sha256(configs[0] as Uint8Array),
    repository: displayRepository([...repositories][0] as string),
    tags: byDigest ? [] : names.map(formatImageName),
  };
}

/**
 * An image with its config. When the registry has an image with the same layers whose config differs only in times,
 * that config is reused: see `FirstResults`.
 */
async function withConfig(
  store: ObjectStore,
  image: PlatformImage,
): Promise<PlatformImage & { config: Uint8Array }> {
  const config = imageConfig(image.plan.result, image.layers, image.created);
  if (image.created !== undefined) return { ...image, config: encodeImageConfig(config) };
  // The times of the base stay: a base with equal layers and other times is another input.
  const undated = imageConfig(
    image.plan.result,
    image.layers.map(({ diffId }) => ({ diffId })),
  );
  const name = sha256Hex(encodeImageConfig(undated));
  const first = await new FirstResults<ImageConfig>(store, async () => true).claim(`config-${name}`, config);
  return { ...image, created: first.created, config: encodeImageConfig(first) };
}

/** The media types of an image's parts. */
interface MediaTypes {
  index: string;
  manifest: string;
  config: string;
  /** @param type the OCI type of the layer */
  layer(type: string): string;
}

const ociTypes: MediaTypes = { ...OCI, layer: (type) => type };
const dockerTypes: MediaTypes = { ...DOCKER, index: DOCKER.manifestList, layer: dockerLayerType };

interface ManifestParts {
  config: Uint8Array;
  layers: readonly LayerRecord[];
  annotations: Manifest["annotations"];
}

async function putBlob(store: ObjectStore, bytes: Uint8Array): Promise<void> {
  const digest = sha256(bytes);
  await store.put(blobKey(digest), bytes, bytes.length, {
    ifAbsent: true,
    sha256: hexOf(digest),
  });
}

async function pushManifest(
  registry: StoreRegistry,
  repository: string,
  types: MediaTypes,
  { config, layers, annotations }: ManifestParts,
): Promise<Descriptor> {
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: types.manifest,
    config: { mediaType: types.config, digest: sha256(config), size: config.length },
    layers: layers.map(({ layer }) => ({ ...layer, mediaType: types.layer(layer.mediaType) })),
    ...(annotations && { annotations }),
  };
  await registry.linkBlobs(repository, [
    manifest.config.digest,
    ...manifest.layers.map(({ digest }) => digest),
  ]);
  return registry.pushManifest(repository, { bytes: encodeManifest(manifest), mediaType: types.manifest });
}

async function pushIndex(
  registry: StoreRegistry,
  repository: string,
  types: MediaTypes,
  manifests: Descriptor[],
  annotations: Manifest["annotations"],
): Promise<Descriptor> {
  const bytes = encodeImageIndex({
    schemaVersion: 2,
    mediaType: types.index,
    manifests,
    ...(annotations && { annotations }),
  });
  return registry.pushManifest(repository, { bytes, mediaType: types.index });
}

function platformOf({ result }: BuildPlan): Platform {
  return result.image.platform;
}

function withoutPlatform({ platform: _, ...descriptor }: Descriptor): Descriptor {
  return descriptor;
}

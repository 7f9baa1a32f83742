import type { EngineMessage } from "../../engine-api/build-messages.ts";
import { EngineError } from "../../engine-api/engine-error.ts";
import { readPlatformName } from "../../images/image.ts";
import { manifestKey } from "../../oci/content-key.ts";
import { DEFAULT_PLATFORM, type Platform } from "../../oci/platform.ts";
import { familiarReference, type Reference } from "../../oci/reference.ts";
import { shortId } from "../../progress/short-text.ts";
import { copyImage } from "../../registry/copy-image.ts";
import { isAbsent, RegistryError } from "../../registry/errors.ts";
import { ImageResolver, type ResolvedImage } from "../../registry/image-resolver.ts";
import { repositoryOf } from "../../registry/names.ts";
import { PullThrough } from "../../registry/pull-through.ts";
import type { RemoteRegistry } from "../../registry/remote/remote-registry.ts";
import { StoreRegistry } from "../../registry/store/store-registry.ts";
import { memoryCache } from "../../store/memory-cache.ts";
import { memoryStore } from "../../store/memory-store.ts";
import { worldOf } from "../world.ts";
import { type Engine, engineStream } from "./engine.ts";
import { credentialsOf, isOwnName, parseEngineReference, registryOf, remoteFor } from "./registries.ts";

/** Maximum number of tags per pull. */
const MAX_TAGS = 1000;

/** Source of the images of a pull. */
interface Source {
  resolve(reference: Reference): Promise<ResolvedImage>;
  /** Copies an image to a repository of this server. */
  copy(image: ResolvedImage, repository: string): AsyncGenerator<EngineMessage>;
}

/** `POST /images/create?fromImage=…`: copies an image of another registry, under the same name. */
export async function pullImage(engine: Engine): Promise<Response> {
  const { query } = engine;
  const named = parseEngineReference(query.get("fromImage") ?? "", query.get("tag") ?? "");
  const name = repositoryOf(named, engine.url.host);
  engine.require("push", name);
  const platform = query.get("platform") ? readPlatformName(query.get("platform") ?? "") : DEFAULT_PLATFORM;
  const source = sourceOf(engine, named, platform);
  const references = await referencesOf(engine, named);
  const [first] = references;
  if (first === undefined) throw new EngineError(404, `${familiarReference(named)} has no tags`);
  // If nothing can be pulled, respond with an error status instead of a message in the stream.
  const image = await source.resolve(first).catch(refuse);
  const messages = async function* (): AsyncGenerator<EngineMessage> {
    let hasNew = false;
    for (const reference of references) {
      const resolved = reference === first ? image : await source.resolve(reference);
      hasNew = (yield* pullOne(engine, source, reference, resolved)) || hasNew;
    }
    const result = hasNew ? "Downloaded newer image" : "Image is up to date";
    yield { status: `Status: ${result} for ${familiarReference(named)}` };
  };
  return engineStream(messages());
}

/** Same status as dockerd: 404 for an image that does not exist, 500 for a failing registry. */
function refuse(error: unknown): never {
  if (!(error instanceof RegistryError)) throw error;
  throw new EngineError([403, 404].includes(error.status) ? error.status : 500, error.message);
}

/** References to pull. A name without tag and digest means all tags, as in `docker pull -a`. */
async function referencesOf(engine: Engine, named: Reference): Promise<Reference[]> {
  if (named.tag !== undefined || named.digest !== undefined) return [named];
  const { registry, name } = registryOf(engine, named);
  const references: Reference[] = [];
  try {
    for await (const tag of registry.tags(name)) {
      if (references.length < MAX_TAGS) references.push({ ...named, tag });
    }
  } catch (error) {
    refuse(error);
  }
  return references;
}

/** @returns whether the image is new */
async function* pullOne(
  { store, url }: Engine,
  source: Source,
  reference: Reference,
  image: ResolvedImage,
): AsyncGenerator<EngineMessage, boolean> {
  const registry = new StoreRegistry(store);
  const name = repositoryOf(reference, url.host);
  yield { status: `Pulling from ${reference.path}`, id: reference.tag ?? image.digest };
  const isCurrent =
    (await digestOf(registry, name, reference.tag ?? image.manifestDigest)) === image.manifestDigest;
  if (!isCurrent) {
    yield* source.copy(image, name);
    const bytes = await store.getBytes(manifestKey(image.manifestDigest));
    if (bytes === undefined)
      throw new EngineError(
        500,
        `The manifest of ${familiarReference(reference)} was deleted during the pull`,
      );
    const { mediaType } = image.manifest;
    const tags = reference.tag === undefined ? [] : [reference.tag];
    await registry.pushManifest(name, { bytes, mediaType, digest: image.manifestDigest }, tags);
  }
  yield { status: `Digest: ${image.digest}` };
  return !isCurrent;
}

async function digestOf(
  registry: StoreRegistry,
  name: string,
  reference: string,
): Promise<string | undefined> {
  try {
    return (await registry.resolveManifest(name, reference)).digest;
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

/**
 * Without credentials, uses the copies that builds share. With credentials, copies the image only to the requested repository,
 * so that other callers cannot read it by digest.
 */
function sourceOf(engine: Engine, named: Reference, platform: Platform): Source {
  const { env, url, access, store } = engine;
  const credentials = credentialsOf(engine);
  const registry = new StoreRegistry(store);
  if (credentials === undefined || isOwnName(named, engine)) {
    const { images } = worldOf(env, url.host, access.canPull);
    return {
      resolve: (reference) => images.resolveImage(reference, platform, { fresh: true }),
      async *copy({ manifest, reference }, name) {
        for (const layer of [manifest.config, ...manifest.layers]) {
          const id = shortId(layer.digest);
          yield { status: "Pulling fs layer", id };
          await images.ensureBlob(reference, layer);
          await registry.linkBlobs(name, [layer.digest]);
          yield { status: "Pull complete", id };
        }
      },
    };
  }
  const remote = remoteFor(engine, named.host, credentials);
  return {
    resolve: (reference) => resolveRemote(remote, reference, platform),
    async *copy({ manifest, manifestDigest }, name) {
      for (const { digest } of manifest.layers) yield { status: "Pulling fs layer", id: shortId(digest) };
      const from = { registry: remote, name: named.path, reference: manifestDigest };
      await copyImage(from, { registry, name, reference: manifestDigest });
      for (const { digest } of manifest.layers) yield { status: "Pull complete", id: shortId(digest) };
    },
  };
}

/** Resolves an image. Manifests and configs are in memory only. */
function resolveRemote(
  remote: RemoteRegistry,
  reference: Reference,
  platform: Platform,
): Promise<ResolvedImage> {
  const store = memoryStore();
  const cache = memoryCache();
  const resolver = new ImageResolver({
    store,
    own: new StoreRegistry(store),
    remote: (host) => new PullThrough({ store, cache, remote, host }),
  });
  return resolver.resolveImage(reference, platform);
}

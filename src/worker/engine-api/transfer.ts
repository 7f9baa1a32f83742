import { readImageNames } from "../../engine/export.ts";
import { type Message, shortId } from "../../engine-api/build-messages.ts";
import { EngineError } from "../../engine-api/engine-error.ts";
import { readName } from "../../engine-api/find-image.ts";
import { archiveImages } from "../../images/archive.ts";
import { archivePlatform } from "../../images/archived-image.ts";
import { openImage, readPlatformName } from "../../images/image.ts";
import { loadImages } from "../../images/load.ts";
import { manifestKey } from "../../oci/content-key.ts";
import { isDigest } from "../../oci/digest.ts";
import { DEFAULT_PLATFORM } from "../../oci/platform.ts";
import {
  familiarReference,
  InvalidReferenceError,
  parseReference,
  type Reference,
} from "../../oci/reference.ts";
import { RegistryError } from "../../registry/errors.ts";
import { StoreRegistry } from "../../registry/store/store-registry.ts";
import { unnamedRepository } from "../access/demand.ts";
import { archiveName, archiveResponse } from "../images/archive.ts";
import { received } from "../received.ts";
import { worldOf } from "../world.ts";
import { type Engine, engineStream } from "./engine.ts";

/** `POST /images/create`: takes an image of another registry into a repository of this one. */
export async function pullImage(engine: Engine): Promise<Response> {
  const { query, url, store, env, access } = engine;
  if (query.has("fromSrc"))
    throw new EngineError(501, "Importing a file system as an image is not supported");
  const reference = readReference(query.get("fromImage") ?? "", query.get("tag") ?? "");
  const name = readName(familiarReference({ host: reference.host, path: reference.path }))?.name ?? "";
  engine.require("push", name);
  const world = worldOf(env, url.host, access.canPull);
  const platform = query.get("platform") ? readPlatformName(query.get("platform") ?? "") : DEFAULT_PLATFORM;
  const image = await world.images.resolveImage(reference, platform).catch((error: unknown) => {
    if (!(error instanceof RegistryError)) throw error;
    // Docker answers 404 for an image that does not exist, and 500 for a registry that fails.
    throw new EngineError([403, 404].includes(error.status) ? error.status : 500, error.message);
  });
  const shown = familiarReference(reference);
  const messages = async function* (): AsyncGenerator<Message> {
    yield { status: `Pulling from ${reference.path}`, id: reference.tag ?? image.digest };
    const registry = new StoreRegistry(store);
    const { manifest, manifestDigest } = image;
    for (const layer of [manifest.config, ...manifest.layers]) {
      yield { status: "Pulling fs layer", id: shortId(layer.digest) };
      await world.images.ensureBlob(image.reference, layer);
      await registry.linkBlob(name, layer.digest);
      yield { status: "Pull complete", id: shortId(layer.digest) };
    }
    const bytes = await store.getBytes(manifestKey(manifestDigest));
    if (bytes === undefined) throw new EngineError(500, `The manifest of ${shown} is gone`);
    const { mediaType } = manifest;
    const tags = reference.tag === undefined ? [] : [reference.tag];
    await registry.pushManifest(name, { bytes, mediaType, digest: manifestDigest }, tags);
    yield { status: `Digest: ${image.digest}` };
    yield { status: `Status: Downloaded newer image for ${shown}` };
  };
  return engineStream(messages());
}

/** `POST /images/{name}/push`: what is here is in the registry already; other registries are not pushed to. */
export async function pushImage(engine: Engine, text: string): Promise<Response> {
  const { host, path } = readReference(text, "");
  const tag = engine.query.get("tag") || "latest";
  const image = await engine.find(`${text}:${tag}`, "push");
  const messages = async function* (): AsyncGenerator<Message> {
    yield {
      status: `The push refers to repository [${host === "docker.io" ? engine.url.host : host}/${path}]`,
    };
    if (host !== engine.url.host && host !== "docker.io") {
      throw new EngineError(
        400,
        `Pushing to ${host} is not supported: images stay in the registry of this server`,
      );
    }
    const { descriptor, manifest, top } = await openImage(engine.store, image.name, image.reference);
    for (const { digest } of manifest.layers) yield { status: "Layer already exists", id: shortId(digest) };
    yield { status: `${tag}: digest: ${top.digest} size: ${top.size}` };
    yield { aux: { Tag: tag, Digest: top.digest, Size: top.size ?? descriptor.size } };
  };
  return engineStream(messages());
}

/** `POST /images/load` */
export async function loadArchive(engine: Engine): Promise<Response> {
  // What comes is stored before it tells its names.
  engine.access.requirePushSome();
  const { images } = await loadImages(engine.store, received(engine.request), {
    names: [],
    readName: (text) => readImageNames([text])[0] as { repository: string; tag: string },
    unnamed: unnamedRepository,
    authorize: (name) => engine.require("push", name),
  });
  const messages = async function* (): AsyncGenerator<Message> {
    for (const { name, tag, digest, imageId } of images) {
      yield {
        stream:
          tag === undefined ? `Loaded image ID: ${imageId ?? digest}\n` : `Loaded image: ${name}:${tag}\n`,
      };
    }
  };
  return engineStream(messages());
}

/** `GET /images/{name}/get`, `GET /images/get?names=…` */
export async function saveImages(engine: Engine, texts: readonly string[]): Promise<Response> {
  if (texts.length === 0) throw new EngineError(400, "No image was named");
  const archived = [];
  for (const text of texts) {
    const { name, reference, byId } = await engine.find(text);
    const names = byId || isDigest(reference) ? [] : [archiveName(`${name}:${reference}`)];
    const platform = engine.query.get("platform") || undefined;
    archived.push(await archivePlatform(engine.store, { name, reference }, platform, names));
  }
  return archiveResponse(await archiveImages(engine.store, archived, "docker"), engine.request.method);
}

function readReference(name: string, tag: string): Reference {
  try {
    const separator = isDigest(tag) ? "@" : ":";
    const reference = parseReference(tag === "" ? name : `${name}${separator}${tag}`);
    return reference.tag === undefined && reference.digest === undefined
      ? { ...reference, tag: "latest" }
      : reference;
  } catch (error) {
    if (!(error instanceof InvalidReferenceError)) throw error;
    throw new EngineError(400, error.message);
  }
}

import { formatImageName, readImageNames } from "../../engine/export.ts";
import type { EngineMessage } from "../../engine-api/build-messages.ts";
import { EngineError } from "../../engine-api/engine-error.ts";
import { archiveImages } from "../../images/archive.ts";
import { archivePlatform } from "../../images/archived-image.ts";
import { loadImages } from "../../images/load.ts";
import { isDigest } from "../../oci/digest.ts";
import { shortId } from "../../progress/short-text.ts";
import { copyImage } from "../../registry/copy-image.ts";
import { isAbsent } from "../../registry/errors.ts";
import { displayRepository, type ImageName, repositoryOf } from "../../registry/names.ts";
import { StoreRegistry } from "../../registry/store/store-registry.ts";
import { unnamedRepository } from "../access/requirement.ts";
import { archiveReceivers, layerCompressors } from "../builds/layer-segments.ts";
import { sentArchive } from "../http/uploaded-body.ts";
import { archiveName, archiveResponse } from "../images/archive.ts";
import { type Engine, engineStream } from "./engine.ts";
import { messagesOf } from "./message-queue.ts";
import { credentialsOf, isOwnName, parseEngineReference, remoteFor } from "./registries.ts";

/** Maximum number of tags per push or pull. */
const MAX_TAGS = 1000;

/** `POST /images/{name}/push`: pushes to the registry in the name. Images of this server are already in its registry. */
export async function pushImage(engine: Engine, text: string): Promise<Response> {
  const reference = parseEngineReference(text, engine.query.get("tag") ?? "");
  const name = repositoryOf(reference, engine.url.host);
  engine.require("push", name);
  const registry = new StoreRegistry(engine.store);
  const isOwn = isOwnName(reference, engine);
  const host = reference.host === "docker.io" ? engine.url.host : reference.host;
  const shown = `${host}/${reference.host === "docker.io" ? name : reference.path}`;
  const remote = isOwn ? undefined : remoteFor(engine, reference.host, credentialsOf(engine));
  return engineStream(
    messagesOf(async (emit) => {
      emit({ status: `The push refers to repository [${shown}]` });
      const tags = await tagsToPush(registry, name, reference.tag);
      for (const tag of tags) {
        const from = { registry, name, reference: tag };
        const { digest, size } =
          remote === undefined
            ? await registry.resolveManifest(name, tag)
            : await copyImage(
                from,
                { registry: remote, name: reference.path, reference: tag },
                pushOptions(emit),
              );
        emit({ status: `${tag}: digest: ${digest} size: ${size}` });
        emit({ aux: { Tag: tag, Digest: digest, Size: size } });
      }
    }),
  );
}

/** Options of a push that reports its progress. */
function pushOptions(emit: (message: EngineMessage) => void): Parameters<typeof copyImage>[2] {
  return {
    referrers: true,
    progress: {
      blob({ digest, size }, current) {
        const id = shortId(digest);
        if (current < size) emit({ status: "Pushing", id, progressDetail: { current, total: size } });
        else emit({ status: "Pushed", id });
      },
    },
  };
}

/** The tags to push: the given one, or all. @throws {EngineError} 404, with dockerd's message */
async function tagsToPush(
  registry: StoreRegistry,
  repository: string,
  tag: string | undefined,
): Promise<string[]> {
  const tags: string[] = [];
  try {
    for await (const known of registry.tags(repository)) if (tags.length < MAX_TAGS) tags.push(known);
    if (tag !== undefined && tags.length > 0) await registry.resolveManifest(repository, tag);
  } catch (error) {
    if (!isAbsent(error)) throw error;
    if (tags.length > 0)
      throw new EngineError(404, `tag does not exist: ${formatImageName({ repository, tag: tag ?? "" })}`);
  }
  if (tags.length > 0) return tag === undefined ? tags : [tag];
  throw new EngineError(
    404,
    `An image does not exist locally with the tag: ${displayRepository(repository)}`,
  );
}

/** `POST /images/load` */
export async function loadArchive(engine: Engine): Promise<Response> {
  // The archive is stored before its names are known.
  engine.access.requirePushSome();
  const own = engine.url.host;
  const { images } = await loadImages(engine.store, sentArchive(engine.request), {
    newReceiver: archiveReceivers(engine.env),
    newCompressor: layerCompressors(engine.env),
    names: [],
    readName: (text) => readImageNames([text], own)[0] as ImageName,
    unnamed: unnamedRepository,
    authorize: (name) => engine.require("push", name),
  });
  const messages = async function* (): AsyncGenerator<EngineMessage> {
    for (const { name: repository, tag, digest, imageId } of images) {
      const loaded =
        tag === undefined
          ? `Loaded image ID: ${imageId ?? digest}`
          : `Loaded image: ${formatImageName({ repository, tag })}`;
      yield { stream: `${loaded}\n` };
    }
  };
  return engineStream(messages());
}

/** `GET /images/{name}/get`, `GET /images/get?names=…` */
export async function saveImages(engine: Engine, texts: readonly string[]): Promise<Response> {
  if (texts.length === 0) throw new EngineError(400, "The request has no image names");
  const archived = [];
  for (const text of texts) {
    const { name, reference, byId } = await engine.find(text);
    const hasName = byId === undefined && !isDigest(reference);
    const names = hasName ? [archiveName(formatImageName({ repository: name, tag: reference }))] : [];
    const platform = engine.query.get("platform") || undefined;
    archived.push(await archivePlatform(engine.store, { name, reference }, platform, names));
  }
  return archiveResponse(await archiveImages(engine.store, archived, "docker"), engine.request.method);
}

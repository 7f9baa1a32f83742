import { readDockerfile } from "../../dockerfile/instructions.ts";
import { readImageNames } from "../../engine/export.ts";
import { plan } from "../../engine/plan/evaluate.ts";
import { imageConfig } from "../../engine/plan/image-config.ts";
import { formatConfigTime } from "../../engine/times.ts";
import { EngineError } from "../../engine-api/engine-error.ts";
import { readPlatformName } from "../../images/image.ts";
import { verifyForeignLayer } from "../../images/verify-layer.ts";
import { compressSent } from "../../layers/recompress.ts";
import type { SentArchive } from "../../layers/sent-archive.ts";
import { encodeImageConfig, type ImageConfig } from "../../oci/config.ts";
import { encodeManifest } from "../../oci/manifest.ts";
import { OCI } from "../../oci/media-types.ts";
import { DEFAULT_PLATFORM } from "../../oci/platform.ts";
import { withOpenUpload } from "../../registry/store/open-uploads.ts";
import { StoreRegistry } from "../../registry/store/store-registry.ts";
import { chunks } from "../../streams/chunks.ts";
import { sha256 } from "../../streams/sha256.ts";
import { singleChunk } from "../../streams/single-chunk.ts";
import { unnamedRepository } from "../access/requirement.ts";
import { layerCompressors } from "../builds/layer-segments.ts";
import { sentArchive } from "../http/uploaded-body.ts";
import { worldOf } from "../world.ts";
import { type Engine, engineStream, targetOf } from "./engine.ts";

/** Instructions that docker documents for changes to the config of an imported image. */
const changes =
  /^\s*(?:cmd|entrypoint|env|expose|healthcheck|label|onbuild|stopsignal|user|volume|workdir)\s/i;

/** `POST /images/create?fromSrc=…`: creates an image from a file system, like `docker import`. */
export async function importImage(engine: Engine): Promise<Response> {
  const { query, url, store } = engine;
  const source = query.get("fromSrc") ?? "";
  const target = targetOf(query);
  const names = target === "" ? [] : readImageNames([target], url.host);
  const repository = names[0]?.repository ?? unnamedRepository;
  engine.require("push", repository);
  const config = await configOf(query, source);
  const registry = new StoreRegistry(store);
  const id = await withOpenUpload(store, async () => {
    const layer = await compressSent(store, await open(engine, source), layerCompressors(engine.env));
    await verifyForeignLayer(store, layer);
    const { digest, size, mediaType, diffId } = layer;
    const bytes = encodeImageConfig({ ...config, rootfs: { type: "layers", diff_ids: [diffId] } });
    const blob = { digest: sha256(bytes), size: bytes.length };
    await registry.pushBlob(repository, blob, () => Promise.resolve(singleChunk(bytes)));
    await registry.linkBlobs(repository, [digest]);
    const manifest = encodeManifest({
      schemaVersion: 2,
      mediaType: OCI.manifest,
      config: { mediaType: OCI.config, ...blob },
      layers: [{ mediaType, digest, size }],
    });
    const tags = names.map(({ tag }) => tag);
    await registry.pushManifest(repository, { bytes: manifest, mediaType: OCI.manifest }, tags);
    return blob.digest;
  });
  return engineStream(
    (async function* () {
      yield { status: id };
    })(),
  );
}

/** Resolver for an image without a base. */
const noImages = { resolveImage: async () => undefined };

/** The config that the parameters describe, without its layer. @throws {EngineError | DockerfileError} */
async function configOf(query: URLSearchParams, source: string): Promise<ImageConfig> {
  const lines = query.getAll("changes");
  for (const line of lines) {
    if (!changes.test(line))
      throw new EngineError(400, `${line.trim().split(/\s/)[0]} is not a valid change command`);
  }
  const platform = query.get("platform") ? readPlatformName(query.get("platform") ?? "") : DEFAULT_PLATFORM;
  const planned = await plan(
    readDockerfile(`FROM scratch\n${lines.join("\n")}\n`, {}),
    { platform },
    noImages,
  );
  const created = formatConfigTime(Date.now());
  const comment = query.get("message") || `Imported from ${source}`;
  const { config } = imageConfig(planned.result, [], created);
  return {
    ...platform,
    config,
    created,
    history: [{ created, comment }],
    rootfs: { type: "layers", diff_ids: [] },
  };
}

/** Opens the archive: the request body, or the content of a URL. @throws {EngineError} */
async function open({ env, url, access, request }: Engine, source: string): Promise<SentArchive> {
  if (source === "-") return sentArchive(request);
  const address = source.includes("://") ? source : `http://${source}`;
  const response = await worldOf(env, url.host, access.canPull)
    .fetch(address)
    .catch((error: Error) => {
      throw new EngineError(400, error.message);
    });
  if (response.ok && response.body !== null) {
    // No front limits its size.
    const maxSize = Number.POSITIVE_INFINITY;
    return { bytes: chunks(response.body as ReadableStream<Uint8Array>), maxSize };
  }
  await response.body?.cancel();
  throw new EngineError(400, `Cannot import ${address}: its server responded with status ${response.status}`);
}

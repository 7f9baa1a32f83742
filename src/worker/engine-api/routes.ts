import type { ImageSummary } from "../../../schemas/images.ts";
import { pruneOptions } from "../../../schemas/usage.ts";
import { readImageNames } from "../../engine/export.ts";
import { BuildMessages, type Message } from "../../engine-api/build-messages.ts";
import { buildQueryOf } from "../../engine-api/build-options.ts";
import { historyDocument, imageDocument, imageEntries } from "../../engine-api/documents.ts";
import { EngineError } from "../../engine-api/engine-error.ts";
import { passes, readFilters } from "../../engine-api/filters.ts";
import type { EngineRequest } from "../../engine-api/request.ts";
import { enginePath, parseEngineRequest } from "../../engine-api/request.ts";
import { ENGINE_HEADERS, infoDocument, versionDocument } from "../../engine-api/server-documents.ts";
import { tagImage } from "../../images/copy-image.ts";
import { inspectImage, tagsOf } from "../../images/inspect.ts";
import { listImages } from "../../images/list.ts";
import { isDigest } from "../../oci/digest.ts";
import { Repository } from "../../registry/repository.ts";
import { AccessError } from "../access/denial.ts";
import type { RequestAccess } from "../access/request-access.ts";
import { beginBuild, buildPermit, followBuild } from "../builds.ts";
import { collectorOf } from "../collector-object.ts";
import type { Env } from "../environment.ts";
import { explain } from "../full-disk.ts";
import { problemOf } from "../problem.ts";
import { pruneRules } from "../prune.ts";
import { Engine, emptyEngineAnswer, engineJson, engineStream } from "./engine.ts";
import { loadArchive, pullImage, pushImage, saveImages } from "./transfer.ts";

/** Images of one list, and of a page of them. */
const mostImages = 100_000;
const page = 1000;
/** A request to remove waits so long for the end. */
const pruneMilliseconds = 60_000;

/** Docker's Engine API, as far as it is about images and builds. Undefined for a path that is not of it. */
export async function serveEngine(
  request: Request,
  env: Env,
  access: RequestAccess,
): Promise<Response | undefined> {
  const path = enginePath(new URL(request.url).pathname);
  if (path === undefined) return undefined;
  try {
    const asked = parseEngineRequest(request.method, path);
    if (asked === undefined) {
      const what = `${request.method} ${path}`;
      throw new EngineError(
        501,
        `${what} is not supported: this server builds and keeps images, and runs nothing`,
      );
    }
    return await answer(asked, new Engine(request, env, access));
  } catch (error) {
    return failure(await explain(error, env));
  }
}

async function answer(asked: EngineRequest, engine: Engine): Promise<Response> {
  switch (asked.kind) {
    case "ping":
      return new Response(engine.request.method === "HEAD" ? null : "OK", {
        headers: { ...ENGINE_HEADERS, "cache-control": "no-cache, no-store, must-revalidate" },
      });
    case "version":
      return engineJson(versionDocument);
    case "info":
      return engineJson(infoDocument(engine.url.host, imageEntries(await allImages(engine)).length));
    case "build":
      return build(engine);
    case "build-prune":
      return buildPrune(engine);
    case "list":
      return list(engine);
    case "create":
      return pullImage(engine);
    case "load":
      return loadArchive(engine);
    case "prune":
      return prune(engine);
    case "search":
      return search(engine);
    case "save-many":
      return saveImages(engine, engine.query.getAll("names"));
    case "save":
      return saveImages(engine, [asked.image]);
    case "inspect":
      return engineJson(imageDocument(await inspection(engine, asked.image)));
    case "history":
      return history(engine, asked.image);
    case "push":
      return pushImage(engine, asked.image);
    case "tag":
      return tag(engine, asked.image);
    case "remove":
      return remove(engine, asked.image);
  }
}

async function build({ request, url, query, env, access }: Engine): Promise<Response> {
  const asked = new URL(url);
  asked.search = buildQueryOf(query).toString();
  const body = new Request(request, { headers: withoutType(request.headers) });
  const begun = await beginBuild(body, asked, env, access);
  if ("checked" in begun) throw new EngineError(400, "Only linting is not supported");
  const { build: stub, record } = begun;
  const permit = buildPermit(request, env, record);
  const isQuiet = query.get("q") === "1" || query.get("q") === "true";
  const messages = async function* (): AsyncGenerator<Message> {
    const rendered = new BuildMessages();
    for await (const event of followBuild(stub, 0, permit)) {
      if (!isQuiet || event.type === "error") yield* rendered.of(event);
      else if (event.type === "result") yield { stream: `${event.imageId}\n` };
    }
  };
  return engineStream(messages());
}

/** The body of a build is a tar here, whatever a client calls it. */
function withoutType(headers: Headers): Headers {
  const kept = new Headers(headers);
  kept.set("content-type", "application/x-tar");
  return kept;
}

async function list(engine: Engine): Promise<Response> {
  const known = ["dangling", "reference", "label"];
  const filters = readFilters(engine.query.get("filters"), known);
  const images = await allImages(engine, filters.has("dangling"));
  return engineJson(imageEntries(images.filter((image) => passes(image, filters))));
}

async function allImages({ store, findOptions }: Engine, untagged = false): Promise<ImageSummary[]> {
  const { cache, canPull } = findOptions;
  const images: ImageSummary[] = [];
  for (let last: string | undefined; images.length < mostImages; ) {
    const found = await listImages(store, cache, { n: page, last, untagged, isVisible: canPull });
    images.push(...found.images);
    if (found.next === undefined) break;
    last = found.next;
  }
  return images;
}

async function search(engine: Engine): Promise<Response> {
  const term = (engine.query.get("term") ?? "").toLowerCase();
  const names = new Set((await allImages(engine)).map(({ name }) => name));
  const found = [...names].filter((name) => name.includes(term));
  return engineJson(
    found.map((name) => ({ name, description: "", star_count: 0, is_official: false, is_automated: false })),
  );
}

async function inspection(engine: Engine, text: string) {
  const { name, reference } = await engine.find(text);
  return inspectImage(engine.store, name, reference, engine.query.get("platform") || undefined);
}

async function history(engine: Engine, text: string): Promise<Response> {
  const { history: rows, imageId, name, tags } = await inspection(engine, text);
  return engineJson(
    historyDocument(
      rows,
      imageId,
      tags.map((tagged) => `${name}:${tagged}`),
    ),
  );
}

async function tag(engine: Engine, text: string): Promise<Response> {
  const { name, reference } = await engine.find(text);
  const names = readImageNames([`${engine.query.get("repo") ?? ""}:${engine.query.get("tag") || "latest"}`]);
  for (const { repository } of names) engine.require("push", repository);
  await tagImage(engine.store, { name, reference }, names);
  return emptyEngineAnswer(201);
}

/** A tag leaves its image, which a prune takes; an id or a digest takes the image, with all its tags. */
async function remove(engine: Engine, text: string): Promise<Response> {
  const { name, reference, byId } = await engine.find(text, "delete");
  const repository = new Repository(engine.store, name);
  if (!byId && !isDigest(reference)) {
    await repository.deleteTag(reference);
    return engineJson([{ Untagged: `${name}:${reference}` }]);
  }
  const { digest } = await repository.resolve(reference);
  const tags = await tagsOf(engine.store, name, digest);
  await repository.deleteManifest(digest);
  return engineJson([...tags.map((tagged) => ({ Untagged: `${name}:${tagged}` })), { Deleted: digest }]);
}

async function prune(engine: Engine): Promise<Response> {
  const filters = readFilters(engine.query.get("filters"), ["dangling", "until"]);
  if (filters.get("dangling")?.some((value) => value === "false" || value === "0")) {
    throw new EngineError(
      400,
      "Removing images that have a tag is not supported: say to /v1/prune which may go",
    );
  }
  const { manifests, total } = await collect(engine, { untagged: filters.get("until")?.[0] ?? "0s" });
  const deleted = manifests.map((manifest) => ({ Deleted: manifest.slice(manifest.indexOf("@") + 1) }));
  return engineJson({ ImagesDeleted: deleted, SpaceReclaimed: total.bytes });
}

async function buildPrune(engine: Engine): Promise<Response> {
  const filters = readFilters(engine.query.get("filters"), ["until", "unused-for"]);
  const unused = filters.get("until")?.[0] ?? filters.get("unused-for")?.[0] ?? "0s";
  const { total } = await collect(engine, { unused });
  return engineJson({ CachesDeleted: [], SpaceReclaimed: total.bytes });
}

function collect({ env }: Engine, options: { untagged?: string; unused?: string }) {
  const rules = pruneRules(pruneOptions.parse({ grace: "1m", ...options }), Date.now());
  return collectorOf(env).start(rules, pruneMilliseconds);
}

/** What went wrong, as a daemon says it. */
function failure(error: unknown): Response {
  // The gate says what to show.
  if (error instanceof AccessError) throw error;
  if (error instanceof EngineError) return engineJson({ message: error.message }, error.status);
  const { status, detail, title, hint } = problemOf(error);
  // docker shows the message alone.
  const words = status === 507 && hint !== undefined ? `${detail ?? title}. ${hint}` : (detail ?? title);
  return engineJson({ message: words }, status);
}

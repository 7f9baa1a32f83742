import {
  BuildMessages,
  type EngineMessage,
  errorMessage,
  failureText,
} from "../../engine-api/build-messages.ts";
import { BUILDKIT_ADVICE, convertBuildQuery } from "../../engine-api/build-options.ts";
import { EngineError } from "../../engine-api/engine-error.ts";
import type { EngineRequest } from "../../engine-api/request.ts";
import { enginePath, parseEngineRequest } from "../../engine-api/request.ts";
import { ENGINE_HEADERS, infoDocument, versionDocument } from "../../engine-api/server-documents.ts";
import { FRONT_BUILD } from "../../store/front-protocol.ts";
import { AccessError } from "../access/denial.ts";
import type { RequestAccess } from "../access/request-access.ts";
import { buildObject } from "../builds/build-service.ts";
import { buildPermit, followBuild } from "../builds/follow-build.ts";
import { startOrJoinBuild } from "../builds/start-build.ts";
import type { Env } from "../environment.ts";
import { explainFullDisk } from "../http/full-disk.ts";
import { problemOf } from "../http/problem.ts";
import { Engine, engineJson, engineStream } from "./engine.ts";
import {
  countImages,
  serveDiskUsage,
  serveHistory,
  serveImage,
  serveImageList,
  serveRemoval,
  serveSearch,
  serveTag,
} from "./images.ts";
import { importImage } from "./import.ts";
import { pruneCache, pruneImages, pruneOthers } from "./prune.ts";
import { pullImage } from "./pull.ts";
import { distribution, login, parseEngineReference } from "./registries.ts";
import { loadArchive, pushImage, saveImages } from "./transfer.ts";

/** Requests of buildx and docker for BuildKit builds. These need a connection that a Worker cannot serve. */
const buildKitPath = /^\/(?:containers\/buildx_buildkit|session$|grpc$)/;

/** Serves the image and build routes of docker's Engine API. Undefined for other paths. */
export async function serveEngine(
  request: Request,
  env: Env,
  access: RequestAccess,
): Promise<Response | undefined> {
  const path = enginePath(new URL(request.url).pathname);
  if (path === undefined) return undefined;
  try {
    const parsed = parseEngineRequest(request.method, path);
    if (parsed === undefined) {
      if (buildKitPath.test(path)) throw new EngineError(501, BUILDKIT_ADVICE);
      const what = `${request.method} ${path}`;
      throw new EngineError(
        501,
        `${what} is not supported: this server has images and builds only. To run an image, use varve run`,
      );
    }
    return await serve(parsed, new Engine(request, env, access));
  } catch (error) {
    return failure(await explainFullDisk(error, env));
  }
}

async function serve(parsed: EngineRequest, engine: Engine): Promise<Response> {
  switch (parsed.kind) {
    case "ping":
      return new Response(engine.request.method === "HEAD" ? null : "OK", {
        headers: {
          ...ENGINE_HEADERS,
          "content-type": "text/plain; charset=utf-8",
          "cache-control": "no-cache, no-store, must-revalidate",
        },
      });
    case "version":
      return engineJson(versionDocument);
    case "info":
      return engineJson(infoDocument(engine.url.host, await countImages(engine), Date.now()));
    case "build":
      return build(engine);
    case "build-prune":
      return pruneCache(engine);
    case "list":
      return serveImageList(engine);
    case "create":
      return engine.query.has("fromSrc") ? importImage(engine) : pullImage(engine);
    case "load":
      return loadArchive(engine);
    case "prune":
      return pruneImages(engine);
    case "search":
      return serveSearch(engine);
    case "save-many":
      return saveImages(engine, engine.query.getAll("names"));
    case "save":
      return saveImages(engine, [parsed.image]);
    case "inspect":
      return serveImage(engine, parsed.image);
    case "history":
      return serveHistory(engine, parsed.image);
    case "push":
      return pushImage(engine, parsed.image);
    case "tag":
      return serveTag(engine, parsed.image);
    case "remove":
      return serveRemoval(engine, parsed.image);
    case "usage":
      return serveDiskUsage(engine);
    case "prune-others":
      return pruneOthers(parsed.what);
    case "login":
      return login(engine);
    case "distribution":
      return distribution(engine, parsed.image);
  }
}

async function build({ request, url, query, env, access }: Engine): Promise<Response> {
  // Throws dockerd's error message for an invalid name.
  for (const name of query.getAll("t")) parseEngineReference(name, "");
  const address = new URL(url);
  address.search = convertBuildQuery(query).toString();
  const body = new Request(request, { headers: withoutType(request.headers) });
  const started = await startOrJoinBuild(body, address, env, access, { prefersOwn: true }).catch(
    buildFailure,
  );
  if (started instanceof Response) return started;
  if ("checked" in started) throw new EngineError(400, "Linting without a build is not supported");
  const { record } = started;
  const permit = buildPermit(request, env, record);
  const isQuiet = query.get("q") === "1" || query.get("q") === "true";
  const messages = async function* (): AsyncGenerator<EngineMessage> {
    const rendered = new BuildMessages();
    for await (const event of followBuild(() => buildObject(env, record.id), 0, permit)) {
      if (!isQuiet || event.type === "error") yield* rendered.add(event);
      else if (event.type === "result") yield { stream: `${event.imageId}\n` };
    }
  };
  // dockerd cancels the build of a client that disconnects. The runtime reports no disconnection, so the front does.
  return engineStream(messages(), env.VARVE_FRONT_SECRET ? { [FRONT_BUILD]: record.id } : {});
}

/** Errors that dockerd reports in the stream, because it detects them while it executes a step. */
const stepFaults = new Set([
  "archive-unreadable",
  "base-unavailable",
  "copy-failed",
  "download-failed",
  "run-unsupported",
  "source-not-found",
]);

function buildFailure(error: unknown): Response {
  if (error instanceof AccessError) throw error;
  const problem = problemOf(error);
  if (!stepFaults.has(problem.code)) throw error;
  return engineStream(
    (async function* () {
      yield errorMessage(failureText(problem));
    })(),
  );
}

/** Replaces the content type, because the body of a build is always a tar here. */
function withoutType(headers: Headers): Headers {
  const kept = new Headers(headers);
  kept.set("content-type", "application/x-tar");
  return kept;
}

/** An error in the format of dockerd. */
function failure(error: unknown): Response {
  // The gate adds the challenge.
  if (error instanceof AccessError) throw error;
  if (error instanceof EngineError) return engineJson({ message: error.message }, error.status);
  const { status, detail, title, hint } = problemOf(error);
  // docker shows only the message.
  const words = status === 507 && hint !== undefined ? `${detail ?? title}. ${hint}` : (detail ?? title);
  return engineJson({ message: words }, status);
}

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
import { AccessError } from "../access/denial.ts";
import type { RequestAccess } from "../access/request-access.ts";
import { buildObject } from "../builds/build-service.ts";
import { beginBuild, buildPermit, followBuild } from "../builds/routes.ts";
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
    const asked = parseEngineRequest(request.method, path);
    if (asked === undefined) {
      if (buildKitPath.test(path)) throw new EngineError(501, BUILDKIT_ADVICE);
      const what = `${request.method} ${path}`;
      throw new EngineError(
        501,
        `${what} is not supported: this server has images and builds only. To run an image, use varve run`,
      );
    }
    return await answer(asked, new Engine(request, env, access));
  } catch (error) {
    return failure(await explainFullDisk(error, env));
  }
}

async function answer(asked: EngineRequest, engine: Engine): Promise<Response> {
  switch (asked.kind) {
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
      return saveImages(engine, [asked.image]);
    case "inspect":
      return serveImage(engine, asked.image);
    case "history":
      return serveHistory(engine, asked.image);
    case "push":
      return pushImage(engine, asked.image);
    case "tag":
      return serveTag(engine, asked.image);
    case "remove":
      return serveRemoval(engine, asked.image);
    case "usage":
      return serveDiskUsage(engine);
    case "prune-others":
      return pruneOthers(asked.what);
    case "login":
      return login(engine);
    case "distribution":
      return distribution(engine, asked.image);
  }
}

async function build({ request, url, query, env, access }: Engine): Promise<Response> {
  // Throws dockerd's error message for an invalid name.
  for (const name of query.getAll("t")) parseEngineReference(name, "");
  const asked = new URL(url);
  asked.search = convertBuildQuery(query).toString();
  const body = new Request(request, { headers: withoutType(request.headers) });
  const begun = await beginBuild(body, asked, env, access, { prefersOwn: true }).catch(buildFailure);
  if (begun instanceof Response) return begun;
  if ("checked" in begun) throw new EngineError(400, "Only linting is not supported");
  const { record } = begun;
  const permit = buildPermit(request, env, record);
  const isQuiet = query.get("q") === "1" || query.get("q") === "true";
  const messages = async function* (): AsyncGenerator<EngineMessage> {
    const rendered = new BuildMessages();
    for await (const event of followBuild(() => buildObject(env, record.id), 0, permit)) {
      if (!isQuiet || event.type === "error") yield* rendered.add(event);
      else if (event.type === "result") yield { stream: `${event.imageId}\n` };
    }
  };
  return engineStream(messages());
}

/** Errors that dockerd detects while it executes a step, and reports in the stream. */
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

/** Removes the content type: the body of a build is always a tar here. */
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

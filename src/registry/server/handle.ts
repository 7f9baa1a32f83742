import { RegistryError } from "../errors.ts";
import type { Registry } from "../registry.ts";
import { serveBlob } from "./blobs.ts";
import { drainBody } from "./incoming.ts";
import { listReferrers, listRepositories, listTags } from "./lists.ts";
import { serveManifest } from "./manifests.ts";
import { parseRegistryRequest, type RegistryRequest } from "./request.ts";
import { errorResponse, jsonResponse } from "./responses.ts";
import { finishUpload, mountBlob, serveUpload, startUpload } from "./uploads.ts";

interface ServerOptions {
  /** Whether shared caches may store a repository's responses. Default: all of them. */
  isPublic?: (name: string) => boolean;
}

/** Handles a request to `/v2/`: distribution-spec 1.1. Throws errors that are not a `RegistryError`. */
export async function handleRegistry(
  request: Request,
  registry: Registry,
  { isPublic = () => true }: ServerOptions = {},
): Promise<Response> {
  try {
    const parsed = parseRegistryRequest(request.method, new URL(request.url));
    if (parsed === undefined) throw new RegistryError("NAME_UNKNOWN", "no such endpoint");
    const response = await answer(parsed, request, registry, isPublic);
    response.headers.set("Docker-Distribution-API-Version", "registry/2.0");
    return response;
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    await drainBody(request);
    return errorResponse(error, request.method);
  }
}

async function answer(
  parsed: RegistryRequest,
  request: Request,
  registry: Registry,
  isPublic: (name: string) => boolean,
): Promise<Response> {
  switch (parsed.kind) {
    case "base":
      return jsonResponse({}, request.method);
    case "manifest":
      return serveManifest(parsed, request, registry, isPublic(parsed.name));
    case "blob":
      return serveBlob(parsed, request, registry, isPublic(parsed.name));
    case "start-upload":
      return startUpload(parsed, request, registry);
    case "mount":
      return mountBlob(parsed, registry);
    case "upload":
      return serveUpload(parsed, request, registry);
    case "finish-upload":
      return finishUpload(parsed, request, registry);
    case "tags":
      return listTags(parsed, request, registry);
    case "catalog":
      return listRepositories(parsed, request, registry);
    case "referrers":
      return listReferrers(parsed, request, registry);
  }
}

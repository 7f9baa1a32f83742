import { isStoreFull, type ObjectStore } from "../store/object-store.ts";
import { jsonAnswer } from "./answers.ts";
import { errorResponse, RegistryError, storageFull } from "./errors.ts";
import { passOver } from "./incoming.ts";
import { parseRegistryRequest, type RegistryRequest } from "./request.ts";
import { serveBlob } from "./serve-blobs.ts";
import { listReferrers, listRepositories, listTags } from "./serve-lists.ts";
import { serveManifest } from "./serve-manifests.ts";
import { finishUpload, mountBlob, serveUpload, startUpload } from "./serve-uploads.ts";

/** What the distribution API is served from. */
export interface RegistryOptions {
  store: ObjectStore;
  /** Whether the sender of the request may see a repository that its path does not name; by default every one. */
  canPull?: (name: string) => boolean;
  /** Whether everybody may pull from a repository, so that whatever stands between may keep it; by default. */
  isPublic?: (name: string) => boolean;
}

/** Answers a request to `/v2/`: distribution-spec 1.1. Unexpected errors are thrown. */
export async function handleRegistry(request: Request, options: RegistryOptions): Promise<Response> {
  try {
    const asked = parseRegistryRequest(request.method, new URL(request.url));
    if (asked === undefined) throw new RegistryError("NAME_UNKNOWN", "no such endpoint");
    const response = await answer(asked, request, options);
    response.headers.set("Docker-Distribution-API-Version", "registry/2.0");
    return response;
  } catch (thrown) {
    const error = isStoreFull(thrown) ? storageFull() : thrown;
    if (!(error instanceof RegistryError)) throw error;
    await passOver(request);
    return errorResponse(error, request.method);
  }
}

const everyOne = () => true;

async function answer(
  asked: RegistryRequest,
  request: Request,
  { store, canPull = everyOne, isPublic = everyOne }: RegistryOptions,
): Promise<Response> {
  switch (asked.kind) {
    case "base":
      return jsonAnswer({}, request.method);
    case "manifest":
      return serveManifest(asked, request, store, isPublic(asked.name));
    case "blob":
      return serveBlob(asked, request, store, isPublic(asked.name));
    case "start-upload":
      return startUpload(asked, request, store);
    case "mount":
      return mountBlob(asked, store, canPull);
    case "upload":
      return serveUpload(asked, request, store);
    case "finish-upload":
      return finishUpload(asked, request, store);
    case "tags":
      return listTags(asked, request, store);
    case "catalog":
      return listRepositories(asked, request, store, canPull);
    case "referrers":
      return listReferrers(asked, request, store);
  }
}

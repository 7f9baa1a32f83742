import { isDigest } from "../../oci/digest.ts";
import { MAX_DOCUMENT } from "../../oci/document.ts";
import type { ObjectStore } from "../../store/object-store.ts";
import { collect, TooLargeError } from "../../streams/collect.ts";
import { RegistryError } from "../errors.ts";
import { Repository } from "../store/store-registry.ts";
import { emptyAnswer, immutable, isNotModified } from "./answers.ts";
import { incomingOf } from "./incoming.ts";
import type { Asked } from "./request.ts";

/** end-3, end-7, end-9 */
export async function serveManifest(
  asked: Asked<"manifest">,
  request: Request,
  store: ObjectStore,
  isPublic: boolean,
): Promise<Response> {
  const repository = new Repository(store, asked.name);
  switch (asked.action) {
    case "get":
    case "head":
      return getManifest(asked, request, repository, isPublic);
    case "put":
      return putManifest(asked, request, repository);
    case "delete":
      if (isDigest(asked.reference)) await repository.deleteManifest(asked.reference);
      else await repository.deleteTag(asked.reference);
      return emptyAnswer(202);
  }
}

async function getManifest(
  { action, reference }: Asked<"manifest">,
  request: Request,
  repository: Repository,
  isPublic: boolean,
): Promise<Response> {
  const descriptor = await repository.resolve(reference);
  const etag = `"${descriptor.digest}"`;
  const headers = {
    "Docker-Content-Digest": descriptor.digest,
    ETag: etag,
    // A tag moves. Without no-transform JSON would be compressed on the way and lose its length.
    "Cache-Control": reference === descriptor.digest ? immutable(isPublic) : "no-cache, no-transform",
  };
  if (isNotModified(request, etag)) return new Response(null, { status: 304, headers });
  return new Response(action === "head" ? null : await repository.manifest(descriptor), {
    headers: {
      ...headers,
      "Content-Type": descriptor.mediaType,
      "Content-Length": String(descriptor.size),
    },
  });
}

async function putManifest(
  { name, reference, tags = [] }: Asked<"manifest">,
  request: Request,
  repository: Repository,
): Promise<Response> {
  const mediaType = request.headers.get("Content-Type")?.split(";")[0]?.trim() ?? "";
  const byDigest = isDigest(reference) ? reference : undefined;
  const { digest, subject } = await repository.putManifest(await bodyOf(request), mediaType, byDigest);
  const wanted = byDigest === undefined ? [reference] : tags;
  for (const tag of wanted) await repository.tag(tag, digest);
  return emptyAnswer(201, {
    Location: `/v2/${name}/manifests/${digest}`,
    "Docker-Content-Digest": digest,
    ...(subject !== undefined && { "OCI-Subject": subject }),
    ...(tags.length > 0 && { "OCI-Tag": tags.join(", ") }),
  });
}

async function bodyOf(request: Request): Promise<Uint8Array> {
  const incoming = incomingOf(request);
  if (incoming === undefined) throw new RegistryError("MANIFEST_INVALID", "the request has no body");
  try {
    if ((incoming.size ?? 0) > MAX_DOCUMENT) throw new TooLargeError(MAX_DOCUMENT);
    return await collect(incoming.source, MAX_DOCUMENT);
  } catch (error) {
    if (!(error instanceof TooLargeError)) throw error;
    throw new RegistryError("MANIFEST_TOO_LARGE", `a manifest may have ${MAX_DOCUMENT} bytes`);
  }
}

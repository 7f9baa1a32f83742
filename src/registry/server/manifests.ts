import { isDigest } from "../../oci/digest.ts";
import { MAX_DOCUMENT } from "../../oci/document.ts";
import { collect, TooLargeError } from "../../streams/collect.ts";
import { RegistryError } from "../errors.ts";
import type { Registry } from "../registry.ts";
import { incomingOf } from "./incoming.ts";
import type { RequestOf } from "./request.ts";
import { emptyResponse, immutableCacheControl, isNotModified, resourceAddress } from "./responses.ts";

/** end-3, end-7, end-9 */
export async function serveManifest(
  parsed: RequestOf<"manifest">,
  request: Request,
  registry: Registry,
  isPublic: boolean,
): Promise<Response> {
  const { action, name, reference } = parsed;
  switch (action) {
    case "get":
    case "head":
      return getManifest(parsed, request, registry, isPublic);
    case "put":
      return putManifest(parsed, request, registry);
    case "delete":
      if (isDigest(reference)) await registry.deleteManifest(name, reference);
      else await registry.deleteTag(name, reference);
      return emptyResponse(202);
  }
}

async function getManifest(
  { action, name, reference }: RequestOf<"manifest">,
  request: Request,
  registry: Registry,
  isPublic: boolean,
): Promise<Response> {
  const { descriptor, bytes } =
    action === "get"
      ? await registry.readManifest(name, reference)
      : { descriptor: await registry.resolveManifest(name, reference), bytes: null };
  const etag = `"${descriptor.digest}"`;
  const headers = {
    "Docker-Content-Digest": descriptor.digest,
    ETag: etag,
    // A tag can move. Without no-transform, a proxy would compress JSON, which removes its length.
    "Cache-Control":
      reference === descriptor.digest ? immutableCacheControl(isPublic) : "no-cache, no-transform",
  };
  if (isNotModified(request, etag)) return new Response(null, { status: 304, headers });
  return new Response(bytes as Uint8Array<ArrayBuffer> | null, {
    headers: {
      ...headers,
      "Content-Type": descriptor.mediaType,
      "Content-Length": String(descriptor.size),
    },
  });
}

async function putManifest(
  { name, reference, tags = [] }: RequestOf<"manifest">,
  request: Request,
  registry: Registry,
): Promise<Response> {
  const mediaType = request.headers.get("Content-Type")?.split(";")[0]?.trim() ?? "";
  const isByDigest = isDigest(reference);
  const bytes = await readBody(request);
  const manifest = { bytes, mediaType, ...(isByDigest && { digest: reference }) };
  const { digest, subject } = await registry.pushManifest(name, manifest, isByDigest ? tags : [reference]);
  return emptyResponse(201, {
    Location: resourceAddress(name, `manifests/${digest}`),
    "Docker-Content-Digest": digest,
    ...(subject !== undefined && { "OCI-Subject": subject }),
    ...(tags.length > 0 && { "OCI-Tag": tags.join(", ") }),
  });
}

async function readBody(request: Request): Promise<Uint8Array> {
  const incoming = incomingOf(request);
  if (incoming === undefined) throw new RegistryError("MANIFEST_INVALID", "the request has no body");
  try {
    if ((incoming.size ?? 0) > MAX_DOCUMENT) throw new TooLargeError(MAX_DOCUMENT);
    return await collect(incoming.source, MAX_DOCUMENT);
  } catch (error) {
    if (!(error instanceof TooLargeError)) throw error;
    throw new RegistryError("MANIFEST_TOO_LARGE", `a manifest may have at most ${MAX_DOCUMENT} bytes`);
  }
}

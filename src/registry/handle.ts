import { blobKey } from "../oci/content-key.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { errorResponse, RegistryError } from "./errors.ts";
import { parseRange } from "./range.ts";
import { Repository } from "./repository.ts";
import { parseRegistryRequest, type RegistryRequest } from "./request.ts";

/** What the distribution API is served from. */
export interface RegistryOptions {
  store: ObjectStore;
}

type Of<K extends RegistryRequest["kind"]> = Extract<RegistryRequest, { kind: K }>;

/** A content under its digest never changes. Compression on the way would change its length. */
const IMMUTABLE = "public, max-age=31536000, immutable, no-transform";

/** Answers a request to `/v2/`: the pulling half of distribution-spec 1.1. Unexpected errors are thrown. */
export async function handleRegistry(request: Request, options: RegistryOptions): Promise<Response> {
  try {
    const asked = parseRegistryRequest(request.method, new URL(request.url));
    if (asked === undefined) throw new RegistryError("NAME_UNKNOWN", "no such endpoint");
    const response = await answer(asked, request, options);
    response.headers.set("Docker-Distribution-API-Version", "registry/2.0");
    return response;
  } catch (error) {
    if (error instanceof RegistryError) return errorResponse(error, request.method);
    throw error;
  }
}

async function answer(asked: RegistryRequest, request: Request, options: RegistryOptions): Promise<Response> {
  switch (asked.kind) {
    case "base":
      return json({}, request.method);
    case "manifest":
      return getManifest(asked, request, options);
    case "blob":
      return getBlob(asked, request, options);
    case "tags":
      return listTags(asked, request, options);
    case "start-upload":
    case "upload":
    case "referrers":
    case "catalog":
      throw new RegistryError("UNSUPPORTED", "this registry is read-only; images come from builds");
  }
}

// end-3
async function getManifest(
  { action, name, reference }: Of<"manifest">,
  request: Request,
  { store }: RegistryOptions,
): Promise<Response> {
  if (action === "put" || action === "delete") {
    throw new RegistryError("UNSUPPORTED", "this registry is read-only; images come from builds");
  }
  const repository = new Repository(store, name);
  const descriptor = await repository.resolve(reference);
  const headers = {
    "Content-Type": descriptor.mediaType,
    "Content-Length": String(descriptor.size),
    "Docker-Content-Digest": descriptor.digest,
    ETag: `"${descriptor.digest}"`,
    // A tag moves. Without no-transform JSON would be compressed on the way and lose its length.
    "Cache-Control": reference === descriptor.digest ? IMMUTABLE : "no-cache, no-transform",
  };
  if (isNotModified(request, headers.ETag))
    return new Response(null, { status: 304, headers: withoutBody(headers) });
  return new Response(action === "head" ? null : await repository.manifest(descriptor), { headers });
}

// end-2
async function getBlob(
  { action, name, digest }: Of<"blob">,
  request: Request,
  { store }: RegistryOptions,
): Promise<Response> {
  if (action === "delete") {
    throw new RegistryError("UNSUPPORTED", "this registry is read-only; images come from builds");
  }
  const size = await new Repository(store, name).blobSize(digest);
  const headers: Record<string, string> = {
    "Content-Type": "application/octet-stream",
    "Docker-Content-Digest": digest,
    "Accept-Ranges": "bytes",
    "Cache-Control": IMMUTABLE,
    ETag: `"${digest}"`,
  };
  if (isNotModified(request, `"${digest}"`)) return new Response(null, { status: 304, headers });
  const wanted = parseRange(action === "get" ? rangeOf(request, `"${digest}"`) : null, size);
  if (wanted.kind === "unsatisfiable") {
    return new Response(null, { status: 416, headers: { "Content-Range": `bytes */${size}` } });
  }
  const part = wanted.kind === "part" ? wanted : undefined;
  const length = part?.length ?? size;
  headers["Content-Length"] = String(length);
  if (part !== undefined)
    headers["Content-Range"] = `bytes ${part.offset}-${part.offset + length - 1}/${size}`;
  const status = part === undefined ? 200 : 206;
  if (action === "head" || length === 0) return new Response(null, { status, headers });
  const stream = await store.get(blobKey(digest), part && { offset: part.offset, length });
  if (stream === undefined) throw new RegistryError("BLOB_UNKNOWN", "the blob is gone", { digest });
  // workerd keeps Content-Length only for a stream that comes straight from R2, as this one does there.
  return new Response(stream, { status, headers });
}

// end-8a, end-8b
async function listTags(
  { name, page }: Of<"tags">,
  request: Request,
  options: RegistryOptions,
): Promise<Response> {
  const { tags, more } = await new Repository(options.store, name).tags(page);
  const response = json({ name, tags }, request.method);
  const last = tags.at(-1);
  if (more && last !== undefined) {
    const query = new URLSearchParams({ ...(page.n !== undefined && { n: String(page.n) }), last });
    response.headers.set("Link", `</v2/${name}/tags/list?${query}>; rel="next"`);
  }
  return response;
}

function json(value: unknown, method: string): Response {
  const bytes = new TextEncoder().encode(`${JSON.stringify(value)}\n`);
  return new Response(method === "HEAD" ? null : bytes, {
    headers: {
      "Content-Type": "application/json",
      "Content-Length": String(bytes.length),
      "Cache-Control": "no-cache, no-transform",
    },
  });
}

function isNotModified(request: Request, etag: string): boolean {
  const known = request.headers.get("If-None-Match");
  return known?.split(",").some((tag) => tag.trim().replace(/^W\//, "") === etag) ?? false;
}

/** The range that is asked for, unless it is asked for of something else (RFC 9110, 13.1.5). */
function rangeOf(request: Request, etag: string): string | null {
  const condition = request.headers.get("If-Range");
  return condition === null || condition === etag ? request.headers.get("Range") : null;
}

function withoutBody(headers: Record<string, string>): Record<string, string> {
  const { "Content-Length": _length, "Content-Type": _type, ...rest } = headers;
  return rest;
}

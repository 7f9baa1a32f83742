import type { Registry } from "../registry.ts";
import { parseRange } from "./range.ts";
import type { RequestOf } from "./request.ts";
import { emptyResponse, immutableCacheControl, isNotModified } from "./responses.ts";

/** end-2, end-10 */
export async function serveBlob(
  { action, name, digest }: RequestOf<"blob">,
  request: Request,
  registry: Registry,
  isPublic: boolean,
): Promise<Response> {
  if (action === "delete") {
    await registry.deleteBlob(name, digest);
    return emptyResponse(202);
  }
  // Clients send HEAD before a push, and do not push what the registry has.
  const blob = await registry.resolveBlob(name, digest, { forPush: action === "head" });
  const { size } = blob;
  const etag = `"${digest}"`;
  const headers: Record<string, string> = {
    "Content-Type": "application/octet-stream",
    "Docker-Content-Digest": digest,
    "Accept-Ranges": "bytes",
    "Cache-Control": immutableCacheControl(isPublic),
    ETag: etag,
  };
  if (isNotModified(request, etag)) return new Response(null, { status: 304, headers });
  const range = parseRange(action === "get" ? rangeHeader(request, etag) : null, size);
  if (range.kind === "unsatisfiable") return emptyResponse(416, { "Content-Range": `bytes */${size}` });
  const part = range.kind === "part" ? range : undefined;
  const length = part?.length ?? size;
  headers["Content-Length"] = String(length);
  if (part !== undefined)
    headers["Content-Range"] = `bytes ${part.offset}-${part.offset + length - 1}/${size}`;
  const status = part === undefined ? 200 : 206;
  if (action === "head" || length === 0) return new Response(null, { status, headers });
  // workerd keeps Content-Length only for a stream of known length, such as an unwrapped stream of the store.
  const stream = await registry.readBlob(name, blob, part && { offset: part.offset, length });
  return new Response(stream, { status, headers });
}

/** The Range header, unless If-Range has another ETag (RFC 9110, 13.1.5). */
function rangeHeader(request: Request, etag: string): string | null {
  const condition = request.headers.get("If-Range");
  return condition === null || condition === etag ? request.headers.get("Range") : null;
}

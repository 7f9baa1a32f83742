import { blobKey } from "../../oci/content-key.ts";
import type { ObjectStore } from "../../store/object-store.ts";
import { RegistryError } from "../errors.ts";
import { Repository } from "../store/store-registry.ts";
import { emptyAnswer, immutable, isNotModified } from "./answers.ts";
import { parseRange } from "./range.ts";
import type { Asked } from "./request.ts";

/** end-2, end-10 */
export async function serveBlob(
  { action, name, digest }: Asked<"blob">,
  request: Request,
  store: ObjectStore,
  isPublic: boolean,
): Promise<Response> {
  const repository = new Repository(store, name);
  if (action === "delete") {
    await repository.deleteBlob(digest);
    return emptyAnswer(202);
  }
  const size = await repository.blobSize(digest);
  const etag = `"${digest}"`;
  const headers: Record<string, string> = {
    "Content-Type": "application/octet-stream",
    "Docker-Content-Digest": digest,
    "Accept-Ranges": "bytes",
    "Cache-Control": immutable(isPublic),
    ETag: etag,
  };
  if (isNotModified(request, etag)) return new Response(null, { status: 304, headers });
  const wanted = parseRange(action === "get" ? rangeOf(request, etag) : null, size);
  if (wanted.kind === "unsatisfiable") return emptyAnswer(416, { "Content-Range": `bytes */${size}` });
  const part = wanted.kind === "part" ? wanted : undefined;
  const length = part?.length ?? size;
  headers["Content-Length"] = String(length);
  if (part !== undefined)
    headers["Content-Range"] = `bytes ${part.offset}-${part.offset + length - 1}/${size}`;
  const status = part === undefined ? 200 : 206;
  if (action === "head" || length === 0) return new Response(null, { status, headers });
  const stream = await store.get(blobKey(digest), part && { offset: part.offset, length });
  if (stream === undefined) throw new RegistryError("BLOB_UNKNOWN", "the blob is gone", { digest });
  // workerd keeps Content-Length only for a stream that knows its length, as one does that comes straight from the store.
  return new Response(stream, { status, headers });
}

/** The range that is asked for, unless it is asked for of something else (RFC 9110, 13.1.5). */
function rangeOf(request: Request, etag: string): string | null {
  const condition = request.headers.get("If-Range");
  return condition === null || condition === etag ? request.headers.get("Range") : null;
}

import { each } from "../../streams/each.ts";
import { RegistryError } from "../errors.ts";
import type { BlobUpload, IncomingBlob, Registry } from "../registry.ts";
import { formatReceived, parseChunkRange } from "./chunk-range.ts";
import { incomingOf } from "./incoming.ts";
import type { RequestOf } from "./request.ts";
import { emptyResponse, resourceAddress } from "./responses.ts";

/** Recommended minimum size of a chunk in bytes. Smaller chunks are accepted, but cost as much as one of this size. */
const MIN_CHUNK = 1024 * 1024;

/** end-4: starts an upload, or stores a whole blob. */
export async function startUpload(
  { name, digest }: RequestOf<"start-upload">,
  request: Request,
  registry: Registry,
): Promise<Response> {
  if (digest === undefined) return uploadAccepted(name, await registry.startUpload(name));
  const { source, size, stream } = incomingOf(request) ?? { source: each([]), size: 0 };
  if (size !== undefined) {
    await registry.pushBlob(name, { digest, size }, async () => source);
    return blobCreated(name, digest);
  }
  const upload = await registry.startUpload(name);
  try {
    await upload.finish(digest, { source, ...(stream && { stream }) });
  } catch (error) {
    // The client does not know the address of this upload.
    await upload.cancel();
    throw error;
  }
  return blobCreated(name, digest);
}

/** end-11: mounts the blob of another repository, or starts an upload when that is not possible. */
export async function mountBlob(
  { name, digest, from }: RequestOf<"mount">,
  registry: Registry,
): Promise<Response> {
  const isMounted = await registry.mountBlob(name, digest, from);
  return isMounted ? blobCreated(name, digest) : uploadAccepted(name, await registry.startUpload(name));
}

/** end-5, end-13, end-14 */
export async function serveUpload(
  { action, name, id }: RequestOf<"upload">,
  request: Request,
  registry: Registry,
): Promise<Response> {
  const upload = await registry.openUpload(name, id);
  switch (action) {
    case "get":
      return emptyResponse(204, headersOf(name, upload));
    case "delete":
      await upload.cancel();
      return emptyResponse(204);
    case "patch":
      await withHeaders(name, upload, async () => {
        const chunk = chunkOf(request, upload);
        if (chunk !== undefined) await upload.append(chunk);
      });
      return emptyResponse(202, headersOf(name, upload));
  }
}

/** end-6 */
export async function finishUpload(
  { name, id, digest }: RequestOf<"finish-upload">,
  request: Request,
  registry: Registry,
): Promise<Response> {
  const upload = await registry.openUpload(name, id);
  await withHeaders(name, upload, () => upload.finish(digest, chunkOf(request, upload)));
  return blobCreated(name, digest);
}

/**
 * The body, when it continues where the last chunk ended.
 * @throws {RegistryError} `CHUNK_OUT_OF_ORDER`, `BLOB_UPLOAD_INVALID`, `SIZE_INVALID`
 */
function chunkOf(request: Request, upload: BlobUpload): IncomingBlob | undefined {
  const incoming = incomingOf(request);
  const header = request.headers.get("Content-Range");
  if (header === null) return incoming;
  const range = parseChunkRange(header);
  if (range === undefined) {
    const detail = { "Content-Range": header };
    throw new RegistryError("BLOB_UPLOAD_INVALID", "the Content-Range is not a range of bytes", { detail });
  }
  if (range.first !== upload.size) {
    const detail = { id: upload.id };
    throw new RegistryError("CHUNK_OUT_OF_ORDER", `the next chunk starts at ${upload.size}`, { detail });
  }
  const size = range.last - range.first + 1;
  if (incoming === undefined || (incoming.size ?? size) !== size) {
    const detail = { "Content-Range": header, "Content-Length": String(incoming?.size ?? 0) };
    throw new RegistryError("SIZE_INVALID", "the range and the length of the body differ", { detail });
  }
  // A chunked body has no length, so the range gives it. A shorter body is then rejected.
  return incoming.size === undefined ? { source: incoming.source, size } : incoming;
}

/** Adds the offset at which the client can continue to an error about the order of chunks. */
async function withHeaders(name: string, upload: BlobUpload, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof RegistryError) || error.fault !== "CHUNK_OUT_OF_ORDER") throw error;
    const headers = headersOf(name, upload);
    throw new RegistryError(error.fault, error.message, { detail: error.detail, headers, cause: error });
  }
}

/** The address and the received size of an upload. */
function headersOf(name: string, { id, size }: BlobUpload): Record<string, string> {
  return {
    Location: resourceAddress(name, `blobs/uploads/${id}`),
    Range: formatReceived(size),
    "Docker-Upload-UUID": id,
  };
}

function uploadAccepted(name: string, upload: BlobUpload): Response {
  return emptyResponse(202, { ...headersOf(name, upload), "OCI-Chunk-Min-Length": String(MIN_CHUNK) });
}

function blobCreated(name: string, digest: string): Response {
  const Location = resourceAddress(name, `blobs/${digest}`);
  return emptyResponse(201, { Location, "Docker-Content-Digest": digest });
}

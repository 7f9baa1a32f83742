import type { ObjectStore } from "../store/object-store.ts";
import { emptyAnswer } from "./answers.ts";
import { parseChunkRange } from "./chunk-range.ts";
import { RegistryError } from "./errors.ts";
import { incomingOf } from "./incoming.ts";
import { Repository } from "./repository.ts";
import type { Asked } from "./request.ts";
import { storeBlob } from "./store-blob.ts";
import { type Incoming, Upload } from "./upload.ts";

/** Bytes that a chunk should have: fewer are taken, but each costs as much as one of this size. */
const CHUNK_MIN = 1024 * 1024;

/** end-4: begins an upload, or takes the whole blob at once. */
export async function startUpload(
  { name, digest }: Asked<"start-upload">,
  request: Request,
  store: ObjectStore,
): Promise<Response> {
  if (digest === undefined) return begun(await Upload.start(store, name));
  const incoming: Incoming = incomingOf(request) ?? { source: nothing(), size: 0 };
  if (incoming.size !== undefined && (incoming.stream === undefined || !store.receive)) {
    await storeBlob(store, digest, incoming.source, incoming.size);
    return stored(name, digest, store);
  }
  const upload = await Upload.start(store, name);
  try {
    await upload.finish(digest, incoming);
  } catch (error) {
    // Nobody knows of it.
    await upload.cancel();
    throw error;
  }
  return stored(name, digest, store);
}

/** end-11: the blob of another repository that the sender may pull from, or an upload when there is none. */
export async function mountBlob(
  { name, digest, from }: Asked<"mount">,
  store: ObjectStore,
  canPull: (name: string) => boolean,
): Promise<Response> {
  const mounted = await new Repository(store, name).mountBlob(digest, { from, canPull });
  return mounted ? created(name, digest) : begun(await Upload.start(store, name));
}

/** end-5, end-13, end-14 */
export async function serveUpload(
  { action, name, id }: Asked<"upload">,
  request: Request,
  store: ObjectStore,
): Promise<Response> {
  const upload = await Upload.open(store, name, id);
  switch (action) {
    case "get":
      return emptyAnswer(204, upload.headers);
    case "delete":
      await upload.cancel();
      return emptyAnswer(204);
    case "patch": {
      const chunk = chunkOf(request, upload);
      if (chunk !== undefined) await upload.append(chunk);
      return emptyAnswer(202, upload.headers);
    }
  }
}

/** end-6 */
export async function finishUpload(
  { name, id, digest }: Asked<"finish-upload">,
  request: Request,
  store: ObjectStore,
): Promise<Response> {
  const upload = await Upload.open(store, name, id);
  await upload.finish(digest, chunkOf(request, upload));
  return stored(name, digest, store);
}

/**
 * The body, when it goes on where the last one ended.
 *
 * @throws RegistryError `CHUNK_OUT_OF_ORDER`, `BLOB_UPLOAD_INVALID`, `SIZE_INVALID`
 */
function chunkOf(request: Request, upload: Upload): Incoming | undefined {
  const incoming = incomingOf(request);
  const header = request.headers.get("Content-Range");
  if (header === null) return incoming;
  const range = parseChunkRange(header);
  if (range === undefined) {
    throw new RegistryError("BLOB_UPLOAD_INVALID", "not a range of bytes", { "Content-Range": header });
  }
  upload.requireOffset(range.first);
  const size = range.last - range.first + 1;
  if (incoming === undefined || (incoming.size ?? size) !== size) {
    const detail = { "Content-Range": header, "Content-Length": String(incoming?.size ?? 0) };
    throw new RegistryError("SIZE_INVALID", "the range and the length of the body differ", detail);
  }
  return { ...incoming, size };
}

function begun(upload: Upload): Response {
  return emptyAnswer(202, { ...upload.headers, "OCI-Chunk-Min-Length": String(CHUNK_MIN) });
}

async function stored(name: string, digest: string, store: ObjectStore): Promise<Response> {
  await new Repository(store, name).linkBlob(digest);
  return created(name, digest);
}

function created(name: string, digest: string): Response {
  return emptyAnswer(201, { Location: `/v2/${name}/blobs/${digest}`, "Docker-Content-Digest": digest });
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

import type { MiddlewareHandler } from "hono";
import type { SentArchive } from "../../layers/sent-archive.ts";
import { isRepositoryName } from "../../oci/reference.ts";
import { Upload } from "../../registry/store/upload.ts";
import { readable } from "../../streams/readable.ts";
import type { App } from "../environment.ts";
import { storeOf } from "../store.ts";
import { ProblemError } from "./problem.ts";
import { readRequestBody } from "./request-body.ts";

/** The address of an upload, as in the header Location of `POST /v2/<name>/blobs/uploads/`. */
const ADDRESS = /^\/v2\/(?<name>.+)\/blobs\/uploads\/(?<id>[^/?]+)$/;

/** The uploads that are bodies of requests. */
const uploads = new WeakMap<Request, Upload>();

/**
 * The body of a request as an archive.
 * @param part of the body that is the archive; by default all of it
 */
export function sentArchive(request: Request, part?: AsyncIterable<Uint8Array>): SentArchive {
  const upload = uploads.get(request);
  const size = upload?.size ?? request.headers.get("content-length");
  return {
    bytes: part ?? readRequestBody(request),
    maxSize: size === null ? undefined : Number(size),
    places: part === undefined ? upload?.places : undefined,
  };
}

/**
 * Reads the body of a POST request from the upload in `?body=`, for bodies above the limit of a proxy. Clients send it in parts,
 * like a blob. The upload is removed when the request succeeds, so that the request can be repeated until then.
 */
export function readUploadedBody(): MiddlewareHandler<App> {
  return async function readUploadedBody(c, next) {
    const url = new URL(c.req.url);
    const address = url.searchParams.get("body");
    if (c.req.method !== "POST" || address === null) return next();
    const { name = "", id = "" } = ADDRESS.exec(address)?.groups ?? {};
    if (!isRepositoryName(name)) throw invalidAddress(address);
    c.var.access.require({ right: "push", repositories: [name] });
    const upload = await Upload.open(storeOf(c.env), name, id);
    url.searchParams.delete("body");
    const headers = new Headers(c.req.raw.headers);
    headers.delete("content-length");
    c.req.raw = new Request(url, { method: "POST", headers, body: readable(upload.bytes()) });
    uploads.set(c.req.raw, upload);
    await next();
    if (c.res.ok) await upload.cancel();
  };
}

function invalidAddress(address: string): ProblemError {
  return new ProblemError("body-invalid", {
    detail: `Cannot read the body from "${address}": that is not the address of an upload`,
    hint: "Start one with POST /v2/<name>/blobs/uploads/, and use the header Location of the response.",
  });
}

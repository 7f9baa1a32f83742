import type { MiddlewareHandler } from "hono";
import { isRepositoryName } from "../../oci/reference.ts";
import { Upload } from "../../registry/store/upload.ts";
import { readable } from "../../streams/readable.ts";
import type { App } from "../environment.ts";
import { storeOf } from "../store.ts";
import { ProblemError } from "./problem.ts";

/** The address of an upload, as in the header Location of `POST /v2/<name>/blobs/uploads/`. */
const ADDRESS = /^\/v2\/(?<name>.+)\/blobs\/uploads\/(?<id>[^/?]+)$/;

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

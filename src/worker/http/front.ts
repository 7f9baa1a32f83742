import type { MiddlewareHandler } from "hono";
import { connectionLostError } from "../../registry/errors.ts";
import {
  FRONT_BODY,
  FRONT_FILE,
  FRONT_LENGTH,
  FRONT_OFFSET,
  FRONT_PEER,
  FRONT_SECRET,
} from "../../store/front-protocol.ts";
import { filePartOf, noteHeldBody } from "../../store/references.ts";
import { isEqualInConstantTime } from "../access/constant-time.ts";
import type { App, Env } from "../environment.ts";
import { ProblemError } from "./problem.ts";

/**
 * The client's address, from a header that the front of a local server sets. Undefined without a front, because clients could
 * then set the header themselves.
 */
export function peerOf(headers: Headers, { VARVE_FRONT_SECRET }: Pick<Env, "VARVE_FRONT_SECRET">) {
  if (!VARVE_FRONT_SECRET || !isEqualInConstantTime(headers.get(FRONT_SECRET) ?? "", VARVE_FRONT_SECRET))
    return undefined;
  return headers.get(FRONT_PEER) ?? undefined;
}

/**
 * On a local server: rejects requests that do not come from the HTTP front, lets handlers read bodies that the front holds,
 * and lets the front send files.
 */
export function behindFront(): MiddlewareHandler<App> {
  return async function behindFront(c, next) {
    if (!c.env.VARVE_FRONT_SECRET) return next();
    const request = c.req.raw;
    if (peerOf(request.headers, c.env) === undefined) {
      throw new ProblemError("private-port", {
        detail: "Cannot serve a request that does not come through the server's public port",
      });
    }
    c.req.raw = await withHeldBody(request, c.env);
    await next();
    const response = asFile(c.res);
    if (response === c.res) return;
    // Without this, hono would merge the headers of both responses.
    c.res = undefined;
    c.res = response;
  };
}

/** Requests whose bodies the object server can store directly. */
const isBlobUpload = ({ url }: Request) => /^\/v2\/.+\/blobs\/uploads\//.test(new URL(url).pathname);

async function withHeldBody(request: Request, { OBJECTS }: Pick<Env, "OBJECTS">): Promise<Request> {
  const id = request.headers.get(FRONT_BODY);
  if (id === null || OBJECTS === undefined) return request;
  const headers = new Headers(request.headers);
  const length = headers.get(FRONT_LENGTH);
  if (length === null) headers.delete("content-length");
  else headers.set("content-length", length);
  if (!isBlobUpload(request)) return new Request(request, { headers, body: await openBody(OBJECTS, id) });
  const body = lazyBody(OBJECTS, id);
  noteHeldBody(body, id);
  return new Request(request, { headers, body });
}

/** @throws {Error} when the client has disconnected */
async function openBody(objects: Fetcher, id: string): Promise<ReadableStream<Uint8Array>> {
  const response = await objects.fetch(`http://objects/body?id=${id}`);
  if (!response.ok || response.body === null) throw connectionLostError();
  return response.body as ReadableStream<Uint8Array>;
}

/** Requests the bytes only when they are read, because the store may read them from the front instead. */
function lazyBody(objects: Fetcher, id: string): ReadableStream<Uint8Array> {
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        reader ??= (await openBody(objects, id)).getReader();
        const { done, value } = await reader.read();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel(reason) {
        await reader?.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}

function asFile(response: Response): Response {
  const part = response.body === null ? undefined : filePartOf(response.body);
  if (part === undefined) return response;
  response.body?.cancel().catch(() => {});
  const headers = new Headers(response.headers);
  // The response from here to the front has no body.
  headers.delete("content-length");
  headers.set(FRONT_FILE, part.name);
  headers.set(FRONT_OFFSET, String(part.offset));
  headers.set(FRONT_LENGTH, String(part.length));
  return new Response(null, { status: response.status, headers });
}

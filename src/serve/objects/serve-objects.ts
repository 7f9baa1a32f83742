import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { json } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import type { LocalRunnerState } from "../../../schemas/runner-list.ts";
import {
  type ByteRange,
  DigestMismatchError,
  type ObjectInfo,
  type ObjectWriter,
  type PutOptions,
  StoreFullError,
} from "../../store/object-store.ts";
import {
  FILE_HEADER,
  LIST_PAGE,
  METADATA_HEADER,
  refusalStatuses,
  SIZE_HEADER,
  UPLOADED_HEADER,
} from "../../store/remote-store.ts";
import { SizeMismatchError } from "../../streams/verify.ts";
import type { DiskStore } from "./disk-store.ts";

/** Bodies of requests that the front holds. Each can be taken once. */
interface Bodies {
  take(id: string): IncomingMessage | undefined;
}

/** Further state of the program around the runtime. */
interface Besides {
  bodies?: Bodies;
  localRunner?: () => LocalRunnerState | undefined;
  /** Builds the base image of the lessons. Resolves to whether it exists. */
  buildBase?: () => Promise<boolean>;
}

interface Served extends Besides {
  store: DiskStore;
  uploads: Map<string, ObjectWriter>;
}

/** Serves the objects of a store to the runtime: the other end of `remoteStore`. */
export function serveObjects(store: DiskStore, besides: Besides = {}) {
  const uploads = new Map<string, ObjectWriter>();
  return async function serveObjects(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      await answer({ ...besides, store, uploads }, request, response);
    } catch (error) {
      refuse(response, error);
    }
    // Otherwise the unread rest would be parsed as the next request.
    request.resume();
  };
}

async function answer(
  { store, uploads, ...besides }: Served,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://objects");
  if (pathname === "/list") {
    const page: ObjectInfo[] = [];
    for await (const info of store.list(searchParams.get("prefix") ?? "", searchParams.get("after") ?? "")) {
      if (page.push(info) === LIST_PAGE) break;
    }
    response.end(JSON.stringify(page));
    return;
  }
  if (pathname === "/body") {
    const body = besides.bodies?.take(searchParams.get("id") ?? "");
    if (body === undefined) response.writeHead(404).end();
    else giveBody(body, response);
    return;
  }
  if (pathname === "/digest") {
    const held = searchParams.get("body");
    const body = held === null ? request : besides.bodies?.take(held);
    if (body === undefined) response.writeHead(404).end();
    else response.end(JSON.stringify(await digestOf(whatComesOf(body))));
    return;
  }
  if (pathname === "/space") {
    response.end(JSON.stringify({ isFull: store.isFull() }));
    return;
  }
  if (pathname === "/local-runner") {
    const state = besides.localRunner?.();
    response.writeHead(state === undefined ? 404 : 200).end(JSON.stringify(state));
    return;
  }
  if (pathname === "/base-image") {
    response.writeHead((await besides.buildBase?.()) ? 200 : 404).end();
    return;
  }
  if (pathname === "/delete") {
    await store.delete(...((await json(request)) as string[]));
    response.end();
    return;
  }
  if (pathname === "/compose") {
    const parts = (await json(request)) as string[];
    const isStored = await store.compose(
      searchParams.get("key") ?? "",
      parts,
      Number(searchParams.get("size")),
      optionsOf(searchParams, request),
    );
    response.writeHead(isStored === undefined ? 404 : isStored ? 200 : refusalStatuses.exists).end();
    return;
  }
  const upload = searchParams.get("upload");
  if (upload !== null && request.method === "POST") {
    const writer = uploads.get(upload);
    uploads.delete(upload);
    await (pathname === "/complete" ? writer?.complete() : writer?.abort());
    response.writeHead(writer === undefined ? 404 : 200).end();
    return;
  }
  const key = searchParams.get("key") ?? "";
  if (upload !== null) {
    uploads.set(upload, await receive(store, key, request));
    response.end();
    return;
  }
  switch (request.method) {
    case "PUT":
      return put({ store, ...besides }, key, searchParams, request, response);
    case "HEAD":
      return head(store, key, response);
    default:
      return get(store, key, request, response);
  }
}

async function put(
  { store, bodies }: Pick<Served, "store" | "bodies">,
  key: string,
  query: URLSearchParams,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const most = query.get("most");
  if (most !== null) {
    const held = query.get("body");
    const body = held === null ? request : bodies?.take(held);
    if (body === undefined) {
      response.writeHead(404).end();
      return;
    }
    const length = body.headers["content-length"];
    const expected = length === undefined ? undefined : Number(length);
    const size = await store.receive(key, whatComesOf(body), Number(most), expected);
    if (size === undefined) response.writeHead(refusalStatuses.exists).end();
    else response.writeHead(200, { [SIZE_HEADER]: size }).end();
    return;
  }
  const isStored = await store.put(key, kept(request), Number(query.get("size")), optionsOf(query, request));
  response.writeHead(isStored ? 200 : refusalStatuses.exists).end();
}

async function digestOf(bytes: AsyncIterable<Uint8Array>): Promise<{ sha256: string; size: number }> {
  const hash = createHash("sha256");
  let size = 0;
  for await (const chunk of bytes) {
    hash.update(chunk);
    size += chunk.length;
  }
  return { sha256: hash.digest("hex"), size };
}

/** Sends the body of another request, which is answered even when the reader of this one disconnects. */
function giveBody(body: IncomingMessage, response: ServerResponse): void {
  const length = body.headers["content-length"];
  response.writeHead(200, length === undefined ? {} : { "content-length": length });
  body.once("close", () => {
    if (!body.complete) response.destroy();
  });
  body.pipe(response);
}

/** Bytes of a body, up to the point where it is cut off: then there is no client left to answer. */
async function* whatComesOf(body: IncomingMessage): AsyncGenerator<Uint8Array> {
  try {
    yield* kept(body);
  } catch {}
}

/** Bytes of a body. The connection stays open when they are not read to the end, because the answer uses it. */
function kept(body: IncomingMessage): AsyncIterable<Uint8Array> {
  return body.iterator({ destroyOnReturn: false });
}

/** Receives the whole body, which is not an object yet. */
async function receive(store: DiskStore, key: string, request: IncomingMessage): Promise<ObjectWriter> {
  const writer = await store.create(key, { metadata: metadataOf(request) });
  try {
    for await (const chunk of kept(request)) await writer.write(chunk);
    return writer;
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

function optionsOf(query: URLSearchParams, request: IncomingMessage): PutOptions {
  const [sha256, sha512] = [query.get("sha256"), query.get("sha512")];
  return {
    metadata: metadataOf(request),
    ...(sha256 !== null && { sha256 }),
    ...(sha512 !== null && { sha512 }),
    ifAbsent: query.has("ifAbsent"),
  };
}

function metadataOf({ headers }: IncomingMessage): Record<string, string> {
  return JSON.parse(decodeURIComponent(String(headers[METADATA_HEADER] ?? "{}")));
}

async function head(store: DiskStore, key: string, response: ServerResponse): Promise<void> {
  const info = await store.head(key);
  if (info === undefined) response.writeHead(404).end();
  else response.writeHead(200, headersOf(info)).end();
}

async function get(
  store: DiskStore,
  key: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const range = parseRange(request.headers.range);
  const found = await store.locate(key, range);
  if (found === undefined) {
    response.writeHead(404).end();
    return;
  }
  if ("file" in found) {
    response.writeHead(200, { [FILE_HEADER]: found.file, [SIZE_HEADER]: found.size }).end();
    return;
  }
  // The runtime forwards a body of known length with its length.
  response.writeHead(range === undefined ? 200 : 206, { "content-length": found.size });
  await pipeline(found.bytes, response);
}

function refuse(response: ServerResponse, error: unknown): void {
  // The client must notice that the body is incomplete.
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const [status, words] = refusalOf(error);
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8" }).end(words);
}

function refusalOf(error: unknown): [status: number, words: string] {
  const words = error instanceof Error ? error.message : String(error);
  if (error instanceof DigestMismatchError) return [refusalStatuses.digest, words];
  if (error instanceof StoreFullError) return [refusalStatuses.full, words];
  if (error instanceof SizeMismatchError) return [refusalStatuses.size, words];
  if (error instanceof RangeError) return [416, words];
  return [500, words];
}

function headersOf({ size, metadata, uploaded }: ObjectInfo): Record<string, string> {
  return {
    "content-length": String(size),
    [METADATA_HEADER]: encodeURIComponent(JSON.stringify(metadata)),
    [UPLOADED_HEADER]: String(uploaded),
  };
}

function parseRange(header: string | undefined): ByteRange | undefined {
  const [, from, to] = header?.match(/^bytes=(\d+)-(\d*)$/) ?? [];
  if (from === undefined) return undefined;
  return { offset: Number(from), ...(to && { length: Number(to) - Number(from) + 1 }) };
}

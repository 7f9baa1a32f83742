import type { IncomingMessage, ServerResponse } from "node:http";
import { json } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { type ByteRange, DigestMismatchError, type ObjectInfo } from "../../store/object-store.ts";
import { LIST_PAGE, METADATA_HEADER, refusals } from "../../store/remote-store.ts";
import { SizeMismatchError } from "../../streams/verify.ts";
import type { DiskStore } from "./disk-store.ts";

/** Gives the objects of a store to a runtime next to this program: the other end of `remoteStore`. */
export function serveObjects(store: DiskStore) {
  return async function serveObjects(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      await answer(store, request, response);
    } catch (error) {
      refuse(response, error);
    }
    // What was not read would be taken for the next request.
    request.resume();
  };
}

async function answer(store: DiskStore, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://objects");
  if (pathname === "/list") {
    const page: ObjectInfo[] = [];
    for await (const info of store.list(searchParams.get("prefix") ?? "", searchParams.get("after") ?? "")) {
      if (page.push(info) === LIST_PAGE) break;
    }
    response.end(JSON.stringify(page));
    return;
  }
  if (pathname === "/delete") {
    await store.delete(...((await json(request)) as string[]));
    response.end();
    return;
  }
  const key = searchParams.get("key") ?? "";
  switch (request.method) {
    case "PUT":
      return put(store, key, searchParams, request, response);
    case "HEAD":
      return head(store, key, response);
    default:
      return get(store, key, request, response);
  }
}

async function put(
  store: DiskStore,
  key: string,
  query: URLSearchParams,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const metadata = JSON.parse(decodeURIComponent(String(request.headers[METADATA_HEADER] ?? "{}")));
  const size = query.get("size");
  if (size === null) {
    const writer = await store.create(key, { metadata });
    try {
      for await (const chunk of request) await writer.write(chunk);
      await writer.complete();
    } catch (error) {
      await writer.abort();
      throw error;
    }
    response.end();
    return;
  }
  const [sha256, sha512] = [query.get("sha256"), query.get("sha512")];
  const isStored = await store.put(key, request, Number(size), {
    metadata,
    ...(sha256 !== null && { sha256 }),
    ...(sha512 !== null && { sha512 }),
    ifAbsent: query.has("ifAbsent"),
  });
  response.writeHead(isStored ? 200 : refusals.exists).end();
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
  const stream = await store.read(key, range);
  if (stream === undefined) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(range === undefined ? 200 : 206);
  await pipeline(stream, response);
}

function refuse(response: ServerResponse, error: unknown): void {
  // It broke in the middle: the other end sees that it did, and not an end.
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const [status, words] = refusalOf(error);
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8" }).end(words);
}

function refusalOf(error: unknown): [status: number, words: string] {
  const words = error instanceof Error ? error.message : String(error);
  if (error instanceof DigestMismatchError) return [refusals.digest, words];
  if (error instanceof SizeMismatchError) return [refusals.size, words];
  if (error instanceof RangeError) return [416, words];
  return [500, words];
}

function headersOf({ size, metadata }: ObjectInfo): Record<string, string> {
  return {
    "content-length": String(size),
    [METADATA_HEADER]: encodeURIComponent(JSON.stringify(metadata)),
  };
}

function parseRange(header: string | undefined): ByteRange | undefined {
  const [, from, to] = header?.match(/^bytes=(\d+)-(\d*)$/) ?? [];
  if (from === undefined) return undefined;
  return { offset: Number(from), ...(to && { length: Number(to) - Number(from) + 1 }) };
}

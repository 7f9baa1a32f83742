import type { FileEntry, FileList } from "../../../schemas/images.ts";
import { fileQuery } from "../../../schemas/images.ts";
import { ImageFiles } from "../../images/files.ts";
import { type Image, openImage } from "../../images/image.ts";
import { listFiles } from "../../images/list-files.ts";
import { openLayers } from "../../images/open-layers.ts";
import { readPart } from "../../images/read-part.ts";
import { parseRange } from "../../registry/server/range.ts";
import type { Node } from "../../rootfs/tree.ts";
import type { ObjectStore } from "../../store/object-store.ts";
import { readable } from "../../streams/readable.ts";
import { spend } from "../../streams/turns.ts";
import { sizedBody } from "../http/sized-body.ts";
import type { ImagePath } from "./path.ts";

/** Cost of finding an entry. */
const ENTRY_WORK = 8192;
/** Approximate number of characters in a chunk of lines. */
const CHUNK = 65536;

/** `GET /v1/images/<name>/<reference>/files`: the entries of a folder, of all folders, or the bytes of a file. */
export async function serveFiles(
  store: ObjectStore,
  { name, reference }: ImagePath,
  request: Request,
): Promise<Response> {
  const query = fileQuery.parse(Object.fromEntries(new URL(request.url).searchParams));
  const image = await openImage(store, name, reference, query.platform);
  const files = await openFiles(store, image);
  const accept = request.headers.get("accept") ?? "";
  if (query.content || accept.includes("application/octet-stream")) {
    return contentResponse(files.file(query.path), request);
  }
  const { entry, entries } = listFiles(image, files, query);
  if (query.recursive || accept.includes("application/x-ndjson"))
    return linesResponse(entries, request.method);
  return Response.json((await page(image, entry, entries, query.n)) satisfies FileList);
}

export async function openFiles(store: ObjectStore, image: Image): Promise<ImageFiles> {
  return new ImageFiles((await openLayers(store, image)).map(({ tree }) => tree));
}

async function page(
  { name, descriptor, platform }: Image,
  entry: FileEntry,
  all: Iterable<FileEntry | undefined>,
  n: number,
) {
  const entries: FileEntry[] = [];
  let next: string | undefined;
  for (const found of all) {
    const turn = spend(ENTRY_WORK);
    if (turn !== undefined) await turn;
    if (found === undefined) continue;
    if (entries.length === n) {
      next = entries.at(-1)?.path;
      break;
    }
    entries.push(found);
  }
  return { name, digest: descriptor.digest, platform, entry, entries, ...(next !== undefined && { next }) };
}

function linesResponse(entries: Iterable<FileEntry | undefined>, method: string): Response {
  const encoder = new TextEncoder();
  const lines = async function* () {
    let text = "";
    for (const entry of entries) {
      const turn = spend(ENTRY_WORK);
      if (turn !== undefined) await turn;
      if (entry === undefined) continue;
      text += `${JSON.stringify(entry)}\n`;
      if (text.length < CHUNK) continue;
      yield encoder.encode(text);
      text = "";
    }
    if (text !== "") yield encoder.encode(text);
  };
  const body = method === "HEAD" ? null : readable(lines());
  return new Response(body, { headers: { "content-type": "application/x-ndjson" } });
}

/** The bytes of a file. They are untrusted, so a browser must not show them as a page. */
function contentResponse({ path, size, digest = "", contents }: Node, request: Request): Response {
  const name = path.slice(path.lastIndexOf("/") + 1).toWellFormed();
  const headers = new Headers({
    "content-type": "application/octet-stream",
    "content-disposition": `attachment; filename*=UTF-8''${encodeURIComponent(name).replace(/['()*]/g, percent)}`,
    "content-security-policy": "sandbox; default-src 'none'",
    "x-content-type-options": "nosniff",
    "accept-ranges": "bytes",
    "cache-control": "private, no-cache, no-transform",
    etag: `"${digest}"`,
  });
  const wanted = parseRange(request.headers.get("range"), size);
  if (wanted.kind === "unsatisfiable") {
    headers.set("content-range", `bytes */${size}`);
    return new Response(null, { status: 416, headers });
  }
  const { offset, length } = wanted.kind === "part" ? wanted : { offset: 0, length: size };
  if (wanted.kind === "part") headers.set("content-range", `bytes ${offset}-${offset + length - 1}/${size}`);
  headers.set("content-length", String(length));
  const status = wanted.kind === "part" ? 206 : 200;
  if (request.method === "HEAD" || length === 0 || contents === undefined)
    return new Response(null, { status, headers });
  return new Response(sizedBody(readPart(contents, offset, length), length), { status, headers });
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}

import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

// A program: `caching-proxy.ts FOLDER GATEWAY REGISTRY`. It listens on loopback and on GATEWAY, at the same port, which
// it prints. It is an HTTP proxy for requests with absolute URLs (apt), and the npm registry REGISTRY for others. What it
// fetched stays in FOLDER: files that never change for ever, others until it is started again.

/** Files that never change: packages, and indexes under their digests. */
const immutable = /\/pool\/|\/by-hash\/|\.tgz$/;
const keptHeaders = ["content-type", "last-modified", "etag"];

interface Entry {
  status: number;
  headers: Record<string, string>;
  /** File with the body. */
  body: string;
}

const [folder = "", gateway = "", registry = ""] = process.argv.slice(2);
await mkdir(folder, { recursive: true });
const entries = new Map<string, Promise<Entry>>();
/** Number of fetches from the network. */
let misses = 0;

const answer = (request: IncomingMessage, response: ServerResponse) => {
  serve(request, response).catch((error: unknown) => {
    console.error(`${request.method} ${request.url}: ${error}`);
    if (response.headersSent) response.destroy();
    else response.writeHead(502).end(String(error));
  });
};
const loopback = createServer(answer).listen(0, "127.0.0.1");
await new Promise((resolve) => loopback.once("listening", resolve));
const { port } = loopback.address() as AddressInfo;
const outer = createServer(answer).listen(port, gateway);
await new Promise((resolve) => outer.once("listening", resolve));
console.log(`port ${port}`);

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const own = `http://${request.headers.host}/`;
  const asked = new URL(request.url ?? "/", own);
  const isOwn = Number(asked.port) === port;
  if (isOwn && asked.pathname === "/-/misses") return void response.end(String(misses));
  // npm requests advisories with POST.
  if (request.method !== "GET" && request.method !== "HEAD") return void response.end("{}");
  const upstream = isOwn ? new URL(asked.pathname.slice(1) + asked.search, registry) : asked;
  const entry = await find(upstream.href, isOwn ? request.headers.accept : undefined);
  const { status, headers, body } = entry;
  if (request.headers["if-modified-since"] === headers["last-modified"] && "last-modified" in headers) {
    return void response.writeHead(304).end();
  }
  if (headers["content-type"]?.includes("json")) {
    const text = (await readFile(body, "utf8")).replaceAll(registry, own);
    return void response
      .writeHead(status, { ...headers, "content-length": Buffer.byteLength(text) })
      .end(text);
  }
  response.writeHead(status, { ...headers, "content-length": (await stat(body)).size });
  if (request.method === "HEAD") response.end();
  else await pipeline(createReadStream(body, { highWaterMark: 1024 * 1024 }), response);
}

function find(url: string, accept: string | undefined): Promise<Entry> {
  const name = createHash("sha256")
    .update(`${url}\n${accept ?? ""}`)
    .digest("hex");
  const known = entries.get(name);
  if (known !== undefined) return known;
  const found = load(join(folder, name), url, accept);
  entries.set(name, found);
  found.then(
    ({ status }) => status >= 500 && entries.delete(name),
    () => entries.delete(name),
  );
  return found;
}

async function load(file: string, url: string, accept: string | undefined): Promise<Entry> {
  if (immutable.test(url)) {
    const kept = await readFile(`${file}.json`, "utf8").catch(() => undefined);
    if (kept !== undefined) return JSON.parse(kept) as Entry;
  }
  misses += 1;
  const answer = await fetch(url, { headers: { "user-agent": "apt", ...(accept && { accept }) } });
  const headers = Object.fromEntries(
    keptHeaders.flatMap((name) => {
      const value = answer.headers.get(name);
      return value === null ? [] : [[name, value]];
    }),
  );
  const entry: Entry = { status: answer.status, headers, body: `${file}.body` };
  const partial = `${file}.${process.pid}.partial`;
  const bytes = answer.body === null ? Readable.from([]) : Readable.fromWeb(answer.body as never);
  await pipeline(bytes, createWriteStream(partial));
  await rename(partial, entry.body);
  if (answer.ok) await writeFile(`${file}.json`, JSON.stringify(entry));
  return entry;
}

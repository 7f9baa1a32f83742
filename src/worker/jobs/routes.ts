import { Hono } from "hono";
import { keyOfContext, readContextPacks } from "../../context/store.ts";
import { decodeToc, scopedTocKey, tocKey } from "../../layers/toc.ts";
import { blobKey } from "../../oci/content-key.ts";
import { parseRange } from "../../registry/server/range.ts";
import { Upload } from "../../registry/store/upload.ts";
import type { ByteRange } from "../../store/object-store.ts";
import { collect } from "../../streams/collect.ts";
import { keepRecent } from "../../streams/keep-recent.ts";
import { cacheMounts } from "../cache-mounts/routes.ts";
import { readDigest } from "../contexts/routes.ts";
import type { Env } from "../environment.ts";
import { callObject } from "../http/object-interrupted.ts";
import { ProblemError } from "../http/problem.ts";
import { readRequestBody } from "../http/request-body.ts";
import { storeOf } from "../store.ts";
import type { JobRights } from "./job-progress.ts";
import { requireJob, runnersOfJob } from "./job-token.ts";

/** Maximum size of a table of contents in bytes: about that of a layer with a million files. */
const MAX_TOC = 64 * 1024 * 1024;

/** `/v1/jobs/<id>`: inputs and outputs of a job, for the runner that has its token. */
export const jobs = new Hono<{ Bindings: Env }>();

jobs.route("/", cacheMounts);

// GET /v1/jobs/<id>/objects/<key>: a stored object that the task reads.
jobs.get("/:id/objects/:key{.+}", async (c) => {
  const { id, key } = c.req.param();
  const rights = await requireJob(c.env, id, c.req.header("authorization"));
  const store = storeOf(c.env);
  const found = (await mayRead(c.env, rights, key)) ? await store.head(key) : undefined;
  if (found === undefined) throw unknownObject(key);
  const range = rangeOf(c.req.header("range"), found.size);
  const body = await store.get(key, range);
  if (body === undefined) throw unknownObject(key);
  const size = range?.length ?? found.size;
  return new Response(body, {
    status: range === undefined ? 200 : 206,
    headers: { "content-type": "application/octet-stream", "content-length": String(size) },
  });
});

// POST /v1/jobs/<id>/layers: starts the upload of the layer that the task writes.
jobs.post("/:id/layers", async (c) => {
  const { id } = c.req.param();
  await requireWriter(c.env, id, c.req.header("authorization"));
  const upload = await Upload.start(storeOf(c.env), uploadScope(id));
  return c.json({ upload: upload.id }, 201);
});

// PATCH /v1/jobs/<id>/layers/<upload>?offset=<bytes>: the next part of the layer. Repeating a part is no error.
// Without an offset: only returns how many bytes were received.
jobs.patch("/:id/layers/:upload", async (c) => {
  const { id, upload: name } = c.req.param();
  await requireWriter(c.env, id, c.req.header("authorization"));
  const upload = await Upload.open(storeOf(c.env), uploadScope(id), name);
  const offset = Number(c.req.query("offset"));
  const { body } = c.req.raw;
  if (body !== null && upload.size === offset) {
    await upload.append({ source: readRequestBody(c.req.raw), stream: body as ReadableStream<Uint8Array> });
  } else {
    for await (const _ of readRequestBody(c.req.raw));
  }
  return c.json({ size: upload.size });
});

// PUT /v1/jobs/<id>/layers/<upload>?digest=<digest>: the layer is complete. Repeating the request is no error.
jobs.put("/:id/layers/:upload", async (c) => {
  const { id, upload: name } = c.req.param();
  const { uploaded } = await requireWriter(c.env, id, c.req.header("authorization"));
  const digest = readDigest(c.req.query("digest") ?? "");
  if (uploaded !== digest) {
    const upload = await Upload.open(storeOf(c.env), uploadScope(id), name);
    const { size } = upload;
    await upload.finish(digest);
    await callObject(async () => runnersOfJob(c.env, id)?.keepLayer(id, { digest, size }));
  }
  return c.body(null, 204);
});

// PUT /v1/jobs/<id>/tocs/<digest>: the table of contents of the layer.
jobs.put("/:id/tocs/:digest", async (c) => {
  const { id } = c.req.param();
  const { isConfined, scope, uploaded } = await requireWriter(c.env, id, c.req.header("authorization"));
  const digest = readDigest(c.req.param("digest"));
  const store = storeOf(c.env);
  const blob = uploaded === digest ? await store.head(blobKey(digest)) : undefined;
  const bytes = await collect(readRequestBody(c.req.raw), MAX_TOC);
  await requireToc(store, digest, bytes, blob?.size);
  // Only the scope of the build trusts an untrusted runner's description of a layer.
  const key = isConfined ? scopedTocKey(scope, digest) : tocKey(digest);
  await store.put(key, bytes, bytes.length, { ifAbsent: true });
  return c.body(null, 204);
});

async function requireToc(
  store: ReturnType<typeof storeOf>,
  digest: string,
  bytes: Uint8Array,
  size: number | undefined,
): Promise<void> {
  try {
    if ((await decodeToc(store, digest, bytes)).size === size) return;
  } catch {
    // Reported below.
  }
  throw new ProblemError("toc-invalid", {
    detail: `Cannot store the table of contents of ${digest}: it does not match the uploaded layer`,
  });
}

/** The repository of the uploads of a job. Clients cannot use it: see `isInternalName`. */
function uploadScope(job: string): string {
  return `_jobs/${job}`;
}

async function requireWriter(env: Env, id: string, authorization: string | undefined): Promise<JobRights> {
  const rights = await requireJob(env, id, authorization);
  if (rights.writesLayer) return rights;
  throw new ProblemError("layer-denied", {
    detail: `Cannot accept a layer from the job "${id}": its task does not write one`,
  });
}

async function mayRead(env: Env, { layers, contexts, tocs }: JobRights, key: string): Promise<boolean> {
  if (layers.some((digest) => blobKey(digest) === key)) return true;
  const keys = contexts.map(keyOfContext);
  if (keys.includes(key) || tocs.includes(key)) return true;
  if (!key.startsWith("packs/")) return false;
  const pack = key.slice("packs/".length);
  for (const at of keys) if ((await packsOf(env, at)).has(pack)) return true;
  // The context may have been stored again with other packs, by a client that compresses differently.
  for (const at of keys) {
    packs.delete(at);
    if ((await packsOf(env, at)).has(pack)) return true;
  }
  return false;
}

/** Packs of recently read contexts by key, the most recent last. */
const packs = new Map<string, Promise<ReadonlySet<string>>>();
const MAX_CONTEXTS = 32;

function packsOf(env: Env, context: string): Promise<ReadonlySet<string>> {
  const known = packs.get(context) ?? readContextPacks(storeOf(env), context).then((list) => new Set(list));
  keepRecent(packs, context, known, MAX_CONTEXTS);
  known.catch(() => packs.delete(context));
  return known;
}

/** The requested range; undefined for the whole object. */
function rangeOf(header: string | undefined, size: number): ByteRange | undefined {
  const range = parseRange(header ?? null, size);
  if (range.kind === "whole") return undefined;
  if (range.kind === "part") return { offset: range.offset, length: range.length };
  throw new ProblemError("range-invalid", {
    detail: `Cannot read the range ${header}: the object has ${size} bytes`,
  });
}

function unknownObject(key: string): ProblemError {
  return new ProblemError("object-unknown", {
    detail: `Cannot read "${key}": the job does not read it, or it was deleted`,
  });
}

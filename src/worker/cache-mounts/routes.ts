import { Hono } from "hono";
import { z } from "zod";
import {
  cacheChunk,
  cacheRequest,
  cacheState,
  isPackId,
  MAX_CACHE_PACK,
  type renewedLease,
} from "../../../schemas/cache-mount.ts";
import { collect } from "../../streams/collect.ts";
import { spend } from "../../streams/turns.ts";
import type { Env } from "../environment.ts";
import { parseLargeRequestJson, parseRequestJson } from "../http/parse-json.ts";
import { type ProblemDetails, ProblemError } from "../http/problem.ts";
import { readRequestBody } from "../http/request-body.ts";
import { bearer, requireJob } from "../jobs/job-token.ts";
import { objectByName } from "../placement.ts";
import { storeOf } from "../store.ts";
import { cacheLimit, cachePackKey } from "./cache-mount-object.ts";
import type { CacheMountRefusal } from "./cache-mount-service.ts";

const MAX_STATE = 128 * 2 ** 20;
const stateParts = cacheState.extend({ chunks: z.array(z.unknown()).max(1_000_000) });
/** Cost of checking a chunk of a state. */
const CHUNK = 1024;

/** `/v1/jobs/<id>/caches/<key>`: stored cache mounts, see schemas/cache-mount.ts. */
export const cacheMounts = new Hono<{ Bindings: Env }>();

cacheMounts.post("/:id/caches/:key", async (c) => {
  const { id, key } = c.req.param();
  const { caches } = await requireJob(c.env, id, c.req.header("authorization"));
  if (!caches.includes(key)) throw unknown("the job does not use this cache");
  if (cacheLimit(c.env) === 0) throw unknown("this server stores no caches");
  const { sharing } = cacheRequest.parse(parseRequestJson(await c.req.text()));
  const grant = await objectOf(c.env, key).acquire(key, sharing);
  if (grant !== undefined) return c.json(grant);
  throw new ProblemError("cache-locked", {
    detail: `Cannot lease ${key} to the job: another job has locked it`,
    hint: "Retry in a second.",
  });
});

cacheMounts.get("/:id/caches/:key/state", async (c) => {
  const key = c.req.param("key");
  const state = await objectOf(c.env, key).state(bearer(c.req.header("authorization")));
  if (state === undefined) throw refusalProblem("lease-ended");
  const bytes = state === null ? undefined : await storeOf(c.env).getBytes(state);
  if (bytes === undefined) throw unknown("it has no stored state");
  return new Response(bytes as Uint8Array<ArrayBuffer>, { headers: { "content-type": "application/json" } });
});

cacheMounts.put("/:id/caches/:key/state", async (c) => {
  const key = c.req.param("key");
  const object = objectOf(c.env, key);
  const lease = bearer(c.req.header("authorization"));
  if (!(await object.renew(lease))) throw refusalProblem("lease-ended");
  const bytes = await collect(readRequestBody(c.req.raw), MAX_STATE);
  const packs = await packsOf(bytes);
  const place = `caches/${key}/states/${crypto.randomUUID()}`;
  await storeOf(c.env).put(place, bytes, bytes.length);
  const kept = await object.keep(lease, place, packs);
  if (typeof kept === "number") return c.json({ generation: kept });
  await storeOf(c.env).delete(place);
  throw refusalProblem(kept);
});

cacheMounts.get("/:id/caches/:key/packs/:pack", async (c) => {
  const { key, pack } = c.req.param();
  if (!(await objectOf(c.env, key).renew(bearer(c.req.header("authorization")))))
    throw refusalProblem("lease-ended");
  const range = /^bytes=(\d{1,12})-(\d{1,12})$/.exec(c.req.header("range") ?? "");
  if (range === null || !isPackId(pack)) throw unknown("reading a pack requires a valid name and a range");
  const offset = Number(range[1]);
  const length = Number(range[2]) - offset + 1;
  const bytes = await storeOf(c.env).get(cachePackKey(key, pack), { offset, length });
  if (bytes === undefined) throw unknown("there is no such pack");
  return new Response(bytes, { status: 206, headers: { "content-type": "application/octet-stream" } });
});

cacheMounts.put("/:id/caches/:key/packs/:pack", async (c) => {
  const { key, pack } = c.req.param();
  if (!isPackId(pack)) throw unknown("the name of the pack is invalid");
  const lease = bearer(c.req.header("authorization"));
  if (!(await objectOf(c.env, key).renew(lease))) throw refusalProblem("lease-ended");
  const bytes = await collect(readRequestBody(c.req.raw), MAX_CACHE_PACK);
  const refusal = await objectOf(c.env, key).addPack(lease, pack, bytes.length);
  if (refusal !== undefined) throw refusalProblem(refusal);
  await storeOf(c.env).put(cachePackKey(key, pack), bytes, bytes.length);
  return c.body(null, 204);
});

cacheMounts.post("/:id/caches/:key/lease", async (c) => {
  const object = objectOf(c.env, c.req.param("key"));
  if (!(await object.renew(bearer(c.req.header("authorization"))))) throw refusalProblem("lease-ended");
  return c.json({ wanted: await object.isWanted() } satisfies z.infer<typeof renewedLease>);
});

cacheMounts.delete("/:id/caches/:key/lease", async (c) => {
  await objectOf(c.env, c.req.param("key")).release(bearer(c.req.header("authorization")));
  return c.body(null, 204);
});

function objectOf(env: Env, key: string) {
  // Reject other names, because calling an object creates it.
  if (!/^[0-9a-f]{64}$/.test(key)) throw unknown("its key is invalid");
  return objectByName(env.CACHE_MOUNTS, key, env);
}

function unknown(reason: string): ProblemError {
  return new ProblemError("cache-unknown", {
    detail: `Cannot serve the cache mount: ${reason}`,
  });
}

function refusalProblem(refusal: CacheMountRefusal): ProblemError {
  return new ProblemError(`cache-${refusal}`, refusals[refusal]);
}

const refusals: Record<CacheMountRefusal, ProblemDetails> = {
  "lease-ended": { detail: "Cannot serve the cache mount: the lease is not valid, or has ended" },
  "pack-unknown": {
    detail:
      "Cannot store the state of the cache mount: one of its packs was deleted, or belongs to another lease",
    hint: "Upload all packs again.",
  },
  "too-large": { detail: "Cannot store the cache mount: it is larger than VARVE_CACHE_MOUNT_BYTES" },
};

/** The packs of a valid state. @throws {ProblemError}, z.ZodError */
async function packsOf(state: Uint8Array): Promise<string[]> {
  const { packs, chunks } = stateParts.parse(await parseLargeRequestJson(new TextDecoder().decode(state)));
  for (const chunk of chunks) {
    const turn = spend(CHUNK);
    if (turn !== undefined) await turn;
    cacheChunk.parse(chunk);
  }
  return packs;
}

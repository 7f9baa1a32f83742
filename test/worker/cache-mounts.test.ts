/// <reference types="@cloudflare/vitest-plugin/types" />
import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { describe, expect, test } from "vitest";
import type { CacheGrant, CacheSharing, CacheState } from "../../schemas/cache-mount.ts";
import { FakeRunner, type JobRef, type RunJob } from "./fake-runner.ts";
import { ask, builtBy, env, postBuild, problemIn, storedKeys } from "./server.ts";

const chunk = (pack: number, hex = "0"): CacheState["chunks"][number] => [hex.repeat(64), 1, pack, 0, 1];
let count = 0;

/** A job that mounts a new cache, and the key of the cache. */
async function jobWithCache(
  runner: FakeRunner,
): Promise<{ job: RunJob; key: string; building: Promise<Response> }> {
  const id = `cache-${count++}`;
  const building = postBuild({ Dockerfile: `FROM scratch\nRUN --mount=type=cache,id=${id},target=/c x\n` });
  const job = await runner.job();
  const [mount] = job.mounts;
  if (mount?.type !== "cache") throw new Error("there is no cache");
  return { job, key: mount.key, building };
}

const askFor = ({ id, token }: JobRef, key: string, sharing: CacheSharing = "shared") =>
  ask(`/v1/jobs/${id}/caches/${key}`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify({ sharing }),
  });

async function acquire(job: JobRef, key: string, sharing: CacheSharing = "shared"): Promise<CacheGrant> {
  const answer = await askFor(job, key, sharing);
  if (answer.status !== 200) throw new Error(await answer.text());
  return answer.json();
}

const withLease =
  (key: string, lease: string) =>
  (path: string, init: RequestInit = {}) =>
    ask(`/v1/jobs/any/caches/${key}/${path}`, {
      ...init,
      headers: { ...(init.headers as Record<string, string>), authorization: `Bearer ${lease}` },
    });

async function put(at: ReturnType<typeof withLease>, id: string, bytes = "x"): Promise<void> {
  const answer = await at(`packs/${id}`, { method: "PUT", body: bytes });
  if (answer.status !== 204) throw new Error(await answer.text());
}

const keep = (at: ReturnType<typeof withLease>, state: CacheState) =>
  at("state", { method: "PUT", body: JSON.stringify(state) });

describe("a cache", () => {
  test("is accessible to jobs that mount it and to holders of a lease", async () => {
    await using runner = await FakeRunner.dial({ capacity: 2 });
    const mine = await jobWithCache(runner);
    const theirs = await jobWithCache(runner);
    const forged = { ...mine.job, token: "0".repeat(64) };
    expect((await problemIn(await askFor(forged, mine.key))).code).toBe("job-denied");
    expect((await problemIn(await askFor(mine.job, theirs.key))).code).toBe("cache-unknown");
    const { lease } = await acquire(mine.job, mine.key);
    for (const [path, method] of [
      ["state", "GET"],
      ["state", "PUT"],
      [`packs/${crypto.randomUUID()}`, "PUT"],
      ["lease", "POST"],
    ] as const) {
      const body = method === "PUT" ? { body: "{}" } : {};
      for (const at of [withLease(theirs.key, lease), withLease(mine.key, mine.job.token)]) {
        expect([path, (await problemIn(await at(path, { method, ...body }))).code]).toEqual([
          path,
          "cache-lease-ended",
        ]);
      }
    }
    for (const { job, building } of [mine, theirs]) {
      await runner.finish(job, []);
      await builtBy(await building);
    }
    // The job has ended; its contents of the cache are stored later.
    expect((await withLease(mine.key, lease)("lease", { method: "POST" })).status).toBe(200);
    await withLease(mine.key, lease)("lease", { method: "DELETE" });
    expect((await problemIn(await withLease(mine.key, lease)("state"))).code).toBe("cache-lease-ended");
  });

  test("is replaced completely: old packs are deleted, and a state that refers to them is rejected", async () => {
    await using runner = await FakeRunner.dial();
    const { job, key, building } = await jobWithCache(runner);
    const [one, two] = [await acquire(job, key), await acquire(job, key)];
    expect([one.generation, two.generation]).toEqual([0, 0]);
    const [first, second] = [withLease(key, one.lease), withLease(key, two.lease)];
    expect((await problemIn(await first("state"))).code).toBe("cache-unknown");
    const [a, b] = [crypto.randomUUID(), crypto.randomUUID()];
    await put(first, a, "a");
    await put(second, b, "b");
    expect(await (await keep(first, { packs: [a], chunks: [chunk(0, "a")] })).json()).toEqual({
      generation: 1,
    });
    expect(await (await keep(second, { packs: [b], chunks: [chunk(0, "b")] })).json()).toEqual({
      generation: 2,
    });
    expect(await (await first("state")).json()).toEqual({ packs: [b], chunks: [chunk(0, "b")] });
    expect(await storedKeys(`caches/${key}/packs/`)).toEqual([`caches/${key}/packs/${b}`]);
    expect(await storedKeys(`caches/${key}/states/`)).toHaveLength(1);
    const stale = await keep(first, { packs: [a], chunks: [chunk(0, "a")] });
    expect(await problemIn(stale)).toMatchObject({ status: 409, code: "cache-pack-unknown" });
    const range = await first(`packs/${b}`, { headers: { range: "bytes=0-0" } });
    expect([range.status, new TextDecoder().decode(await range.arrayBuffer())]).toEqual([206, "b"]);
    // Other jobs may be reading it, so it is not overwritten.
    expect((await problemIn(await first(`packs/${b}`, { method: "PUT", body: "z" }))).code).toBe(
      "cache-pack-unknown",
    );
    await runner.finish(job, []);
    await builtBy(await building);
  });

  test("with sharing=locked has one user, and with sharing=private several instances", async () => {
    await using runner = await FakeRunner.dial();
    const { job, key, building } = await jobWithCache(runner);
    const { lease } = await acquire(job, key, "locked");
    const renew = async () => (await withLease(key, lease)("lease", { method: "POST" })).json();
    expect(await renew()).toEqual({ wanted: false });
    for (const sharing of ["locked", "shared"] as const) {
      expect(await problemIn(await askFor(job, key, sharing))).toMatchObject({
        status: 423,
        code: "cache-locked",
      });
    }
    expect(await renew()).toEqual({ wanted: true });
    expect((await acquire(job, key, "private")).slot).toBe(1);
    await withLease(key, lease)("lease", { method: "DELETE" });
    const again = await acquire(job, key, "shared");
    expect([again.slot, (await acquire(job, key, "shared")).slot]).toEqual([0, 0]);
    expect((await problemIn(await askFor(job, key, "locked"))).code).toBe("cache-locked");
    await runner.finish(job, []);
    await builtBy(await building);
  });

  test("that no job has requested stores nothing", async () => {
    const key = "f".repeat(64);
    const at = withLease(key, "0".repeat(64));
    for (const method of ["POST", "DELETE"]) await at("lease", { method });
    expect((await problemIn(await at("state"))).code).toBe("cache-lease-ended");
    const tables = await runInDurableObject(env.CACHE_MOUNTS.getByName(key), (_, { storage }) =>
      storage.sql.exec("SELECT name FROM sqlite_master").toArray(),
    );
    expect(tables).toEqual([]);
  });

  test("loses unreferenced packs when it is cleaned up", async () => {
    await using runner = await FakeRunner.dial();
    const { job, key, building } = await jobWithCache(runner);
    const { lease } = await acquire(job, key);
    const at = withLease(key, lease);
    const [kept, never] = [crypto.randomUUID(), crypto.randomUUID()];
    await put(at, kept);
    await keep(at, { packs: [kept], chunks: [chunk(0)] });
    await put(at, never);
    const object = env.CACHE_MOUNTS.getByName(key);
    await runDurableObjectAlarm(object);
    // The runner that sent it still has a lease.
    expect(await storedKeys(`caches/${key}/packs/`)).toHaveLength(2);
    await at("lease", { method: "DELETE" });
    await runDurableObjectAlarm(object);
    expect(await storedKeys(`caches/${key}/packs/`)).toEqual([`caches/${key}/packs/${kept}`]);
    await runner.finish(job, []);
    await builtBy(await building);
  });

  test.each([
    ["not JSON", "{", "invalid-json"],
    ["not a state", "{}", "invalid-request"],
    ["a pack whose name is a path", JSON.stringify({ packs: ["../x"], chunks: [] }), "invalid-request"],
    [
      "a pack that was never sent",
      JSON.stringify({ packs: [crypto.randomUUID()], chunks: [] }),
      "cache-pack-unknown",
    ],
  ])("rejects a state that is %s", async (_, body, code) => {
    await using runner = await FakeRunner.dial();
    const { job, key, building } = await jobWithCache(runner);
    const { lease } = await acquire(job, key);
    expect((await problemIn(await withLease(key, lease)("state", { method: "PUT", body }))).code).toBe(code);
    expect(
      (await problemIn(await withLease(key, lease)("packs/..%2f..%2fx", { method: "PUT", body }))).code,
    ).toBe("cache-unknown");
    await runner.finish(job, []);
    await builtBy(await building);
  });
});

import { evictDurableObject } from "cloudflare:test";
import { describe, expect, test, vi } from "vitest";
import type { PruneReport, Usage } from "../../schemas/usage.ts";
import { memoryStore } from "../../src/store/memory-store.ts";
import { noteIdle, noteRunning, pinnedByBuilds } from "../../src/worker/builds/running-builds.ts";
import { collectorOf } from "../../src/worker/operation/collector-service.ts";
import { startPrune } from "../../src/worker/operation/prune.ts";
import { allOf } from "../helpers/all-of.ts";
import { ask, build, env, problemIn, recordOf, storedKeys } from "./server.ts";

const usage = async () => (await ask("/v1/usage")).json<Usage>();

async function post(options: object): Promise<PruneReport> {
  let answer = await ask("/v1/prune", { method: "POST", body: JSON.stringify(options) });
  while (answer.status === 202) answer = await ask(answer.headers.get("location") ?? "");
  if (answer.status !== 200) throw new Error(await answer.text());
  return answer.json();
}

/** A prune at another time. */
async function pruneLater(milliseconds: number, rules: object = {}): Promise<PruneReport> {
  const at = Date.now() + milliseconds;
  return startPrune(env, { dryRun: false, grace: at, unused: at, builds: at, ...rules }, 60_000);
}

describe("prune", () => {
  test("keeps recent builds and reports that nothing is removed", async () => {
    await build({ a: "1", Dockerfile: "FROM scratch\nCOPY a /\n" }, { t: "pruned/app:1" });
    const report = await post({ dryRun: true, keep: 0, untagged: "0s", unused: "0s", grace: "0s" });
    expect(report).toMatchObject({ state: "done", dryRun: true, tags: [], manifests: [] });
    expect(report.total.objects).toBe(0);
  });

  test("can delete everything, and later builds succeed", async () => {
    const files = { a: "2", Dockerfile: "FROM scratch\nCOPY a /\nWORKDIR /w\n" };
    const first = await build(files, { t: "pruned/app:1", timestamps: "fixed" });
    const other = await build({ ...files, a: "3" }, { t: "pruned/app:2" });
    const before = await usage();
    expect(before.repositories.find(({ name }) => name === "pruned/app")).toMatchObject({ tags: 2 });
    await ask(`/v2/pruned/app/manifests/${first.digest}`, { method: "DELETE" });
    const report = await pruneLater(60_000);
    expect(report.state).toBe("done");
    expect(report.removed).toMatchObject({ blobs: {}, packs: {}, contexts: {}, builds: {} });
    for (const { digest } of [...other.manifest.layers, other.manifest.config]) {
      expect((await ask(`/v2/pruned/app/blobs/${digest}`)).status).toBe(200);
    }
    expect((await recordOf(first.id)) as unknown).toMatchObject({ code: "build-unknown" });
    expect((await build(files, { t: "pruned/app:1", timestamps: "fixed" })).digest).toBe(first.digest);
    await pruneLater(120_000, { keep: 0, untagged: Date.now() + 120_000 });
    expect((await storedKeys()).filter((key) => !/^(caches|epochs)\//.test(key))).toEqual([]);
  });

  test("is one run when its request is repeated after a restart of the collector", async () => {
    const at = Date.now();
    const rules = { dryRun: true, grace: at, unused: at, builds: at };
    const first = await collectorOf(env).start(rules, "the same request");
    await evictDurableObject(collectorOf(env));
    expect(await collectorOf(env).start(rules, "the same request")).toEqual(first);
    const report = await collectorOf(env).wait("id" in first ? first.id : "", 60_000);
    expect(report).toMatchObject({ state: "done" });
  });

  test("returns a separate report for each request, also during another prune", async () => {
    const requests = [{ dryRun: true }, { grace: "48h" }, { dryRun: true, keep: 1 }, { until: "90d" }];
    const reports = await Promise.all(requests.map(post));
    expect(reports.map(({ dryRun }) => dryRun)).toEqual([true, false, true, false]);
    expect(new Set(reports.map(({ id }) => id)).size).toBe(requests.length);
    for (const report of reports) {
      expect(await (await ask(`/v1/prune?id=${report.id}`)).json()).toEqual(report);
    }
    expect(await problemIn(await ask("/v1/prune?id=999999"))).toMatchObject({ code: "prune-unknown" });
  });

  test("rejects a prune when too many are waiting", async () => {
    const answers = await Promise.all(
      Array.from({ length: 30 }, () => ask("/v1/prune", { method: "POST", body: '{"dryRun":true}' })),
    );
    const refused = answers.filter(({ status }) => status === 409);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]?.headers.get("retry-after")).toBe("60");
    for (const answer of answers) expect([200, 202, 409]).toContain(answer.status);
  });

  test("keeps objects that a running build pins", async () => {
    const held = await env.BUILDS.getByName("0".repeat(64)).held();
    expect(held).toEqual({ blobs: [], manifests: [], contexts: [] });
  });

  test("build cache records expire", async () => {
    await build({ a: "9", Dockerfile: "FROM scratch\nCOPY a /\n" }, { t: "pruned/expiring" });
    for (const prefix of ["step/", "content/", "trail/", "context/"]) {
      const { keys } = await env.CACHE.list({ prefix });
      expect(keys.length, prefix).toBeGreaterThan(0);
      for (const { name, expiration } of keys) expect(expiration, name).toBeGreaterThan(Date.now() / 1000);
    }
  });

  test("calls only the objects of running builds", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const store = memoryStore();
    const digest = `sha256:${"1".repeat(64)}`;
    const calls: string[] = [];
    const buildOf = (id: string) => ({
      async held() {
        calls.push(id);
        return id === "running"
          ? { blobs: [digest], manifests: [], contexts: [digest] }
          : { blobs: [], manifests: [], contexts: [] };
      },
    });
    await noteRunning(store, "ended", "1-1");
    await noteIdle(store, "ended", "1-1");
    await noteRunning(store, "running", "1-1");
    await noteRunning(store, "running", "2-1");
    expect((await pinnedByBuilds(store, buildOf)).blobs).toEqual([digest]);
    expect(calls).toEqual(["running"]);
    expect(await storedKeys("running/")).toEqual([]);
    await store.put("running/interrupted/1-1", new Uint8Array(), 0);
    vi.setSystemTime(Date.now() + 2 * 60 * 60 * 1000);
    await pinnedByBuilds(store, buildOf);
    vi.useRealTimers();
    const left = (await allOf(store.list(""))).map(({ key }) => key);
    expect(left).toEqual(["running/running/1-1", "running/running/2-1"]);
  });

  test("rejects an invalid age", async () => {
    const answer = await ask("/v1/prune", { method: "POST", body: JSON.stringify({ until: "soon" }) });
    expect(await problemIn(answer)).toMatchObject({ status: 400, code: "invalid-request" });
    const unknown = await ask("/v1/prune", { method: "POST", body: JSON.stringify({ all: true }) });
    expect(await problemIn(unknown)).toMatchObject({ status: 400, code: "invalid-request" });
  });

  test("rejects options in the query and deletes nothing", async () => {
    const { digest } = await build({ Dockerfile: "FROM scratch\nLABEL a=b\n" }, { t: "pruned/kept" });
    const answer = await ask("/v1/prune?dryRun=true&keep=0", { method: "POST" });
    expect(await problemIn(answer)).toMatchObject({
      status: 400,
      detail: expect.stringContaining('"dryRun"'),
    });
    expect((await ask(`/v2/pruned/kept/manifests/${digest}`)).status).toBe(200);
  });
});

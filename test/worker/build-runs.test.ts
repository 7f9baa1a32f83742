/// <reference types="@cloudflare/vitest-plugin/types" />
import { runInDurableObject } from "cloudflare:test";
import { describe, expect, test } from "vitest";
import type { BuildList, BuildRecord, Insights, RunList } from "../../schemas/build.ts";
import { BuildRuns } from "../../src/worker/builds/build-runs.ts";
import type { ContextFiles } from "../helpers/context-archive.ts";
import { gatedFile } from "./network.ts";
import { ask, build, env, eventsOf, parseEvents, postBuild, storedKeys, textOf } from "./server.ts";

const json = async <T>(path: string): Promise<T> => (await ask(path)).json<T>();
const runsOf = async (id: string) => (await json<RunList>(`/v1/builds/${id}/runs`)).runs;
const listed = async (query: Record<string, string>) =>
  (await json<BuildList>(`/v1/builds?${new URLSearchParams(query)}`)).builds;

/** Waits until the lists have the ends of all runs of an image. */
async function noted(image: string): Promise<void> {
  for (;;) {
    const states = await Promise.all(
      (await storedKeys(`histories/${image}/_/`)).map(
        async (key) => JSON.parse((await env.BUCKET.head(key))?.customMetadata?.record ?? "{}").state,
      ),
    );
    if (states.length > 0 && !states.includes("running")) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const filesOf = (name: string): ContextFiles => ({
  Dockerfile: `FROM scratch\nCOPY a /a\nWORKDIR /${name}\n`,
  a: `a of ${name}`,
});

describe("a repeated build", () => {
  test("is a new run; the earlier record, log and explanation stay", async () => {
    const files = filesOf("repeated");
    const headers = { "user-agent": "curl/8.9 (x)" };
    const first = await postBuild(files, { t: "repeated" }, headers);
    const id = first.headers.get("varve-build") ?? "";
    const [before, events] = [await json<BuildRecord>(`/v1/builds/${id}`), await eventsOf(id)];
    const second = await postBuild(files, { t: "repeated" }, { "user-agent": "varve/1" });
    expect([second.headers.get("varve-build"), second.headers.get("varve-run")]).toEqual([id, "2"]);
    await noted("repeated");

    const runs = await runsOf(id);
    expect(runs).toMatchObject([
      { id, run: 2, state: "done", caller: "local", origin: "varve/1", steps: { hits: 2, misses: 0 } },
      { id, run: 1, state: "done", caller: "local", origin: "curl/8.9 (x)", steps: { hits: 0, misses: 2 } },
    ]);
    expect(runs[0]?.size).toBeGreaterThan(0);
    const { size: _, ...kept } = await json<BuildRecord>(`/v1/builds/${id}?run=1`);
    const { size: __, ...was } = before;
    expect(kept).toEqual(was);
    expect(parseEvents(await textOf(await ask(`/v1/builds/${id}/events?run=1`)))).toEqual(events);
    expect(parseEvents(await textOf(await ask(`/v1/builds/${id}/events`)))).not.toEqual(events);
    const statuses = async (run: number) =>
      (await json<{ steps: { status: string }[] }>(`/v1/builds/${id}/explain?run=${run}`)).steps.map(
        ({ status }) => status,
      );
    expect(await statuses(1)).toEqual(["miss", "miss"]);
    expect(await statuses(2)).not.toContain("miss");
    expect((await ask(`/v1/builds/${id}?run=3`)).status).toBe(404);
    expect((await listed({ image: "repeated" })).map(({ run }) => run)).toEqual([2, 1]);
  });

  test("counts the requests that joined a run", async () => {
    const { url, open, waiting } = gatedFile("joined", "contents");
    const files = { Dockerfile: `FROM scratch\nADD ${url} /\n` };
    const first = postBuild(files, { t: "joined" });
    await waiting();
    const second = postBuild(files, { t: "joined" }, { prefer: "respond-async" });
    const id = (await second).headers.get("varve-build") ?? "";
    open();
    await first;
    expect(await runsOf(id)).toMatchObject([{ run: 1, joined: 1 }]);
  });
});

describe("the list", () => {
  test("starts no objects of finished builds", async () => {
    const { id } = await build(filesOf("listed"), { t: "listed/app" });
    await noted("listed/app");
    await runInDurableObject(env.BUILDS.getByName(id), (_, { storage }) => storage.deleteAll());
    expect((await listed({ image: "listed/app" }))[0]).toMatchObject({
      id,
      state: "done",
      tags: ["listed/app"],
      result: { repository: "listed/app" },
    });
  });

  test("can be filtered by image and state", async () => {
    const { id } = await build(filesOf("ok"), { t: "filtered/a" });
    const broken = { Dockerfile: `FROM scratch\nADD https://nowhere.example.com/x /\n` };
    await postBuild(broken, { t: "filtered/a" });
    await build(filesOf("other"), { t: "filtered/b" });
    expect((await listed({ image: "filtered/a" })).map(({ state }) => state)).toEqual(["failed", "done"]);
    expect((await listed({ image: "filtered/a", state: "done" })).map((one) => one.id)).toEqual([id]);
    expect((await listed({ state: "failed" })).every(({ state }) => state === "failed")).toBe(true);
    expect(await listed({ image: "filtered/none" })).toEqual([]);
    expect((await ask("/v1/builds?state=lost")).status).toBe(400);
  });

  test("has at most `n` runs, and the next ones after its cursor", async () => {
    for (const a of ["1st", "2nd", "3rd"]) await build({ ...filesOf("paged"), a }, { t: "paged" });
    await noted("paged");
    const first = await json<BuildList>("/v1/builds?image=paged&n=2");
    expect(first.builds).toHaveLength(2);
    const rest = await json<BuildList>(`/v1/builds?image=paged&n=2&last=${first.next}`);
    expect(rest.builds).toHaveLength(1);
    expect(rest.next).toBeUndefined();
  });

  test("contains a build under each of its images, with non-ASCII text", async () => {
    const files = { Dockerfile: "FROM scratch\nCOPY none-ü /\n" };
    await postBuild({ ...files, "none-ä": "" }, { t: "filtered/c" });
    const answer = await ask("/v1/builds?t=filtered/d&t=filtered/e", {
      method: "POST",
      body: JSON.stringify({ dockerfile: "FROM scratch\nLABEL a=ü\n" }),
      headers: { "content-type": "application/json" },
    });
    const id = answer.headers.get("varve-build") ?? "";
    for (const image of ["filtered/d", "filtered/e"])
      expect((await listed({ image })).map((one) => one.id)).toEqual([id]);
  });
});

describe("stored data", () => {
  const record = (run: number): BuildRecord => ({
    id: "x",
    run,
    state: "done",
    tags: [],
    started: new Date(run * 1000).toISOString(),
  });

  test("is limited to a number of runs, and to fewer logs", async () => {
    await runInDurableObject(env.BUILDS.getByName("bounded"), (_, { storage }) => {
      const runs = new BuildRuns(storage.sql);
      for (let run = 1; run <= 130; run++) {
        runs.append(run, 0, { type: "plan", steps: [] });
        runs.keep(run, record(run));
      }
      expect(runs.list().map(({ run }) => run)).toEqual(Array.from({ length: 100 }, (_, i) => 130 - i));
      const logs = Array.from({ length: 130 }, (_, i) => i + 1).filter(
        (run) => runs.eventsAfter(run, 0).length > 0,
      );
      expect(logs).toEqual(Array.from({ length: 10 }, (_, i) => 121 + i));
      runs.forgetUntil(125_000);
      expect(runs.list().map(({ run }) => run)).toEqual([130, 129, 128, 127, 126]);
      expect(runs.eventsAfter(125, 0)).toEqual([]);
    });
  });

  test("has no event that is not written, and continues its numbers", async () => {
    await runInDurableObject(env.BUILDS.getByName("written"), (_, { storage: { sql } }) => {
      const written = () => sql.exec<{ n: number }>("SELECT COUNT(*) AS n FROM run_events").one().n;
      const append = (runs: BuildRuns, run: number) => runs.append(run, 0, { type: "plan", steps: [] }).seq;
      const runs = new BuildRuns(sql);
      expect([append(runs, 1), append(runs, 1)]).toEqual([1, 2]);
      expect(written()).toBe(0);
      expect([append(runs, 2), append(runs, 1), append(runs, 2)]).toEqual([1, 3, 2]);
      runs.flush();
      expect(written()).toBe(5);
      append(runs, 2);
      expect(runs.eventsAfter(2, 2)).toHaveLength(1);
      expect(written()).toBe(6);
      append(runs, 2);
      // A crash loses the last one, which has no reader.
      const later = new BuildRuns(sql);
      expect(append(later, 2)).toBe(4);
    });
  });

  test("is removed by prune, the newest run last", async () => {
    const files = filesOf("pruned");
    const { id } = await build(files, { t: "pruned" });
    await noted("pruned");
    await new Promise((resolve) => setTimeout(resolve, 3000));
    await build(files, { t: "pruned" });
    await noted("pruned");
    const [, first] = await runsOf(id);
    const age = (Date.now() - Date.parse(first?.started ?? "")) / 1000 - 0.5;
    const prune = { method: "POST", body: JSON.stringify({ until: `${age.toFixed(3)}s` }) };
    expect((await ask("/v1/prune", prune)).status).toBe(200);
    expect((await runsOf(id)).map(({ run }) => run)).toEqual([2]);
    expect(await storedKeys("histories/pruned/")).toHaveLength(1);
  });
});

test("an unknown parameter is an error and not ignored", async () => {
  const { id } = await build(filesOf("unknown-parameter"), { t: "unknown-parameter" });
  for (const path of [
    "/v1/builds?limit=5",
    "/v1/insights?image=unknown-parameter&limit=5",
    `/v1/builds/${id}?number=1`,
    `/v1/builds/${id}/events?number=1`,
    `/v1/builds/${id}/explain?number=1`,
  ]) {
    const answer = await ask(path);
    expect({ path, status: answer.status }).toEqual({ path, status: 400 });
    expect(await answer.json()).toMatchObject({
      code: "invalid-request",
      detail: expect.stringMatching(/"(limit|number)"/),
    });
  }
});

test("insights summarise the last runs of an image", async () => {
  for (const a of ["1", "2", "2"]) await build({ ...filesOf("insights"), a }, { t: "insights/app" });
  await noted("insights/app");
  const found = await json<Insights>("/v1/insights?image=insights/app");
  expect(found).toMatchObject({ image: "insights/app", runs: 3, failed: 0, hitRate: 2 / 6 });
  expect(found.steps.find(({ name }) => name === "COPY a /a")).toMatchObject({ executed: 2, reused: 1 });
  expect(found.sizes).toHaveLength(3);
  expect(found.duration?.longest).toBeGreaterThanOrEqual(found.duration?.median ?? Number.NaN);
  expect((await json<Insights>("/v1/insights?image=insights/app&n=1")).runs).toBe(1);
  expect(await json("/v1/insights?image=insights/none")).toEqual({
    image: "insights/none",
    runs: 0,
    failed: 0,
    steps: [],
    sizes: [],
  });
});

/// <reference types="@cloudflare/vitest-plugin/types" />
import {
  abortAllDurableObjects,
  evictDurableObject,
  runDurableObjectAlarm,
  runInDurableObject,
} from "cloudflare:test";
import { describe, expect, test, vi } from "vitest";
import { StoreBusyError } from "../../src/store/retry.ts";
import { contextOf } from "../helpers/context-archive.ts";
import { gatedFile, gatedImage } from "./network.ts";
import {
  ask,
  build,
  builtBy,
  endedRecordOf,
  env,
  eventsOf,
  parseEvents,
  postBuild,
  problemIn,
  recordOf,
  textOf,
} from "./server.ts";

const waitsFor = (url: string) => ({
  Dockerfile: `FROM scratch\nCOPY a /a\nADD ${url} /\n`,
  a: `a for ${url}`,
});
/** Its step finishes before the image is stored. */
const laidOn = (url: string) => ({ Dockerfile: `FROM ${url}\nCOPY --link a /a\n`, a: `a on ${url}` });
const respondAsync = { prefer: "respond-async" };
const idOf = async (answer: Promise<Response>) => (await answer).headers.get("varve-build") ?? "";

describe("equal requests share one build", () => {
  test("while it runs", async () => {
    const { url, open, waiting } = gatedFile("meet", "contents");
    const first = postBuild(waitsFor(url), { t: "meet" });
    await waiting();
    const second = postBuild(waitsFor(url), { t: "meet" });
    const followed = postBuild(waitsFor(url), { t: "meet" }, { accept: "application/x-ndjson" });
    await new Promise((resolve) => setTimeout(resolve, 50));
    open();
    const [a, b] = [await builtBy(await first), await builtBy(await second)];
    expect(b).toEqual(a);
    const events = parseEvents(await textOf(await followed));
    expect(events.filter(({ type }) => type === "step.start")).toHaveLength(2);
    expect(events).toEqual(await eventsOf(a.id));
  });

  test("later requests execute it again and find every step in the build cache", async () => {
    const files = { Dockerfile: "FROM scratch\nCOPY later /", later: "later" };
    const first = await build(files, { t: "later" });
    expect(await build(files, { t: "later" })).toEqual(first);
    const types = (await eventsOf(first.id)).map(({ type }) => type);
    expect(types).toEqual(["plan", "step.cached", "export", "result"]);
  });
});

describe("a client that disconnects", () => {
  test("before the response does not stop the build", async () => {
    const { url, open, waiting } = gatedFile("leave", "contents");
    const leave = new AbortController();
    const left = ask("/v1/builds?t=leave", {
      method: "POST",
      body: contextOf(waitsFor(url)),
      signal: leave.signal,
    });
    await waiting();
    leave.abort();
    await expect(left).rejects.toThrow();
    const id = await idOf(postBuild(waitsFor(url), { t: "leave" }, respondAsync));
    expect(await recordOf(id)).toMatchObject({ state: "running" });
    open();
    expect(await endedRecordOf(id)).toMatchObject({ state: "done", tags: ["leave"] });
    expect((await ask("/v2/leave/manifests/latest")).status).toBe(200);
  });

  test("while it reads events does not stop the build, and can reconnect", async () => {
    const { url, open, waiting } = gatedFile("events", "contents");
    const answer = await postBuild(waitsFor(url), { t: "away" }, { accept: "text/event-stream" });
    const id = answer.headers.get("varve-build") ?? "";
    const reader = answer.body?.getReader();
    const { value } = (await reader?.read()) ?? {};
    expect(new TextDecoder().decode(value)).toMatch(/^id: 1\nevent: plan\n/);
    await waiting();
    await reader?.cancel();
    const back = ask(`/v1/builds/${id}/events`, { headers: { "last-event-id": "1" } });
    open();
    const events = parseEvents(await textOf(await back));
    expect(events[0]?.seq).toBe(2);
    expect(events.at(-1)?.type).toBe("result");
  });
});

describe("cancel", () => {
  test("stops the build and its waiting requests; the next build finds finished steps", async () => {
    const { url, open, waiting } = gatedImage("cancel");
    const files = laidOn(url);
    const waits = postBuild(files, { t: "cancel" });
    const follows = postBuild(files, { t: "cancel" }, { accept: "application/x-ndjson" });
    await waiting();
    const id = await idOf(follows);
    // The other server has not answered yet.
    const cancelled = await ask(`/v1/builds/${id}`, { method: "DELETE" });
    expect(await cancelled.json()).toMatchObject({ id, state: "cancelled", problem: { code: "cancelled" } });
    expect(await problemIn(await waits)).toMatchObject({ status: 409, code: "cancelled" });
    expect(parseEvents(await textOf(await follows)).at(-1)).toMatchObject({ type: "error" });
    expect((await ask("/v2/cancel/manifests/latest")).status).toBe(404);

    open();
    expect(await build(files, { t: "cancel" })).toMatchObject({ id });
    expect(await recordOf(id)).toMatchObject({ state: "done" });
    expect((await eventsOf(id)).map(({ type }) => type)).toContain("step.cached");
  });

  test("has no effect on a finished build", async () => {
    const { id } = await build({ Dockerfile: "FROM scratch\nLABEL ended=1" });
    const answer = await ask(`/v1/builds/${id}`, { method: "DELETE" });
    expect(await answer.json()).toMatchObject({ state: "done" });
  });
});

describe("an instance that was lost", () => {
  const stubOf = (id: string) => env.BUILDS.getByName(id);

  test("after the build keeps the record, events and explanation", async () => {
    const { id } = await build({ Dockerfile: "FROM scratch\nCOPY gone /", gone: "gone" }, { t: "gone" });
    const before = [await recordOf(id), await eventsOf(id)];
    await evictDurableObject(stubOf(id));
    expect([await recordOf(id), await eventsOf(id)]).toEqual(before);
  });

  test.each(["a client", "the alarm"])("during the build: %s restarts it", async (who) => {
    const name = who.replace(" ", "-");
    const { url, open, waiting } = gatedImage(name);
    const id = await idOf(postBuild(laidOn(url), { t: name }, respondAsync));
    await waiting();
    expect((await eventsOfSoFar(id)).map(({ type }) => type)).toContain("step.done");
    await abortAllDurableObjects();
    open();
    if (who === "the alarm") expect(await runDurableObjectAlarm(stubOf(id))).toBe(true);
    expect(await endedRecordOf(id)).toMatchObject({ id, state: "done" });
    // Finished steps are not executed again.
    const events = await eventsOf(id);
    const types = events.map(({ type }) => type);
    expect(types.slice(types.lastIndexOf("plan"))).toEqual([
      "plan",
      "step.cached",
      "step.start",
      "step.progress",
      "step.done",
      "export",
      "result",
    ]);
    // A client that has read the log of the first attempt receives that of the second.
    expect(types.filter((type) => type === "plan")).toHaveLength(2);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    expect((await ask(`/v2/${name}/manifests/latest`)).status).toBe(200);
  });

  test("during the build does not repeat its warnings", async () => {
    const { url, open, waiting } = gatedImage("warned");
    const { Dockerfile, a } = laidOn(url);
    const files = { Dockerfile: `${Dockerfile}MAINTAINER me\n`, a };
    const id = await idOf(postBuild(files, { t: "warned" }, respondAsync));
    await waiting();
    expect((await eventsOfSoFar(id)).map(({ type }) => type)).toContain("warning");
    await abortAllDurableObjects();
    open();
    expect(await endedRecordOf(id)).toMatchObject({ state: "done" });
    const types = (await eventsOf(id)).map(({ type }) => type);
    expect(types.filter((type) => type === "plan")).toHaveLength(2);
    expect(types.filter((type) => type === "warning")).toHaveLength(1);
  });

  test("during a build with a password in a URL ends it; the next request builds again", async () => {
    const { url, waiting, open } = gatedFile("password", "contents");
    const files = waitsFor(url.replace("//", "//user:password@"));
    const id = await idOf(postBuild(files, { t: "password" }, respondAsync));
    await waiting();
    await abortAllDurableObjects();
    expect(await endedRecordOf(id)).toMatchObject({ state: "failed", problem: { code: "credentials-lost" } });
    open();
    expect(await build(files, { t: "password" })).toMatchObject({ id });
  });

  test("repeatedly ends the build", async () => {
    const { url, waiting, open } = gatedImage("crash");
    const id = await idOf(postBuild(laidOn(url), { t: "crash" }, respondAsync));
    await waiting();
    for (let times = 0; times < 5; times++) {
      await abortAllDurableObjects();
      await recordOf(id);
    }
    expect(await endedRecordOf(id)).toMatchObject({
      state: "failed",
      problem: { code: "build-ends-server" },
    });
    // A new request starts the build again.
    open();
    expect(await build(laidOn(url), { t: "crash" })).toMatchObject({ id });
  });
});

describe("a store that rejects requests", () => {
  const files = (name: string) => ({ Dockerfile: "FROM scratch\nCOPY busy /\n", busy: name });

  test("for a while: the build is executed again and succeeds", async () => {
    using store = refuseTables(2);
    const { id } = await build(files("refused twice"), { t: "busy/twice" });
    expect(store.refused()).toBe(2);
    expect(await recordOf(id)).toMatchObject({ state: "done" });
    expect((await eventsOf(id)).map(({ type }) => type)).not.toContain("error");
  });

  test("until the build is cancelled in the pause before the next attempt: the pause ends", async () => {
    using store = refuseTables(Number.POSITIVE_INFINITY);
    using pauses = longPauses(1000);
    const id = await idOf(postBuild(files("refused"), { t: "busy/cancelled" }, respondAsync));
    while (pauses.count() === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const answer = await ask(`/v1/builds/${id}`, { method: "DELETE" });
    expect(await answer.json()).toMatchObject({ state: "cancelled", problem: { code: "cancelled" } });
    expect(store.refused()).toBe(1);
  });
});

describe("records", () => {
  test("are listed, newest first", async () => {
    const ids: string[] = [];
    for (const name of ["one", "two", "three"])
      ids.unshift(
        (await build({ Dockerfile: `FROM scratch\nLABEL list=${name}` }, { t: `list/${name}` })).id,
      );
    const { builds } = await (await ask("/v1/builds")).json<{ builds: { id: string }[] }>();
    expect(builds.slice(0, 3).map(({ id }) => id)).toEqual(ids);
  });

  test("include failed builds with their problem", async () => {
    const { url, open } = gatedFile("fails", "contents");
    open();
    const Dockerfile = `FROM scratch\nADD --checksum=sha256:${"0".repeat(64)} ${url} /`;
    const record = await endedRecordOf(await idOf(postBuild({ Dockerfile }, {}, respondAsync)));
    expect(record).toMatchObject({
      state: "failed",
      problem: { status: 400, code: "download-failed", errors: [{ file: "Dockerfile", line: 2 }] },
    });
    expect(await problemIn(await postBuild({ Dockerfile }))).toMatchObject(record.problem ?? {});
  });

  test.each(["0".repeat(64), "x", "..", "%00", "0".repeat(63)])("do not exist for %j", async (id) => {
    for (const [method, path] of [
      ["GET", ""],
      ["DELETE", ""],
      ["GET", "/events"],
      ["GET", "/explain"],
    ]) {
      const problem = await problemIn(await ask(`/v1/builds/${id}${path}`, { method: method ?? "" }));
      expect([404, problem.code]).toContain(problem.status);
    }
  });

  test("leave no stored object when they do not exist", async () => {
    const id = "1".repeat(64);
    for (const path of ["", "/events", "/explain", "/runs"])
      await textOf(await ask(`/v1/builds/${id}${path}`));
    const tables = await runInDurableObject(env.BUILDS.getByName(id), (_, { storage }) =>
      storage.sql.exec("SELECT name FROM sqlite_master").toArray(),
    );
    expect(tables).toEqual([]);
  });
});

/** Events until now, without waiting for the end. */
async function eventsOfSoFar(id: string) {
  return env.BUILDS.getByName(id).log();
}

/** Makes R2 reject that many tables of contents, as after the retries of the store. */
function refuseTables(times: number) {
  const bucket: { put(...args: unknown[]): Promise<unknown> } = Object.getPrototypeOf(env.BUCKET);
  const { put } = bucket;
  let refused = 0;
  bucket.put = function (...args) {
    if (!String(args[0]).startsWith("tocs/") || refused >= times) return put.apply(this, args);
    refused += 1;
    return Promise.reject(new StoreBusyError(`Cannot write ${JSON.stringify(args[0])}`));
  };
  return {
    refused: () => refused,
    [Symbol.dispose]() {
      bucket.put = put;
    },
  };
}

/** Extends timers of `milliseconds` to an hour, and counts them. */
function longPauses(milliseconds: number) {
  const original = globalThis.setTimeout;
  let count = 0;
  vi.stubGlobal("setTimeout", (callback: () => void, delay?: number) => {
    if (delay !== milliseconds) return original(callback, delay);
    count += 1;
    return original(callback, 3_600_000);
  });
  return {
    count: () => count,
    [Symbol.dispose]() {
      vi.stubGlobal("setTimeout", original);
    },
  };
}

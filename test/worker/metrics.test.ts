import { describe, expect, test } from "vitest";
import type { Health } from "../../schemas/health.ts";
import { checkHealth } from "../../src/worker/operation/health.ts";
import { addSample, routeOf, type Samples } from "../../src/worker/operation/metrics.ts";
import { ask, build, env, postBuild } from "./server.ts";

/** The values of `/metrics` by series. */
async function metrics(): Promise<Record<string, number>> {
  const answer = await ask("/metrics");
  expect(answer.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  const lines = (await answer.text()).trim().split("\n");
  return Object.fromEntries(
    lines.filter((line) => !line.startsWith("#")).map((line) => line.split(" ") as [string, string]),
  ) as unknown as Record<string, number>;
}

const health = async () => (await (await ask("/v1/health")).json()) as Health;

test("requests, builds, steps and rejections are counted", async () => {
  const before = await metrics();
  await build({ Dockerfile: "FROM scratch\nCOPY a /\n", a: "counted" }, { t: "counted" });
  await build({ Dockerfile: "FROM scratch\nCOPY a /\n", a: "counted" }, { t: "counted" });
  expect((await ask("/v1/builds/none")).status).toBe(404);
  await (await ask("/v2/counted/manifests/latest")).arrayBuffer();
  const after = await metrics();
  const grown = (series: string) => Number(after[series] ?? 0) - Number(before[series] ?? 0);
  expect(grown('varve_requests_total{route="builds",status="2xx"}')).toBe(2);
  expect(grown('varve_requests_total{route="builds",status="4xx"}')).toBe(1);
  expect(grown('varve_requests_total{route="manifests",status="2xx"}')).toBe(1);
  expect(grown('varve_request_seconds_count{route="builds"}')).toBe(3);
  expect(grown('varve_request_seconds_bucket{route="builds",le="+Inf"}')).toBe(3);
  expect(grown('varve_sent_bytes_total{route="manifests"}')).toBeGreaterThan(100);
  expect(grown('varve_problems_total{code="build-unknown"}')).toBe(1);
  expect(grown('varve_builds_total{state="done"}')).toBe(2);
  expect(grown('varve_steps_total{result="miss"}')).toBe(1);
  expect(grown('varve_steps_total{result="hit"}')).toBe(1);
  expect(after['varve_runners{pool="default"}']).toBe("0");
});

describe("labels", () => {
  /** Maximum number of series: for each metric, the product of the numbers of values of its labels. */
  const MAX_SERIES = 541;
  const hostile = ['"} 1\nforged{a="', "\u0000", "é".repeat(1000), "__proto__", "constructor", ""];

  test("have a bounded number of values for any requests", () => {
    const samples: Samples = {};
    for (let index = 0; index < 20_000; index++) {
      const text = `${hostile[index % hostile.length]}${index}`;
      const route = routeOf(`/${["v1", "v2", text][index % 3]}/${text}/blobs/${text}`, index % 2 === 0);
      addSample(samples, "varve_requests_total", { route, status: `${index % 9}xx` }, 1);
      addSample(samples, "varve_request_seconds", { route }, index);
      addSample(samples, "varve_problems_total", { code: text }, 1);
    }
    expect(Object.keys(samples).length).toBeLessThan(MAX_SERIES);
    for (const series of Object.keys(samples)) expect(series).toMatch(/^varve_\w+(\{[\w="/+.,-]+\})?$/);
  });

  test.each([
    ["/v2/team/app/manifests/1", "manifests"],
    ["/v2/team/app/blobs/sha256:0", "blobs"],
    ["/v2/team/app/blobs/uploads/", "uploads"],
    ["/v2/team/app/blobs/uploads/1", "uploads"],
    ["/v2/token", "token"],
    ["/v2/", "registry"],
    ["/v1/builds/x/events", "builds"],
    ["/v1/nothing", "other"],
    ["/docs", "other"],
  ])("%s belongs to %s", (path, route) => expect(routeOf(path, false)).toBe(route));
});

describe("health", () => {
  test("names each part", async () => {
    const { status, checks } = await health();
    expect([status, checks.map(({ name }) => name)]).toEqual([
      "ok",
      ["bindings", "storage", "cache", "access", "metrics", "runners", "prune"],
    ]);
  });

  test("names bindings that the Worker lacks", async () => {
    const { BUILDS: _, LAYER_SEGMENTS: __, ...others } = env;
    const { status, checks } = await checkHealth(others as typeof env);
    expect(status).toBe("failed");
    expect(checks.filter((check) => check.status === "failed")).toMatchObject([
      { name: "bindings", detail: expect.stringContaining("no binding BUILDS, LAYER_SEGMENTS: deploy") },
    ]);
  });

  test("is degraded while steps wait and no runner is connected", async () => {
    const started = await postBuild({ Dockerfile: "FROM scratch\nRUN x\n" }, {}, { prefer: "respond-async" });
    const id = started.headers.get("varve-build") ?? "";
    await expect.poll(async () => (await env.RUNNERS.getByName("runners").load()).queued).toBe(1);
    const { status, checks } = await health();
    expect(status).toBe("degraded");
    expect(checks.find(({ name }) => name === "runners")?.detail).toBe(
      "1 step waits in the pool default, and no runner is connected: start one with varve runner",
    );
    await ask(`/v1/builds/${id}`, { method: "DELETE" });
  });
});

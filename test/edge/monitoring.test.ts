import { afterAll, beforeAll, expect, test } from "vitest";
import type { Health } from "../../schemas/health.ts";
import { contextOf } from "../helpers/context-archive.ts";
import { type Lab, startLab } from "./lab.ts";

const token = "the-scraper-of-the-lab";
const authorization = `Bearer ${token}`;
let lab: Lab;
beforeAll(async () => {
  lab = await startLab({ r2Faults: 0.2 }, { VARVE_METRICS_TOKEN: token });
});
afterAll(() => lab[Symbol.asyncDispose]());

test("the metrics token opens metrics and health, and nothing else", async () => {
  for (const path of ["/metrics", "/v1/health"]) {
    const answer = await lab.fetch(path, { headers: { authorization } });
    expect(answer.status, await answer.text()).toBe(200);
    expect((await lab.fetch(path)).status).toBe(200);
    expect((await lab.fetch(path, { headers: { authorization: "" } })).status).toBe(401);
    expect((await lab.fetch(path, { headers: { authorization: `${authorization}x` } })).status).toBe(401);
  }
  for (const path of ["/v1/usage", "/v1/builds", "/v2/_catalog"])
    expect((await lab.fetch(path, { headers: { authorization } })).status).toBe(401);
});

test("counts of other isolates and retries of the storage arrive within seconds", async () => {
  const body = contextOf({ Dockerfile: "FROM scratch\nCOPY a /\n", a: "a" });
  const answer = await lab.fetchElsewhere("/v1/builds?t=team/app:1", { method: "POST", body });
  expect(answer.status, await answer.text()).toBe(200);
  await expect
    .poll(async () => (await lab.fetch("/metrics")).text(), { timeout: 15_000, interval: 500 })
    .toMatch(/varve_requests_total\{route="builds",status="2xx"\} 1\n/);
  await expect
    .poll(async () => (await lab.fetch("/metrics")).text(), { timeout: 15_000, interval: 500 })
    .toMatch(/varve_storage_retries_total\{reason="fault"\} [1-9]/);
});

test("health names a storage that rejects everything", async () => {
  await using broken = await startLab({ r2Faults: 1 });
  const answer = await broken.fetch("/v1/health");
  const { status, checks } = (await answer.json()) as Health;
  expect([answer.status, status]).toEqual([503, "failed"]);
  expect(checks.filter((check) => check.status === "failed").map(({ name }) => name)).toEqual(["storage"]);
});

import { expect, test } from "vitest";
import { sha256 } from "../../src/streams/sha256.ts";
import type { Env } from "../../src/worker/environment.ts";
import type { JobRow, Needs } from "../../src/worker/jobs/job-table.ts";
import { Containers } from "../../src/worker/runners/containers.ts";
import { poolFor } from "../../src/worker/runners/pools.ts";
import { runnersOf } from "../../src/worker/runners/runners-service.ts";
import { member } from "../tar/archive.ts";
import { dial, FakeRunner } from "./fake-runner.ts";
import { builtBy, env, postBuild, problemIn } from "./server.ts";

/** Names and servers of the containers that are started for some jobs. */
async function startedFor(
  jobs: readonly JobRow[],
  running = 0,
  settings: Partial<Env> = {},
): Promise<string[]> {
  const started: string[] = [];
  const getByName = (name: string) => ({
    wake: async (server: string, pool: string) => started.push(`${name} ${server} ${pool}`),
  });
  const namespace = { getByName } as unknown as NonNullable<Env["RUNNER_CONTAINERS"]>;
  await new Containers({ ...env, RUNNER_CONTAINERS: namespace, ...settings }).serve(jobs, running);
  return started;
}

function job(change: Partial<JobRow> = {}, needs: Partial<Needs> = {}): JobRow {
  const all: Needs = { values: false, secrets: [], ssh: [], rights: [], ...needs };
  return {
    id: "a-job",
    platform: "linux/amd64",
    holder: null,
    only: 0,
    needs: JSON.stringify(all),
    repositories: "[]",
    server: "https://here",
    ...change,
  } as JobRow;
}

test("a container starts for a waiting job, and more for many jobs", async () => {
  expect(await startedFor([])).toEqual([]);
  expect(await startedFor([job()])).toEqual(["runner-0 https://here default"]);
  expect(await startedFor([job(), job(), job()], 4)).toEqual([
    "runner-0 https://here default",
    "runner-1 https://here default",
  ]);
  expect(await startedFor(Array.from({ length: 90 }, () => job()))).toHaveLength(4);
  const few = { VARVE_CONTAINERS: "2" };
  expect(
    await startedFor(
      Array.from({ length: 90 }, () => job()),
      0,
      few,
    ),
  ).toHaveLength(2);
});

test("a container belongs to the pool of the job", async () => {
  expect(await startedFor([job({ id: "team-eu.a-job" })])).toEqual(["team-eu.runner-0 https://here team-eu"]);
  expect(await startedFor([job({ id: "elsewhere.a-job" })])).toEqual([]);
});

test("no container starts for jobs that it cannot or must not execute", async () => {
  const others = [
    job({ platform: "linux/arm64" }),
    job({ only: 1 }),
    job({ holder: "runner that has its snapshots" }),
    job({}, { secrets: ["s"] }),
    job({}, { ssh: ["s"] }),
  ];
  expect(await startedFor(others)).toEqual([]);
});

test("a container that has just started is not started again", async () => {
  let wakes = 0;
  const getByName = () => ({ wake: async () => ++wakes });
  const namespace = { getByName } as unknown as NonNullable<Env["RUNNER_CONTAINERS"]>;
  const containers = new Containers({ ...env, RUNNER_CONTAINERS: namespace });
  for (let times = 0; times < 3; times++) await containers.serve([job()], 0);
  expect(wakes).toBe(1);
});

test("the runner in a container connects with the token that it was started with", async () => {
  const [first, second] = ["container-first", "container-second"] as const;
  const object = runnersOf(env, poolFor(["app"], env));
  await object.admit("c", sha256(first));
  await using runner = await FakeRunner.dial({}, { token: first });
  const building = postBuild({ Dockerfile: "FROM scratch\nRUN in a container\n" });
  await runner.work({ upper: [member({ path: "f" }, "f")] });
  await builtBy(await building);
  await object.admit("c", sha256(second));
  const answer = await dial(`varve.runner, token.${first}`);
  expect((await problemIn(answer)).detail).toContain("its container was restarted");
});

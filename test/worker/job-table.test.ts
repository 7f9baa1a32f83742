/// <reference types="@cloudflare/vitest-plugin/types" />
import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { expect, test } from "vitest";
import { member } from "../tar/archive.ts";
import { FakeRunner } from "./fake-runner.ts";
import { builtBy, env, postBuild } from "./server.ts";

const pool = () => env.RUNNERS.getByName("runners");
const jobs = () =>
  runInDurableObject(pool(), (_, { storage: { sql } }) =>
    sql.exec<{ state: string }>("SELECT state FROM tasks").toArray(),
  );

/** A build with one RUN. */
async function buildWith(runner: FakeRunner, command: string): Promise<void> {
  const building = postBuild({ Dockerfile: `FROM scratch\nCOPY f /f\nRUN ${command}\n`, f: command });
  await runner.finish(await runner.job(), [member({ path: "f" }, "hi\n")]);
  await builtBy(await building);
}

test("jobs that have ended are removed with the next one, and at the latest by the alarm", async () => {
  await using runner = await FakeRunner.dial();
  await buildWith(runner, "one");
  await buildWith(runner, "two");
  const left = await jobs();
  // The copy, the process and the layer of one build are three.
  expect([1, 2, 3]).toContain(left.length);
  expect(left.filter(({ state }) => state !== "done")).toEqual([]);
  await runDurableObjectAlarm(pool());
  await expect.poll(jobs).toEqual([]);
});

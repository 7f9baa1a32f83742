import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { LocalServer } from "../../src/serve/local-server.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";
import { startServer, varve } from "./server.ts";

let server: LocalServer & AsyncDisposable;
/** The id of a build that ran twice, and then was followed by one that failed. */
let id: string;
const folder = temporaryFolder({ Dockerfile: "FROM scratch\nCOPY a /a\nWORKDIR /b\n", a: "a" });
const failing = temporaryFolder({
  Dockerfile: `FROM scratch\nADD --checksum=sha256:${"0".repeat(64)} http://127.0.0.1:1/x /\n`,
});

const run = (...args: string[]) => varve(args, { env: { VARVE_SERVER: server.url } });
const builds = (...args: string[]) => run("builds", ...args);

beforeAll(async () => {
  server = await startServer();
  for (let times = 0; times < 2; times++) {
    const { status, stderr } = await run("build", "-t", "app", folder.path);
    if (status !== 0) throw new Error(stderr);
  }
  const answer = await fetch(`${server.url}/v1/builds`);
  id = ((await answer.json()) as { builds: { id: string }[] }).builds[0]?.id ?? "";
  expect((await run("build", "-t", "app", failing.path)).status).toBe(1);
});
afterAll(async () => {
  for (const one of [folder, failing]) one[Symbol.dispose]();
  await server[Symbol.asyncDispose]();
});

test("list has a line for each run, with its caller and reused steps", async () => {
  const { stdout, status } = await builds("list", "app");
  expect(status).toBe(0);
  const [titles, ...lines] = stdout.trimEnd().split("\n");
  expect(titles).toMatch(/^BUILD +RUN +IMAGE +STATE +STARTED +DURATION +REUSED +SIZE +PROGRAM +CALLER$/);
  expect(lines).toHaveLength(3);
  expect(lines[0]).toMatch(/ 1 +app +failed .* 0 of 1 .*varve\/[\d.]+ +local$/);
  expect(lines[1]).toMatch(
    new RegExp(`^${id.slice(0, 12)} +2 +app +done .* 2 of 2 +[\\d.]+k?B +varve/[\\d.]+ +local$`),
  );
  expect(lines[2]).toMatch(new RegExp(`^${id.slice(0, 12)} +1 +app +done .* 0 of 2 `));
  expect((await builds("list", "--state", "failed", "--no-trunc")).stdout.split("\n")).toHaveLength(3);
  const json = (await builds("list", "-n", "1", "--format", "json")).stdout.trimEnd().split("\n");
  expect(json.map((line) => JSON.parse(line))).toMatchObject([{ state: "failed", tags: ["app"] }]);
});

test("log prints the log of a run, by default the last one", async () => {
  const first = await builds("log", id.slice(0, 8), "--run", "1");
  expect(first.stdout).toMatch(/#\d \[1\/2\] COPY a \/a\n[\s\S]*#\d DONE /);
  expect((await builds("log", id)).stdout).toMatch(/CACHED/);
  const last = await builds("log");
  expect(last).toMatchObject({ status: 1, stdout: expect.stringContaining("ERROR: ") });
});

test("explain explains a run", async () => {
  expect((await builds("explain", id, "--run", "1")).stdout).toMatch(/^miss +\[1\/2\] COPY a \/a/);
  expect((await builds("explain", id)).stdout).not.toMatch(/^miss/m);
});

test("inspect prints the record and the other runs", async () => {
  const { stdout } = await builds("inspect", id);
  expect(stdout).toMatch(new RegExp(`^Build: +${id}\nRun: +2\nState: +done\n`));
  expect(stdout).toContain("Steps reused: 2 of 2\n");
  const { runs, run: number } = JSON.parse((await builds("inspect", id, "--format", "json")).stdout);
  expect([number, runs.map(({ run }: { run: number }) => run)]).toEqual([2, [2, 1]]);
});

test("export writes all stored data of a run", async () => {
  const file = join(folder.path, "export.json");
  expect(await builds("export", id, "--run", "1", "-o", file)).toMatchObject({ status: 0, stdout: "" });
  const { record, explanation, events } = JSON.parse(readFileSync(file, "utf8"));
  expect([record.run, explanation.steps.length, events.at(-1).type]).toEqual([1, 2, "result"]);
});

test("insights summarise the runs of an image", async () => {
  const { stdout } = await builds("insights", "app");
  expect(stdout).toMatch(/^app: 3 runs, 1 failed\nduration: last .*\nsteps reused: 40 %\n/);
  expect(stdout).toMatch(/TOTAL +MEDIAN +EXECUTED +REUSED +STEP\n/);
  expect(stdout).toMatch(/1 +1 +COPY a \/a\n/);
});

test.each<[string[], RegExp]>([
  [["log", "ffffffffffff"], /Cannot find a build whose id begins with "ffffffffffff"/],
  [["explain", "f".repeat(64)], /Cannot find the build/],
  [["list", "--state", "lost"], /state/],
  [["list", "-n", "0"], /invalid value "0" for --last/],
  [["insights"], /requires the name of an image/],
  [["wipe"], /wipe/],
])("%j fails with a reason", async (args, reason) => {
  const { status, stderr } = await builds(...args);
  expect(status).not.toBe(0);
  expect(stderr).toMatch(reason);
});

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { BuildEvent } from "../../schemas/events.ts";
import { buildBusybox, contextOf } from "../attack/build.ts";
import { ADMIN_TOKEN, type Lab, RUNNER_TOKEN, startLab } from "./lab.ts";

const root = join(import.meta.dirname, "../..");
let lab: Lab;
let data: string;
let runner: ChildProcess;

beforeAll(async () => {
  lab = await startLab({ bodyBytes: 40_000_000 });
  data = await mkdtemp(join(tmpdir(), "varve-edge-runner-"));
  const args = ["runner", "--server", lab.url, "--token", RUNNER_TOKEN, "--data", data, "--capacity", "2"];
  runner = spawn(join(root, "node_modules/.bin/node"), [join(root, "src/cli/varve.ts"), ...args], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  await buildBusybox(lab.url, { authorization: `Bearer ${ADMIN_TOKEN}` });
});
afterAll(async () => {
  runner.kill("SIGTERM");
  await once(runner, "exit");
  await rm(data, { recursive: true, force: true });
  await lab[Symbol.asyncDispose]();
});

test("the result of a RUN above the limit of the front is uploaded in parts", async () => {
  const Dockerfile = `FROM ${lab.host}/busybox\nRUN dd if=/dev/urandom of=/big bs=1M count=48\n`;
  const answer = await lab.fetch("/v1/builds?t=big", {
    method: "POST",
    body: contextOf({ Dockerfile }),
    headers: { accept: "application/x-ndjson" },
  });
  const events = (await answer.text())
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as BuildEvent);
  expect(events.at(-1)).toMatchObject({ type: "result" });
  expect(lab.front.largest()).toBeGreaterThan(20_000_000);
});

test("a build whose object is evicted during a RUN goes on and ends", async () => {
  const Dockerfile = `FROM ${lab.host}/busybox\nRUN sleep 4 && echo done > /done\n`;
  const begun = await lab.fetch("/v1/builds?t=evicted", {
    method: "POST",
    body: contextOf({ Dockerfile }),
    headers: { prefer: "respond-async" },
  });
  const { id } = (await begun.json()) as { id: string };
  await new Promise((resolve) => setTimeout(resolve, 2000));
  await lab.evict(id);
  const answer = await lab.fetch(`/v1/builds/${id}/events`, { headers: { accept: "application/x-ndjson" } });
  expect((await answer.text()).trim().split("\n").at(-1)).toContain('"type":"result"');
});

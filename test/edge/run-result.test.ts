import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { BuildEvent } from "../../schemas/events.ts";
import { buildBusybox } from "../attack/build.ts";
import { contextOf } from "../helpers/context-archive.ts";
import { spawnRunner } from "../helpers/spawn-runner.ts";
import { suiteFolder } from "../helpers/suite-folder.ts";
import { ADMIN_TOKEN, type Lab, RUNNER_TOKEN, startLab } from "./lab.ts";

/** Bytes of a body that the front accepts. */
const LIMIT = 40_000_000;
const data = suiteFolder();
let lab: Lab;
let runner: ChildProcess;

beforeAll(async () => {
  lab = await startLab({ bodyBytes: LIMIT });
  runner = spawnRunner(lab.url, {
    data,
    token: RUNNER_TOKEN,
    flags: ["--capacity", "2"],
    stdio: ["ignore", "inherit", "inherit"],
  });
  await buildBusybox(lab.url, { authorization: `Bearer ${ADMIN_TOKEN}` });
});
afterAll(async () => {
  runner.kill("SIGTERM");
  await once(runner, "exit");
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
  const stored = events.flatMap((event) => (event.type === "step.stored" ? [event.layer.size] : []));
  expect(Math.max(...stored)).toBeGreaterThan(LIMIT);
  expect(lab.front.refused()).toBeGreaterThan(0);
});

/** The last event of a build, whose events are numbered without gaps. */
function endOf(text: string): BuildEvent | undefined {
  const events = text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as BuildEvent);
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
  return events.at(-1);
}

test("the events of a build continue on the same connection when its object is evicted during a RUN", async () => {
  const Dockerfile = `FROM ${lab.host}/busybox\nRUN echo begun && sleep 4 && echo done > /done\n`;
  const answer = await lab.fetch("/v1/builds?t=evicted", {
    method: "POST",
    body: contextOf({ Dockerfile }),
    headers: { accept: "application/x-ndjson" },
  });
  const id = answer.headers.get("varve-build") ?? "";
  let text = "";
  let isEvicted = false;
  const decoder = new TextDecoder();
  for await (const chunk of answer.body as unknown as AsyncIterable<Uint8Array>) {
    text += decoder.decode(chunk, { stream: true });
    if (isEvicted || !text.includes("begun")) continue;
    isEvicted = true;
    await lab.evict(id);
  }
  expect(isEvicted).toBe(true);
  expect(endOf(text)).toMatchObject({ type: "result" });
  // A client that lost its connection continues behind the last event that it has seen.
  const rest = await lab.fetch(`/v1/builds/${id}/events?after=2`);
  expect((await rest.text()).trim().split("\n").at(-1)).toContain('"type":"result"');
});

test("a build ends although the object of the runners is evicted again and again", async () => {
  const Dockerfile = `FROM ${lab.host}/busybox\nRUN sleep 2 && echo 1 > /1\nRUN sleep 2 && echo 2 > /2\n`;
  const building = lab
    .fetch("/v1/builds?t=runners", {
      method: "POST",
      body: contextOf({ Dockerfile }),
      headers: { accept: "application/x-ndjson" },
    })
    .then((answer) => answer.text());
  let isBuilding = true;
  building.finally(() => {
    isBuilding = false;
  });
  while (isBuilding) {
    await lab.evict("runners", "RUNNERS");
    await new Promise((resolve) => setTimeout(resolve, 1500));
  }
  expect(endOf(await building)).toMatchObject({ type: "result" });
});

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { RunnerList } from "../../schemas/runner-list.ts";
import { contextOf } from "../helpers/context-archive.ts";
import { buildBusybox, postBuild } from "./build.ts";
import { type RunningServer, startServer } from "./start-server.ts";

async function localRunner({ url }: RunningServer): Promise<RunnerList["local"]> {
  return ((await (await fetch(`${url}/v1/runners`)).json()) as RunnerList).local;
}

/** The program of the runner that a server has started. */
function runnerOf({ process }: RunningServer): number {
  const pid = process.descendants.find((pid) => {
    const args = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
    return args.some((arg) => arg.endsWith("/runner-program.ts"));
  });
  if (pid === undefined) throw new Error("there is no runner");
  return pid;
}

test("a runner that is killed is started again, and its step is executed", async () => {
  await using server = await startServer();
  expect(await localRunner(server)).toMatchObject({ state: "running", restarts: 0 });
  await buildBusybox(server.url);
  const Dockerfile = `FROM localhost:${server.port}/busybox\nRUN sleep 3 && echo done > /done\n`;
  const build = postBuild(server.url, "slow", contextOf({ Dockerfile }));
  await new Promise((resolve) => setTimeout(resolve, 1500));
  const killed = runnerOf(server);
  process.kill(killed, "SIGKILL");
  await expect
    .poll(() => localRunner(server))
    .toMatchObject({
      state: "restarting",
      detail: "The runner of this machine ended by SIGKILL",
    });
  expect((await build).status).toBe(200);
  expect(await localRunner(server)).toMatchObject({ state: "running", restarts: 1 });
  expect(runnerOf(server)).not.toBe(killed);
  expect(await server.process.stop()).toBe(0);
  expect(server.process.stderr).toBe(
    "The runner of this machine ended by SIGKILL. It starts again in 1 s.\n",
  );
});

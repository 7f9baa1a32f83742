import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { RunnerList } from "../../schemas/runner-list.ts";

const program = join(import.meta.dirname, "../../src/cli/varve.ts");

interface RunnerProcess {
  /** Folder for its files. */
  data: string;
  token?: string;
  /** Other flags of `varve runner`. */
  flags?: readonly string[];
  /** A command that starts the runner, with its arguments. */
  prefix?: readonly string[];
  env?: NodeJS.ProcessEnv;
  /** Default: `ignore` */
  stdio?: StdioOptions;
}

/** Starts `varve runner` for a server. Tests that need no separate process call `startRunner` of `src/runner`. */
export function spawnRunner(
  server: string,
  { data, token, flags = [], prefix = [], env, stdio = "ignore" }: RunnerProcess,
): ChildProcess {
  const credentials = token === undefined ? [] : ["--token", token];
  const words = ["runner", "--server", server, "--data", data, ...credentials, ...flags];
  const [command = "", ...args] = [...prefix, process.execPath, program, ...words];
  return spawn(command, args, { stdio, env });
}

/** Resolves when a server has at least `count` runners. @throws {Error} after half a minute */
export async function waitForRunners(server: string, count: number): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    if ((await countRunners(server)) >= count) return;
    await pause(100);
  }
  throw new Error(`${server} does not have ${count} runners after half a minute`);
}

export async function countRunners(server: string): Promise<number> {
  const answer = await fetch(`${server}/v1/runners`);
  return ((await answer.json()) as RunnerList).runners.length;
}

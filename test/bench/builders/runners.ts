import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { RunnerList } from "../../../schemas/runner-list.ts";
import { temporaryFolder } from "../../helpers/temporary-folder.ts";
import { start, stopService } from "../machine/program.ts";
import { ownConnection } from "./manifest.ts";
import type { Server } from "./server.ts";

const program = join(import.meta.dirname, "../../../src/cli/varve.ts");
const INTERVAL_MS = 100;

/**
 * The runner with this number, from 0, which executes one step at a time. Resolves when it is connected. Its CPU time
 * counts to the server's.
 */
export async function startRunner(
  { url, group }: Server,
  number: number,
  env: Readonly<Record<string, string>>,
): Promise<AsyncDisposable> {
  const data = temporaryFolder();
  const flags = ["--server", url, "--data", data.path, "--capacity", "1", "--label", `number=${number}`];
  const child = start(process.execPath, [program, "runner", ...flags], { group, env });
  for (const stream of [child.stdout, child.stderr]) stream?.resume();
  while ((await listRunners(url)).length <= number) {
    if (child.exitCode !== null) throw new Error(`varve runner exited with ${child.exitCode}`);
    await delay(INTERVAL_MS);
  }
  return {
    async [Symbol.asyncDispose]() {
      await stopService(child);
      data[Symbol.dispose]();
    },
  };
}

/** Observes which runners execute steps, until the result is requested. */
export function watchRunners(url: string): () => Promise<{ used: number; atOnce: number }> {
  const stop = new AbortController();
  const used = new Set<string>();
  let atOnce = 0;
  const watching = (async () => {
    while (!stop.signal.aborted) {
      const busy = (await listRunners(url)).filter(({ jobs }) => jobs > 0);
      for (const { labels } of busy) used.add(labels.number ?? "");
      atOnce = Math.max(atOnce, busy.length);
      await delay(INTERVAL_MS, undefined, { signal: stop.signal }).catch(() => {});
    }
  })();
  return async () => {
    stop.abort();
    await watching;
    return { used: used.size, atOnce };
  };
}

async function listRunners(url: string): Promise<RunnerList["runners"]> {
  const answer = await fetch(`${url}/v1/runners`, { headers: ownConnection });
  return ((await answer.json()) as RunnerList).runners;
}

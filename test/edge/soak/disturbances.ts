import type { BuildList } from "../../../schemas/build.ts";
import type { World } from "./actors.ts";

/** Names of the objects that exist once, by binding. */
const single = { RUNNERS: "runners", COLLECTOR: "collector", ACCESS: "access", METRICS: "metrics" };

/** Counts of what was done to the server. */
export interface Disturbances {
  restarts: number;
  evictions: number;
  /** Milliseconds of the longest restart. */
  longestRestart: number;
}

/**
 * Restarts the runtime and evicts objects until the signal.
 * @param restartSeconds mean time between two restarts
 */
export async function disturb(
  { lab, random }: World,
  counts: Disturbances,
  restartSeconds: number,
  signal: AbortSignal,
): Promise<void> {
  let next = restartSeconds;
  let began = Date.now();
  while (!signal.aborted) {
    await new Promise((resolve) => setTimeout(resolve, 3000 + random() * 7000));
    if ((Date.now() - began) / 1000 > next) {
      const stopped = Date.now();
      await lab.restart();
      counts.restarts += 1;
      began = Date.now();
      counts.longestRestart = Math.max(counts.longestRestart, began - stopped);
      next = restartSeconds * (0.5 + random());
      continue;
    }
    try {
      counts.evictions += await evict(lab, random);
    } catch {
      // The server is busy. The next round evicts.
    }
  }
}

async function evict(lab: World["lab"], random: () => number): Promise<number> {
  if (random() < 0.5) {
    const bindings = Object.entries(single);
    const [binding = "", name = ""] = bindings[Math.floor(random() * bindings.length)] ?? [];
    await lab.evict(name, binding);
    return 1;
  }
  const answer = await lab.fetch("/v1/builds?state=running");
  const { builds } = (await answer.json()) as BuildList;
  const running = builds.filter(({ state }) => state === "running");
  const build = running[Math.floor(random() * running.length)];
  if (build === undefined) return 0;
  await lab.evict(build.id);
  return 1;
}

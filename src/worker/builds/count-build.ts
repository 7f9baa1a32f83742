import type { Env } from "../environment.ts";
import { count, sendCounts } from "../operation/counts.ts";

/** Counts a build that has ended, for the metrics and Analytics Engine. @param milliseconds its duration */
export async function countBuild(
  env: Env,
  state: string,
  milliseconds: number,
  { hits, misses }: { hits: number; misses: number },
): Promise<void> {
  count("varve_builds_total", { state });
  count("varve_build_seconds", {}, milliseconds / 1000);
  count("varve_steps_total", { result: "hit" }, hits);
  count("varve_steps_total", { result: "miss" }, misses);
  env.ANALYTICS?.writeDataPoint({
    indexes: ["builds"],
    blobs: ["build", state],
    doubles: [milliseconds, hits, misses],
  });
  await sendCounts(env);
}

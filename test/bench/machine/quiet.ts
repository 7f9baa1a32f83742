import { setTimeout as delay } from "node:timers/promises";
import type { ControlGroup } from "./control-group.ts";

const INTERVAL_MS = 300;
/** CPU seconds per second of a program that only waits. */
const IDLE = 0.03;
const MAX_MS = 60_000;

/**
 * Waits until groups have used almost no CPU time for two intervals: what a builder does after its answer must not slow
 * down the next measurement.
 * @param longest milliseconds after which it waits no longer
 */
export async function quiet(groups: readonly ControlGroup[], longest = MAX_MS): Promise<void> {
  const used = () => groups.reduce((sum, group) => sum + group.seconds(), 0);
  const end = performance.now() + longest;
  let before = used();
  for (let calm = 0; calm < 2 && performance.now() < end; ) {
    await delay(INTERVAL_MS);
    const now = used();
    calm = now - before < (IDLE * INTERVAL_MS) / 1000 ? calm + 1 : 0;
    before = now;
  }
}

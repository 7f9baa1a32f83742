import type { RunnerList } from "../../../schemas/runner-list.ts";
import { fetchRunners } from "../service.ts";
import { usePolled } from "../ui/polled.ts";

/**
 * Fetches the connected runners, repeatedly while there are none; undefined for callers without permission.
 * @param isNeeded whether to send requests
 */
export function useRunners(isNeeded = true): RunnerList | undefined {
  return usePolled(fetchRunners, { repeatAfter: ({ runners }) => runners.length === 0, isNeeded });
}

/** Whether none of the connected runners starts containers. */
export function isRunnerMissing(list: RunnerList | undefined): boolean {
  return list?.runners.every(({ containers: most }) => most === 0) === true;
}

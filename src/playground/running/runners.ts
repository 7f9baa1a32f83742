import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { RunnerList } from "../../../schemas/runner-list.ts";
import { fetchRunners } from "../service.ts";

/** Milliseconds between two requests for the runners while none is connected. */
const POLL_MS = 5000;

/**
 * Fetches the connected runners, repeatedly while there are none; undefined when the request fails.
 * @param isNeeded whether to send requests
 */
export function useRunners(isNeeded = true): RunnerList | undefined {
  const list = useSignal<RunnerList | undefined>(undefined);
  const isMissing = list.value?.runners.length === 0;
  useEffect(() => {
    if (!isNeeded) return;
    const update = () =>
      fetchRunners().then(
        (known) => {
          list.value = known;
        },
        () => {
          list.value = undefined;
        },
      );
    void update();
    if (!isMissing) return;
    const timer = setInterval(() => void update(), POLL_MS);
    return () => clearInterval(timer);
  }, [isNeeded, isMissing]);
  return list.value;
}

/** Whether none of the connected runners starts containers. */
export function isRunnerMissing(list: RunnerList | undefined): boolean {
  return list?.runners.every(({ containers: most }) => most === 0) === true;
}

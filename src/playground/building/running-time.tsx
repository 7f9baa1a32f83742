import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { formatRunningTime } from "../i18n/format.ts";

/** Milliseconds between two updates. */
const TICK_MS = 100;

/** Shows the time since a start, and updates it. @param props.since milliseconds since 1970 */
export function RunningTime({ since }: { since: number }) {
  const now = useSignal(Date.now());
  useEffect(() => {
    const timer = setInterval(() => {
      now.value = Date.now();
    }, TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return <>{formatRunningTime(Math.max(0, now.value - since))}</>;
}

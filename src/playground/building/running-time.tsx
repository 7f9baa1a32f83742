import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { formatRunningTime } from "../i18n/format.ts";

/** Milliseconds between two changes of a running time. */
const TICK = 100;

/** How long something has been running, while it runs. @param since milliseconds since 1970 */
export function RunningTime({ since }: { since: number }) {
  const now = useSignal(Date.now());
  useEffect(() => {
    const timer = setInterval(() => {
      now.value = Date.now();
    }, TICK);
    return () => clearInterval(timer);
  }, []);
  return <>{formatRunningTime(Math.max(0, now.value - since))}</>;
}

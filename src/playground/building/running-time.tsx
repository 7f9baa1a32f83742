import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { formatRunningTime } from "../i18n/format.ts";

/** Milliseconds between two updates. */
const TICK = 100;

/** A running time that updates itself. @param since milliseconds since 1970 */
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

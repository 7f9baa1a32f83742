import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

/** Milliseconds between two requests. */
const POLL_MS = 5000;

interface PollOptions<T> {
  /** Whether to repeat the request after this value. */
  repeatAfter(value: T): boolean;
  /** Whether to send requests. */
  isNeeded?: boolean;
}

/** Loads a value, repeatedly as long as necessary. A failed request keeps the last value; undefined before the first. */
export function usePolled<T>(
  load: () => Promise<T>,
  { repeatAfter, isNeeded = true }: PollOptions<T>,
): T | undefined {
  const current = useSignal<T | undefined>(undefined);
  const isRepeated = current.value !== undefined && repeatAfter(current.value);
  useEffect(() => {
    if (!isNeeded) return;
    const update = () =>
      load().then(
        (value) => {
          current.value = value;
        },
        () => {},
      );
    void update();
    if (!isRepeated) return;
    const timer = setInterval(() => void update(), POLL_MS);
    return () => clearInterval(timer);
  }, [isNeeded, isRepeated]);
  return current.value;
}

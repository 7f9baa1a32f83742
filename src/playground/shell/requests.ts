import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

const requests = signal(0);

export function showShell(): void {
  requests.value++;
}

/** Calls a function on each request to show the shell. */
export function useShellRequests(onRequest: () => void): void {
  const seen = useRef(requests.peek());
  useEffect(() => {
    if (seen.current !== requests.value) onRequest();
    seen.current = requests.value;
  }, [requests.value]);
}

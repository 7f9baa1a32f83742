import { useSignal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";
import { withRetries } from "../browser/with-retries.ts";
import { messages } from "../messages.ts";

let loaded: ComponentType | undefined;

/** Loads the code of the shell when it is first shown. */
export function LoadedShell() {
  const isFailed = useSignal(false);
  const isLoaded = useSignal(loaded !== undefined);
  useEffect(() => {
    withRetries(() => import("./shell-panel.tsx")).then(
      ({ default: panel }) => {
        loaded = panel;
        isLoaded.value = true;
      },
      () => {
        isFailed.value = true;
      },
    );
  }, []);
  const Panel = loaded;
  if (isLoaded.value && Panel !== undefined) return <Panel />;
  return <p class="frame-message soft">{isFailed.value ? messages.value.failed : messages.value.loading}</p>;
}

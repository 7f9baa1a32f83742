import { useSignal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";
import { retryUntilLoaded } from "../browser/with-retries.ts";
import { messages } from "../messages.ts";
import { Button } from "./button.tsx";

/** Imports the module of a part of the page, whose component is the default export. */
type PagePartLoader<P> = () => Promise<{ default: ComponentType<P> }>;

const parts = new Map<unknown, unknown>();

/** Shows a part of the page, which it loads first. Retries until the part is loaded, and reports the failure. */
export function PagePart<P extends object>({ load, props }: { load: PagePartLoader<P>; props: P }) {
  const text = messages.value;
  const state = useSignal<{ load: PagePartLoader<P>; isFailed: boolean } | undefined>(undefined);
  const round = useSignal(0);
  const Part = parts.get(load) as ComponentType<P> | undefined;
  useEffect(() => {
    if (parts.has(load)) return;
    const aborter = new AbortController();
    const onFailure = () => {
      state.value = { load, isFailed: true };
    };
    void retryUntilLoaded(load, aborter.signal, onFailure).then((module) => {
      if (module === undefined) return;
      parts.set(load, module.default);
      state.value = { load, isFailed: false };
    });
    return () => aborter.abort();
  }, [load, round.value]);
  if (Part !== undefined) return <Part {...props} />;
  if (state.value?.load !== load || !state.value.isFailed) {
    return <p class="frame-message soft">{text.loading}</p>;
  }
  return (
    <div class="frame-message" role="alert">
      <p>{text.failed}</p>
      <Button
        onClick={() => {
          state.value = undefined;
          round.value++;
        }}
      >
        {text.retry}
      </Button>
    </div>
  );
}

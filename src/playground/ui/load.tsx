import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { messages } from "../messages.ts";
import { Button } from "./button.tsx";
import { ProblemNote } from "./problem.tsx";

/** Data that is loading, failed or loaded. */
type Loading<T> =
  | { state: "loading" }
  | { state: "failed"; error: unknown; reload(): void }
  | { state: "loaded"; value: T; reload(): void };

/** Loads data, again whenever the key changes. Drops outdated responses. */
export function useLoad<T>(key: string, load: () => Promise<T>): Loading<T> {
  const loaded = useSignal<{ key: string; result: Loading<T> } | undefined>(undefined);
  const round = useSignal(0);
  const reload = () => {
    round.value++;
  };
  useEffect(() => {
    let isCurrent = true;
    const publish = (result: Loading<T>) => {
      if (isCurrent) loaded.value = { key, result };
    };
    load().then(
      (value) => publish({ state: "loaded", value, reload }),
      (error: unknown) => publish({ state: "failed", error, reload }),
    );
    return () => {
      isCurrent = false;
    };
  }, [key, round.value]);
  return loaded.value?.key === key ? loaded.value.result : { state: "loading" };
}

/** Shows the data, that it is loading, or the error with a button to retry. */
export function Loaded<T>({ data, children }: { data: Loading<T>; children(value: T): ComponentChildren }) {
  const text = messages.value;
  switch (data.state) {
    case "loading":
      return <p class="frame-message soft">{text.loading}</p>;
    case "failed":
      return (
        <div class="frame-message">
          <ProblemNote error={data.error} />
          <Button onClick={data.reload}>{text.retry}</Button>
        </div>
      );
    case "loaded":
      return <>{children(data.value)}</>;
  }
}

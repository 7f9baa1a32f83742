import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { messages } from "../messages.ts";
import { Button } from "./button.tsx";
import { ProblemNote } from "./problem.tsx";

/** Data that is loading, failed or loaded. */
type Loading<T> =
  | { state: "loading" }
  | { state: "failed"; error: unknown; again(): void }
  | { state: "loaded"; value: T; again(): void };

/** Loads data, and loads it again when the key changes. Outdated responses are dropped. */
export function useLoad<T>(key: string, load: () => Promise<T>): Loading<T> {
  const loaded = useSignal<{ key: string; round: number; result: Loading<T> } | undefined>(undefined);
  const round = useSignal(0);
  const again = () => {
    round.value++;
  };
  useEffect(() => {
    let isWanted = true;
    const publish = (result: Loading<T>) => {
      if (isWanted) loaded.value = { key, round: round.peek(), result };
    };
    load().then(
      (value) => publish({ state: "loaded", value, again }),
      (error: unknown) => publish({ state: "failed", error, again }),
    );
    return () => {
      isWanted = false;
    };
  }, [key, round.value]);
  return loaded.value?.key === key ? loaded.value.result : { state: "loading" };
}

/** Shows loaded data, a loading text, or the error with a button to retry. */
export function Loaded<T>({ data, children }: { data: Loading<T>; children(value: T): ComponentChildren }) {
  const text = messages.value;
  switch (data.state) {
    case "loading":
      return <p class="frame-message soft">{text.loading}</p>;
    case "failed":
      return (
        <div class="frame-message">
          <ProblemNote error={data.error} />
          <Button onClick={data.again}>{text.retry}</Button>
        </div>
      );
    case "loaded":
      return <>{children(data.value)}</>;
  }
}

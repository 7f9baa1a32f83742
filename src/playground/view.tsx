import { useSignal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";
import { withRetries } from "./browser/with-retries.ts";
import { messages } from "./messages.ts";
import type { Route, ViewProps } from "./router.ts";
import { Button } from "./ui/button.tsx";

type Loaded = { view: ComponentType<ViewProps> } | { failed: true } | undefined;

const loadedViews = new Map<Route, ComponentType<ViewProps>>();

/** Loads and shows the view of a route. */
export function LoadedView({ route, params }: ViewProps & { route: Route }) {
  const text = messages.value;
  const loaded = useSignal<{ route: Route; state: Loaded } | undefined>(undefined);
  const known = loadedViews.get(route);
  const load = () => {
    loaded.value = undefined;
    withRetries(() => route.load()).then(
      ({ default: view }) => {
        loadedViews.set(route, view);
        loaded.value = { route, state: { view } };
      },
      () => {
        loaded.value = { route, state: { failed: true } };
      },
    );
  };
  useEffect(() => {
    if (!loadedViews.has(route)) load();
  }, [route]);
  if (known !== undefined) {
    const View = known;
    return <View params={params} />;
  }
  const state = loaded.value?.route === route ? loaded.value.state : undefined;
  if (state !== undefined && "failed" in state) {
    return (
      <div class="frame-message" role="alert">
        <p>{text.failed}</p>
        <Button onClick={load}>{text.retry}</Button>
      </div>
    );
  }
  return <p class="frame-message soft">{text.loading}</p>;
}

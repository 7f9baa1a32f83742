import { computed, signal } from "@preact/signals";
import type { ComponentType } from "preact";

/** The parameters of the route, decoded. */
export interface ViewProps {
  params: Readonly<Record<string, string>>;
}

/** A route and the loader of its view. */
export interface Route {
  /** For example `/builds/:id`; `:name*` matches the rest of the path. */
  path: string;
  load(): Promise<{ default: ComponentType<ViewProps> }>;
  /** Name of its section in the main navigation. */
  section?: string;
}

/** The fragment of the address without `#`: a path, optionally with a query. */
const fragment = signal(readFragment());

addEventListener("hashchange", () => {
  fragment.value = readFragment();
});

/** The path without the query. */
export const path = computed(() => fragment.value.split("?", 1)[0] as string);

/** The query, for example `step=3` in `/builds/x?step=3`. */
export const query = computed(() => new URLSearchParams(fragment.value.slice(path.value.length + 1)));

function readFragment(): string {
  const text = location.hash.slice(1);
  return text.startsWith("/") ? text : "/";
}

/** Builds an address from path segments, which it escapes: `link("images", "team/app", "1.2")`. */
export function link(...parts: readonly string[]): string {
  return `#/${parts.map(encodeURIComponent).join("/")}`;
}

/** Builds the address of a build. @param run number of the run; undefined for the last run */
export function linkToRun(id: string, run: number | undefined): string {
  return `${link("builds", id)}${run === undefined ? "" : `?run=${run}`}`;
}

/** Navigates to an address made by `link`. */
export function navigate(address: string, { replace = false } = {}): void {
  if (replace) history.replaceState(null, "", address);
  else history.pushState(null, "", address);
  fragment.value = readFragment();
}

/** Changes query parameters of the address, so that a copied address opens the same view. */
export function setQuery(changes: Readonly<Record<string, string | undefined>>): void {
  const parameters = new URLSearchParams(query.peek());
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) parameters.delete(name);
    else parameters.set(name, value);
  }
  navigate(`#${path.peek()}${parameters.size === 0 ? "" : `?${parameters}`}`, { replace: true });
}

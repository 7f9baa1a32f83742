import { computed, signal } from "@preact/signals";
import type { ComponentType } from "preact";

/** The parameters of the route, decoded. */
export interface ViewProps {
  params: Readonly<Record<string, string>>;
}

/** A route and its view, whose module is loaded when it is first shown. */
export interface Route {
  /** For example `/builds/:id`; `:name*` matches the rest of the path. */
  path: string;
  load(): Promise<{ default: ComponentType<ViewProps> }>;
  /** Name of its section in the main navigation. */
  section?: string;
}

/** The fragment of the address without `#`, starting with `/`. */
export const location = signal(read());

addEventListener("hashchange", () => {
  location.value = read();
});

/** The path without the query. */
export const path = computed(() => location.value.split("?", 1)[0] as string);

/** The query of the path, for example `/builds/x?step=3`. */
export const query = computed(() => new URLSearchParams(location.value.slice(path.value.length + 1)));

function read(): string {
  const fragment = globalThis.location.hash.slice(1);
  return fragment.startsWith("/") ? fragment : "/";
}

/** Builds an address from path segments, which it escapes: `link("images", "team/app", "1.2")`. */
export function link(...parts: readonly string[]): string {
  return `#/${parts.map(encodeURIComponent).join("/")}`;
}

/** Builds the address of a run of a build. */
export function linkToRun(id: string, run: number | undefined): string {
  return `${link("builds", id)}${run === undefined ? "" : `?run=${run}`}`;
}

/** Navigates to an address made by `link`. */
export function navigate(address: string, { replace = false } = {}): void {
  if (replace) history.replaceState(null, "", address);
  else history.pushState(null, "", address);
  location.value = read();
}

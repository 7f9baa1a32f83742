import { computed, signal } from "@preact/signals";
import type { ComponentType } from "preact";

/** What a view is given: the parts of the path that its route names, decoded. */
export interface ViewProps {
  params: Readonly<Record<string, string>>;
}

/** A view has a file of its own, which is loaded when it is first shown. */
export interface Route {
  /** As `/builds/:id`; `:name*` takes all that is left. */
  path: string;
  load(): Promise<{ default: ComponentType<ViewProps> }>;
  /** Name of the item of the main navigation that it belongs to. */
  section?: string;
}

/** Where the page is: what stands behind `#` in its address, beginning with `/`. */
export const location = signal(read());

addEventListener("hashchange", () => {
  location.value = read();
});

/** The path without what may be asked of it behind `?`. */
export const path = computed(() => location.value.split("?", 1)[0] as string);

/** What is asked of the view: `/builds/x?step=3`. */
export const query = computed(() => new URLSearchParams(location.value.slice(path.value.length + 1)));

function read(): string {
  const fragment = globalThis.location.hash.slice(1);
  return fragment.startsWith("/") ? fragment : "/";
}

/** The address of a path made of parts, each of which may hold anything: `link("images", "team/app", "1.2")`. */
export function link(...parts: readonly string[]): string {
  return `#/${parts.map(encodeURIComponent).join("/")}`;
}

/** The address of a run of a build. */
export function linkToRun(id: string, run: number | undefined): string {
  return `${link("builds", id)}${run === undefined ? "" : `?run=${run}`}`;
}

/** Goes to an address that `link` made. */
export function navigate(address: string, { replace = false } = {}): void {
  if (replace) history.replaceState(null, "", address);
  else history.pushState(null, "", address);
  location.value = read();
}

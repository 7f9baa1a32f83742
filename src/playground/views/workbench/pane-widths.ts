import { computed, signal } from "@preact/signals";
import { readPreference, storePreference } from "../../browser/preferences.ts";

/** The panes beside the editor. */
export type SidePane = "files" | "build";

/** Minimum widths in CSS pixels. */
export const LEAST = { files: 168, build: 328, editor: 320 } as const;

const windowWidth = signal(innerWidth);
addEventListener("resize", () => {
  windowWidth.value = innerWidth;
});

/** Widths that the user set; 0 for a collapsed pane. */
const chosen = signal<Partial<Record<SidePane, number>>>(readChosen(readPreference("panes")));

/** Default widths. The editor gets at least half of a window of 1280 px, and more of a larger one. */
const defaults = computed(() => ({
  files: clamp(windowWidth.value * 0.155, LEAST.files, 260),
  build: clamp(windowWidth.value * 0.255, LEAST.build, 520),
}));

export type PaneWidths = Readonly<Record<SidePane, number>>;

/**
 * Returns the widths of the panes in CSS pixels.
 * @param taken width of other content beside the panes; if there is any, the default widths are the minimum
 */
export function paneWidths(taken = 0): PaneWidths {
  const usual = taken > 0 ? LEAST : defaults.value;
  const files = chosen.value.files ?? usual.files;
  const build = chosen.value.build ?? usual.build;
  const room = windowWidth.value - taken - LEAST.editor;
  return { files: Math.min(files, room / 2), build: Math.min(build, Math.max(LEAST.build, room - files)) };
}

/** Returns the maximum width of a pane. */
export function mostOf(pane: SidePane, widths: PaneWidths, taken = 0): number {
  const other = widths[pane === "files" ? "build" : "files"];
  return Math.max(LEAST[pane], Math.round(windowWidth.value - taken - LEAST.editor - other));
}

/** Sets the width of a pane; undefined restores the default. */
export function resizePane(pane: SidePane, width: number | undefined): void {
  const { [pane]: _, ...rest } = chosen.peek();
  chosen.value = width === undefined ? rest : { ...rest, [pane]: width };
  storePreference("panes", JSON.stringify(chosen.peek()));
}

function readChosen(kept: string | undefined): Partial<Record<SidePane, number>> {
  let read: unknown;
  try {
    read = JSON.parse(kept ?? "{}");
  } catch {
    return {};
  }
  if (typeof read !== "object" || read === null) return {};
  const { files, build } = read as Record<string, unknown>;
  return { ...(isWidth(files) && { files }), ...(isWidth(build) && { build }) };
}

function isWidth(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function clamp(value: number, least: number, most: number): number {
  return Math.round(Math.max(least, Math.min(most, value)));
}

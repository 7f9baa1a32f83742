import { computed, signal } from "@preact/signals";
import { preferences } from "../../browser/storage.ts";

/** The columns beside the editor. `guide` is the first column in a lesson: its text above the files. */
export type SidePane = "files" | "guide" | "build";

/** Minimum widths in CSS pixels. */
export const MIN_WIDTHS = { files: 168, guide: 272, build: 328, editor: 320 } as const;

const windowWidth = signal(innerWidth);
addEventListener("resize", () => {
  windowWidth.value = innerWidth;
});

/** Widths that the user set; 0 for a collapsed pane. */
const chosen = signal<Partial<Record<SidePane, number>>>(readWidths(preferences.readJson("panes")));

/** Default widths. They leave at least half of a window of 1280 px to the editor, and more of a wider one. */
const defaults = computed(() => ({
  files: clamp(windowWidth.value * 0.155, MIN_WIDTHS.files, 260),
  guide: clamp(windowWidth.value * 0.235, MIN_WIDTHS.guide, 400),
  build: clamp(windowWidth.value * 0.255, MIN_WIDTHS.build, 520),
}));

type PaneWidths = Readonly<Record<SidePane, number>>;

/** Returns the widths of the columns in CSS pixels. */
export function paneWidths(first: "files" | "guide"): PaneWidths {
  const current = { ...defaults.value, ...chosen.value };
  const room = windowWidth.value - MIN_WIDTHS.editor;
  const width = Math.min(current[first], room / 2);
  return {
    ...current,
    [first]: width,
    build: Math.min(current.build, Math.max(MIN_WIDTHS.build, room - width)),
  };
}

/** Returns the maximum width of a column. @param other width of the other column */
export function maxWidthOf(pane: SidePane, other: number): number {
  return Math.max(MIN_WIDTHS[pane], Math.round(windowWidth.value - MIN_WIDTHS.editor - other));
}

/** Sets the width of a column; undefined restores the default. A guide cannot be collapsed. */
export function resizePane(pane: SidePane, width: number | undefined): void {
  const { [pane]: _, ...rest } = chosen.peek();
  const min = pane === "guide" ? MIN_WIDTHS.guide : 0;
  chosen.value = width === undefined ? rest : { ...rest, [pane]: Math.max(min, width) };
  preferences.store("panes", JSON.stringify(chosen.peek()));
}

/** Reads stored widths. Drops invalid entries. */
function readWidths(stored: unknown): Partial<Record<SidePane, number>> {
  if (typeof stored !== "object" || stored === null) return {};
  const { files, guide, build } = stored as Record<string, unknown>;
  return {
    ...(isWidth(files) && { files }),
    ...(isWidth(guide) && guide > 0 && { guide }),
    ...(isWidth(build) && { build }),
  };
}

function isWidth(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function clamp(value: number, min: number, max: number): number {
  return Math.round(Math.max(min, Math.min(max, value)));
}

import { effect, signal } from "@preact/signals";
import { preferences } from "./storage.ts";

export const themes = ["auto", "light", "dark"] as const;
type Theme = (typeof themes)[number];

/** The theme of the page; `auto` follows the system. */
export const theme = signal<Theme>(themes.find((name) => name === preferences.read("theme")) ?? "auto");

effect(() => {
  const { dataset } = document.documentElement;
  if (theme.value === "auto") delete dataset.theme;
  else dataset.theme = theme.value;
});

/** Applies a theme and stores the choice. */
export function chooseTheme(chosen: Theme): void {
  preferences.store("theme", chosen === "auto" ? undefined : chosen);
  theme.value = chosen;
}

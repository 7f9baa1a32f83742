import { effect, signal } from "@preact/signals";
import { remember, remembered } from "../browser/preferences.ts";

export const locales = ["en", "ko"] as const;
export type Locale = (typeof locales)[number];

/** What each language calls itself. */
export const localeNames: Record<Locale, string> = { en: "English", ko: "한국어" };

/** The language of the page: what was chosen before, or the first of the browser's languages that there is. */
export const locale = signal<Locale>(
  [remembered("locale"), ...navigator.languages.map((tag) => tag.slice(0, 2))].find(isLocale) ?? "en",
);

/** Has the page say which language it is in. */
export function tellLocale(): void {
  effect(() => {
    document.documentElement.lang = locale.value;
  });
}

/** Changes the language, and keeps it. */
export function chooseLocale(chosen: Locale): void {
  remember("locale", chosen);
  locale.value = chosen;
}

function isLocale(text: string | undefined): text is Locale {
  return locales.some((known) => known === text);
}

import { effect, signal } from "@preact/signals";
import { preferences } from "../browser/storage.ts";

export const locales = ["en", "ko"] as const;
export type Locale = (typeof locales)[number];

/** The name of each language in that language. */
export const localeNames: Record<Locale, string> = { en: "English", ko: "한국어" };

/** The language of the page: the stored choice, or the first supported language of the browser. */
export const locale = signal<Locale>(
  [preferences.read("locale"), ...navigator.languages.map((tag) => tag.slice(0, 2))].find(isLocale) ?? "en",
);

/** Keeps the `lang` attribute of the document up to date. */
export function applyLocale(): void {
  effect(() => {
    document.documentElement.lang = locale.value;
  });
}

/** Changes the language and stores the choice. */
export function chooseLocale(chosen: Locale): void {
  preferences.store("locale", chosen);
  locale.value = chosen;
}

function isLocale(text: string | undefined): text is Locale {
  return locales.some((known) => known === text);
}

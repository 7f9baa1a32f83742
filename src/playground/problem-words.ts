import { locale } from "./i18n/locale.ts";
import korean from "./problems.ko.json";

/** A problem in the language of the page. */
export interface ProblemWords {
  text: string;
  /** The English title, where the text is another language. It may name what the text does not. */
  original: string | undefined;
}

const texts: Readonly<Record<string, string>> = korean;

/** Translates a problem of the server by its code; one that has no translation keeps its title. */
export function problemWords(code: string | undefined, title: string): ProblemWords {
  const text = locale.value === "ko" && code !== undefined ? texts[code] : undefined;
  return text === undefined ? { text: title, original: undefined } : { text, original: title };
}

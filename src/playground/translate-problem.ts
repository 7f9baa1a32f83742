import { locale } from "./i18n/locale.ts";
import korean from "./problems.ko.json";

/** A problem of the server in the language of the page. */
interface TranslatedProblem {
  text: string;
  /** The English title when `text` is a translation. It can contain names that the translation omits. */
  original: string | undefined;
}

const texts: Readonly<Record<string, string>> = korean;

/** Translates a problem by its code. Without a translation, the title stays English. */
export function translateProblem(code: string | undefined, title: string): TranslatedProblem {
  const text = locale.value === "ko" && code !== undefined ? texts[code] : undefined;
  return text === undefined ? { text: title, original: undefined } : { text, original: title };
}

import { computed, type ReadonlySignal } from "@preact/signals";
import { locale } from "../i18n/locale.ts";
import type { LessonWords } from "./texts/schema.ts";

/** The texts of a lesson in the language of the page. */
export function lessonWords(en: LessonWords, ko: LessonWords): ReadonlySignal<LessonWords> {
  return computed(() => (locale.value === "ko" ? ko : en));
}

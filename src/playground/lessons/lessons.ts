import { computed } from "@preact/signals";
import { locale } from "../i18n/locale.ts";
import type { Lesson } from "./lesson.ts";
import type { LessonData, LessonWords } from "./schema.ts";

// Tests compare the files with their schemas.
const data = import.meta.glob<LessonData>("./data/*.json", { eager: true, import: "default" });
const texts = import.meta.glob<LessonWords>("./texts/*.json", { eager: true, import: "default" });

/** Lessons in the order in which they build on each other. */
const order = [
  "image",
  "layers",
  "removing",
  "order",
  "context",
  "stages",
  "base",
  "variables",
  "blueprint",
  "instructions",
  "settings",
  "containers",
  "volumes",
  "commands",
  "tags",
  "moving",
  "platforms",
];

export const lessons: readonly Lesson[] = order.map((id) => ({
  ...(data[`./data/${id}.json`] as LessonData),
  words: computed(() => texts[`./texts/${id}.${locale.value}.json`] as LessonWords),
}));

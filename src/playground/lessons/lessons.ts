import { computed } from "@preact/signals";
import { locale } from "../i18n/locale.ts";
import type { Lesson } from "./lesson.ts";
import type { LessonData, LessonWords } from "./schema.ts";

// A test validates the files against their schemas.
const data = import.meta.glob<LessonData>("./data/*.json", { eager: true, import: "default" });
const texts = import.meta.glob<LessonWords>("./texts/*.json", { eager: true, import: "default" });

/** Ids of the lessons in learning order. */
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

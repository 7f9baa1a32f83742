import { computed } from "@preact/signals";
import { locale } from "../i18n/locale.ts";
import type { ExampleId } from "./example-ids.ts";
import en from "./texts.en.json";
import ko from "./texts.ko.json";

interface ExampleText {
  readonly title: string;
  /** One sentence about what it shows. */
  readonly about: string;
}

/** Texts of the examples in the language of the page. */
export const exampleTexts = computed(
  (): Readonly<Record<ExampleId, ExampleText>> => (locale.value === "ko" ? ko : en),
);

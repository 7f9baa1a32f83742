import { computed, type ReadonlySignal } from "@preact/signals";
import { locale } from "./locale.ts";

/** A text, or a function that returns one. */
type Message = string | ((...values: never[]) => string);
type Messages = { readonly [name: string]: Message | Messages };

/** The same messages in another language: the compiler reports missing ones. */
type Translated<M> = {
  readonly [K in keyof M]: M[K] extends string
    ? string
    : M[K] extends (...values: infer V) => string
      ? (...values: V) => string
      : Translated<M[K]>;
};

/**
 * Returns messages in the current language. Each part of the page has its own catalogue, which is loaded with the part.
 */
export function catalogue<const M extends Messages>(
  en: M,
  ko: NoInfer<Translated<M>>,
): ReadonlySignal<Translated<M>> {
  return computed(() => (locale.value === "ko" ? ko : (en as unknown as Translated<M>)));
}

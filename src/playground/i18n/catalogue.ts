import { computed, type ReadonlySignal } from "@preact/signals";
import { locale } from "./locale.ts";

/** A text, or one that is made of what it tells about. */
export type Message = string | ((...values: never[]) => string);
export type Messages = { readonly [name: string]: Message | Messages };

/** The same messages in another language: none may be missing. */
export type Translated<M> = {
  readonly [K in keyof M]: M[K] extends string
    ? string
    : M[K] extends (...values: infer V) => string
      ? (...values: V) => string
      : Translated<M[K]>;
};

/**
 * The messages of one part of the page in all its languages: a signal of those of the chosen one. Each part keeps its
 * own, so that they are loaded with it.
 */
export function catalogue<const M extends Messages>(
  en: M,
  ko: NoInfer<Translated<M>>,
): ReadonlySignal<Translated<M>> {
  return computed(() => (locale.value === "ko" ? ko : (en as unknown as Translated<M>)));
}

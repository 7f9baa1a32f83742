import type { Case } from "./case.ts";

/** The cases whose names contain one of the words; all of them when there are no words. */
export function selected(cases: Case[], words: string[]): Case[] {
  return words.length === 0 ? cases : cases.filter(({ name }) => words.some((word) => name.includes(word)));
}

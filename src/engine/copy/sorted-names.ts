import { comparePaths } from "../../tar/text.ts";

/** Names in byte order. */
export function sortedNames(names: Iterable<string>): string[] {
  const list = [...names];
  // Code units are in byte order but for surrogates and what is above them.
  return list.some((name) => ABOVE_SURROGATES.test(name)) ? list.sort(comparePaths) : list.sort();
}

const ABOVE_SURROGATES = /[\ud800-\uffff]/;

import { comparePaths } from "../../tar/text.ts";

/** Sorts names in byte order. */
export function sortedNames(names: Iterable<string>): string[] {
  const list = [...names];
  // The order of UTF-16 code units equals byte order except for surrogates and characters above them.
  return list.some((name) => ABOVE_SURROGATES.test(name)) ? list.sort(comparePaths) : list.sort();
}

const ABOVE_SURROGATES = /[\ud800-\uffff]/;

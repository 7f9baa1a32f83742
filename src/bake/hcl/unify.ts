import type { Value } from "./syntax.ts";
import { isList, isMap } from "./values.ts";

/**
 * Whether values can be converted to one type, as the results of a conditional expression must be (hclsyntax/spec.md,
 * "Conditional Operator"). Elements of lists, and of objects, must agree one by one, or all together if there are
 * different ones.
 */
export function haveOneType(values: readonly Value[]): boolean {
  const present = values.filter((value) => value !== null);
  if (present.every(isList)) {
    const length = present[0]?.length;
    return present.every((list) => list.length === length)
      ? (present[0] ?? []).every((_, at) => haveOneType(present.map((list) => list[at] ?? null)))
      : haveOneType(present.flat());
  }
  if (present.every(isMap)) {
    const keys = [...(present[0]?.keys() ?? [])];
    return present.every((map) => map.size === keys.length && keys.every((key) => map.has(key)))
      ? keys.every((key) => haveOneType(present.map((map) => map.get(key) ?? null)))
      : haveOneType(present.flatMap((map) => [...map.values()]));
  }
  if (present.some((value) => typeof value === "object")) return false;
  const kinds = new Set(present.map((value) => typeof value));
  return kinds.size === 1 || kinds.has("string");
}

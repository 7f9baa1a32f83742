import { define, defineSlow, MANY, type NamedFunction } from "./define.ts";
import type { Value } from "./syntax.ts";
import {
  areValuesEqual,
  asText,
  compareText,
  elements,
  identityOf,
  isList,
  isMap,
  typeName,
} from "./values.ts";

/** Distinct values by their identities. */
const identified = (values: readonly Value[]): Map<string, Value> => {
  const found = new Map<string, Value>();
  for (const value of values) {
    const identity = identityOf(value);
    if (!found.has(identity)) found.set(identity, value);
  }
  return found;
};
const distinct = (values: readonly Value[]): Value[] => [...identified(values).values()];
/** Values of the first set that are, or are not, in the second one. */
const common = (values: ReadonlyMap<string, Value>, others: ReadonlyMap<string, Value>, isIn: boolean) =>
  new Map([...values].filter(([identity]) => others.has(identity) === isIn));
const includes = (values: readonly Value[], value: Value) =>
  values.some((other) => areValuesEqual(other, value));
const flat = (values: readonly Value[]): Value[] =>
  values.flatMap((value) => (isList(value) ? flat(value) : [value]));

/** Functions of sets: lists without equal elements. */
export const sets: readonly NamedFunction[] = [
  define("sethaselement", 2, 2, ({ list, get }) => includes(list(0), get(1))),
  defineSlow("setunion", 1, MANY, ({ values, list }) => distinct(values.flatMap((_, at) => list(at)))),
  defineSlow("setintersection", 1, MANY, ({ values, list }) => [
    ...values
      .slice(1)
      .reduce<Map<string, Value>>(
        (rest, _, at) => common(rest, identified(list(at + 1)), true),
        identified(list(0)),
      )
      .values(),
  ]),
  defineSlow("setsubtract", 2, 2, ({ list }) => [
    ...common(identified(list(0)), identified(list(1)), false).values(),
  ]),
  defineSlow("setsymmetricdifference", 1, MANY, ({ values, list }) => [
    ...values
      .slice(1)
      .reduce<Map<string, Value>>(
        (rest, _, at) => {
          const next = identified(list(at + 1));
          return new Map([...common(rest, next, false), ...common(next, rest, false)]);
        },
        identified(list(0)),
      )
      .values(),
  ]),
  define("setproduct", 1, MANY, ({ values, list, budget, at }) =>
    values.reduce<Value[][]>(
      (rows, _, index) => {
        budget.require(rows.length * list(index).length * (index + 1), at);
        return rows.flatMap((row) => list(index).map((value) => [...row, value]));
      },
      [[]],
    ),
  ),
];

/** Functions of lists and objects. */
export const collections: readonly NamedFunction[] = [
  define(
    "length",
    1,
    1,
    ({ get, fail }) =>
      elements(get(0))?.length ?? fail(`length needs a list or an object, not ${typeName(get(0))}`),
  ),
  define("concat", 1, MANY, ({ values, list }) => values.flatMap((_, at) => list(at))),
  define("contains", 2, 2, ({ list, get }) => includes(list(0), get(1))),
  defineSlow("distinct", 1, 1, ({ list }) => distinct(list(0))),
  define("flatten", 1, 1, ({ list }) => flat(list(0))),
  define("compact", 1, 1, ({ list }) => list(0).filter((value) => value !== "" && value !== null)),
  define(
    "coalescelist",
    1,
    MANY,
    ({ values, list, fail }) =>
      values.map((_, at) => list(at)).find((one) => one.length > 0) ?? fail("All lists are empty"),
  ),
  define("chunklist", 2, 2, ({ list, number, fail }) => {
    const size = number(1) || list(0).length;
    if (!Number.isInteger(size) || size < 0) return fail("chunklist needs a whole number");
    return Array.from({ length: Math.ceil(list(0).length / size) || 0 }, (_, at) =>
      list(0).slice(at * size, (at + 1) * size),
    );
  }),
  define("element", 2, 2, ({ list, number, fail }) => {
    const count = list(0).length;
    return list(0)[((number(1) % count) + count) % count] ?? fail("An empty list has no element");
  }),
  define("hasindex", 2, 2, ({ get }) => {
    const [of, key] = [get(0), get(1)];
    return isMap(of) ? of.has(String(key)) : isList(of) && typeof key === "number" && key in of;
  }),
  define("index", 2, 2, ({ get, number, text, fail }) => {
    const of = get(0);
    const found = isMap(of) ? of.get(text(1)) : isList(of) ? of[number(1)] : undefined;
    return found ?? fail("The index or key does not exist");
  }),
  define(
    "lookup",
    2,
    3,
    ({ map, text, get, has, fail }) =>
      map(0).get(text(1)) ?? (has(2) ? get(2) : fail(`There is no key ${JSON.stringify(text(1))}`)),
  ),
  defineSlow("keys", 1, 1, ({ map }) => [...map(0).keys()].sort(compareText)),
  defineSlow("values", 1, 1, ({ map }) => (elements(map(0)) ?? []).map(([, value]) => value)),
  define(
    "merge",
    1,
    MANY,
    ({ values, map }) => new Map(values.flatMap((value, at) => (value === null ? [] : [...map(at)]))),
  ),
  define(
    "zipmap",
    2,
    2,
    ({ list, at }) => new Map(list(0).map((key, index) => [asText(key, at), list(1)[index] ?? null])),
  ),
  define("reverselist", 1, 1, ({ list }) => list(0).toReversed()),
  define("slice", 3, 3, ({ list, number }) => list(0).slice(number(1), number(2))),
  defineSlow("sort", 1, 1, ({ list, at }) =>
    list(0)
      .map((value) => asText(value, at))
      .sort(compareText),
  ),
];

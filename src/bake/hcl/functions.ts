import { createHash, randomUUID } from "node:crypto";
import { type BakeBudget, BakeLimitError } from "../budget.ts";
import { BakeError, type Position } from "../error.ts";
import { csvRecords } from "./csv-records.ts";
import { addDuration, dateText } from "./dates.ts";
import type { BakeFunction } from "./evaluate.ts";
import { formatText } from "./format.ts";
import { findMatches, type Match, MatchTimeError, RegexError } from "./matches.ts";
import type { Value } from "./syntax.ts";
import {
  asBool,
  asList,
  asMap,
  asNumber,
  asText,
  compareText,
  elements,
  fromJson,
  goJson,
  identityOf,
  isEqual,
  isList,
  isMap,
  toJson,
  typeName,
} from "./values.ts";

/** The arguments of a call, each with the type that the function wants. */
class Args {
  readonly values: readonly Value[];
  readonly at: Position;
  readonly budget: BakeBudget;

  constructor(values: readonly Value[], at: Position, budget: BakeBudget) {
    this.values = values;
    this.at = at;
    this.budget = budget;
  }

  get = (index: number): Value => this.values[index] ?? null;
  has = (index: number): boolean => index < this.values.length;
  text = (index: number): string => asText(this.get(index), this.at);
  number = (index: number): number => asNumber(this.get(index), this.at);
  bool = (index: number): boolean => asBool(this.get(index), this.at);
  list = (index: number): readonly Value[] => asList(this.get(index), this.at);
  map = (index: number): ReadonlyMap<string, Value> => asMap(this.get(index), this.at);
  fail = (message: string): never => {
    throw new BakeError(message, this.at);
  };
}

type Implementation = (args: Args) => Value;

/** A function that takes `least` to `most` arguments. */
function define(name: string, least: number, most: number, run: Implementation): [string, BakeFunction] {
  return [
    name,
    (args, at, budget) => {
      if (args.length < least || args.length > most) {
        const wanted =
          least === most ? `${least}` : most === MANY ? `at least ${least}` : `${least} to ${most}`;
        throw new BakeError(
          `${name} takes ${wanted} argument${wanted === "1" ? "" : "s"}, and got ${args.length}`,
          at,
        );
      }
      return run(
        new Args(
          args.map((arg) => arg()),
          at,
          budget,
        ),
      );
    },
  ];
}

/** Units of work for a part of a value, besides those of each call: for segmenting, sorting and comparing texts. */
const SLOW = 32;

/** A function that needs more time for each part of its arguments than others. */
function defineSlow(name: string, least: number, most: number, run: Implementation): [string, BakeFunction] {
  return define(name, least, most, (args) => {
    args.budget.spendOn(args.values, SLOW, args.at);
    return run(args);
  });
}

const MANY = Number.POSITIVE_INFINITY;
const numeric = (name: string, run: (a: number, b: number) => Value) =>
  define(name, 2, 2, ({ number }) => run(number(0), number(1)));
const textual = (name: string, run: (text: string) => Value) =>
  define(name, 1, 1, ({ text }) => run(text(0)));
const slowTextual = (name: string, run: (text: string) => Value) =>
  defineSlow(name, 1, 1, ({ text }) => run(text(0)));
const hash = (name: string, algorithm: string) =>
  textual(name, (text) => createHash(algorithm).update(text).digest("hex"));

/** Different values, by their identities. */
const identified = (values: readonly Value[]): Map<string, Value> => {
  const found = new Map<string, Value>();
  for (const value of values) {
    const identity = identityOf(value);
    if (!found.has(identity)) found.set(identity, value);
  }
  return found;
};
const distinct = (values: readonly Value[]): Value[] => [...identified(values).values()];
/** Values of the first set that are in the second one, or that are not. */
const common = (values: ReadonlyMap<string, Value>, others: ReadonlyMap<string, Value>, isIn: boolean) =>
  new Map([...values].filter(([identity]) => others.has(identity) === isIn));
const includes = (values: readonly Value[], value: Value) => values.some((other) => isEqual(other, value));
const flat = (values: readonly Value[]): Value[] =>
  values.flatMap((value) => (isList(value) ? flat(value) : [value]));
const characters = (text: string) => [...new Intl.Segmenter().segment(text)].map(({ segment }) => segment);
const cut = <T>(items: readonly T[], offset: number, length: number): T[] => {
  const start = offset < 0 ? Math.max(0, items.length + offset) : offset;
  return items.slice(start, length < 0 ? undefined : start + length);
};

const sets: [string, BakeFunction][] = [
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

const numbers: [string, BakeFunction][] = [
  numeric("add", (a, b) => a + b),
  numeric("subtract", (a, b) => a - b),
  numeric("multiply", (a, b) => a * b),
  numeric("pow", (a, b) => a ** b),
  numeric("log", (a, b) => Math.log(a) / Math.log(b)),
  numeric("lessthan", (a, b) => a < b),
  numeric("lessthanorequalto", (a, b) => a <= b),
  numeric("greaterthan", (a, b) => a > b),
  numeric("greaterthanorequalto", (a, b) => a >= b),
  define("divide", 2, 2, ({ number, fail }) =>
    number(1) === 0 ? fail("Division by zero") : number(0) / number(1),
  ),
  define("modulo", 2, 2, ({ number, fail }) =>
    number(1) === 0 ? fail("Division by zero") : number(0) % number(1),
  ),
  define("absolute", 1, 1, ({ number }) => Math.abs(number(0))),
  define("ceil", 1, 1, ({ number }) => Math.ceil(number(0))),
  define("floor", 1, 1, ({ number }) => Math.floor(number(0))),
  define("int", 1, 1, ({ number }) => Math.trunc(number(0))),
  define("negate", 1, 1, ({ number }) => -number(0)),
  define("signum", 1, 1, ({ number }) => Math.sign(number(0))),
  define("max", 1, MANY, ({ values, number }) => Math.max(...values.map((_, at) => number(at)))),
  define("min", 1, MANY, ({ values, number }) => Math.min(...values.map((_, at) => number(at)))),
  define("parseint", 2, 2, ({ text, number, fail }) => {
    const digits = text(0);
    const base = number(1);
    const value = Number.parseInt(digits, base);
    const isWhole = value.toString(base).replace(/^-/, "") === digits.toLowerCase().replace(/^-?0*(?=.)/, "");
    return isWhole ? value : fail(`parseint cannot read ${JSON.stringify(digits)} in base ${base}`);
  }),
  define("range", 1, 3, ({ values, number, fail }) => {
    const [start, end] = values.length === 1 ? [0, number(0)] : [number(0), number(1)];
    const step = values.length === 3 ? number(2) : end < start ? -1 : 1;
    if (step === 0 || (end - start) / step > 1024) return fail("range makes at most 1024 numbers");
    const length = Math.max(0, Math.ceil((end - start) / step));
    return Array.from({ length }, (_, at) => start + at * step);
  }),
];

const isCaught = (error: unknown) => error instanceof BakeError && !(error instanceof BakeLimitError);

const logic: [string, BakeFunction][] = [
  define("and", 2, 2, ({ bool }) => bool(0) && bool(1)),
  define("or", 2, 2, ({ bool }) => bool(0) || bool(1)),
  define("not", 1, 1, ({ bool }) => !bool(0)),
  define("equal", 2, 2, ({ get }) => isEqual(get(0), get(1))),
  define("notequal", 2, 2, ({ get }) => !isEqual(get(0), get(1))),
  define(
    "coalesce",
    1,
    MANY,
    ({ values, fail }) => values.find((value) => value !== null) ?? fail("All arguments are null"),
  ),
  [
    "try",
    (args, at) => {
      for (const arg of args) {
        try {
          return arg();
        } catch (error) {
          if (!isCaught(error)) throw error;
        }
      }
      throw new BakeError("All arguments of try fail", at);
    },
  ],
  [
    "can",
    ([arg]) => {
      try {
        arg?.();
        return true;
      } catch (error) {
        if (!isCaught(error)) throw error;
        return false;
      }
    },
  ],
];

const collections: [string, BakeFunction][] = [
  define(
    "length",
    1,
    1,
    ({ get, fail }) =>
      elements(get(0))?.length ?? fail(`length needs a list or an object, and this is ${typeName(get(0))}`),
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
    return found ?? fail("There is no such element");
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

const texts: [string, BakeFunction][] = [
  define("format", 1, MANY, ({ text, values, at, budget }) =>
    formatText(text(0), values.slice(1), at, budget),
  ),
  define("formatlist", 1, MANY, ({ text, values, at, budget }) => {
    const lists = values.slice(1).map((value) => (isList(value) ? value : undefined));
    const length = lists.find((list) => list !== undefined)?.length ?? 1;
    return Array.from({ length }, (_, index) =>
      formatText(
        text(0),
        values.slice(1).map((value, place) => lists[place]?.[index] ?? value),
        at,
        budget,
      ),
    );
  }),
  define("join", 2, MANY, ({ text, values, list, at, budget }) => {
    const parts = values.slice(1).flatMap((_, index) => list(index + 1).map((value) => asText(value, at)));
    budget.require(parts.length * text(0).length, at);
    return parts.join(text(0));
  }),
  define("split", 2, 2, ({ text }) => text(1).split(text(0))),
  define("replace", 3, 3, ({ text, budget, at }) => {
    const parts = text(0).split(text(1));
    budget.require(parts.length * text(2).length, at);
    return text(0).replaceAll(text(1), () => text(2));
  }),
  define("regex_replace", 3, 3, (args) => {
    const text = args.text(0);
    let end = 0;
    const parts: string[] = [];
    for (const found of matches(args, 1, text, true)) {
      const replacement = expanded(args.text(2), found);
      args.budget.require(replacement.length, args.at);
      parts.push(text.slice(end, found.index), replacement);
      end = found.index + (found.parts[0]?.length ?? 0);
    }
    return [...parts, text.slice(end)].join("");
  }),
  define("regex", 2, 2, (args) => {
    const [found] = matches(args, 0, args.text(1), false);
    return found === undefined ? args.fail("The pattern does not match") : captured(found);
  }),
  define("regexall", 2, 2, (args) => matches(args, 0, args.text(1), true).map(captured)),
  define("indent", 2, 2, ({ number, text, budget, at }) => {
    budget.require(text(1).split("\n").length * number(0), at);
    return text(1).replaceAll("\n", `\n${" ".repeat(number(0))}`);
  }),
  defineSlow("substr", 3, 3, ({ text, number }) => cut(characters(text(0)), number(1), number(2)).join("")),
  define("trim", 2, 2, ({ text }) => {
    const letters = new Set(text(1));
    return trimStart(trimEnd(text(0), letters), letters);
  }),
  define("trimprefix", 2, 2, ({ text }) =>
    text(0).startsWith(text(1)) ? text(0).slice(text(1).length) : text(0),
  ),
  define("trimsuffix", 2, 2, ({ text }) =>
    text(1) !== "" && text(0).endsWith(text(1)) ? text(0).slice(0, -text(1).length) : text(0),
  ),
  textual("trimspace", (text) => text.trim()),
  textual("chomp", (text) => trimEnd(text, new Set("\r\n"))),
  textual("lower", (text) => text.toLowerCase()),
  textual("upper", (text) => text.toUpperCase()),
  textual("title", (text) =>
    text.replace(
      /(^|[^\p{L}\p{N}_'])(\p{L})/gu,
      (_, before: string, letter: string) => before + letter.toUpperCase(),
    ),
  ),
  slowTextual("reverse", (text) => characters(text).reverse().join("")),
  slowTextual("strlen", (text) => characters(text).length),
  textual("base64encode", (text) => Buffer.from(text).toString("base64")),
  textual("base64decode", (text) => Buffer.from(text, "base64").toString()),
  textual("urlencode", (text) => new URLSearchParams([["", text]]).toString().slice(1)),
  hash("md5", "md5"),
  hash("sha1", "sha1"),
  hash("sha256", "sha256"),
  hash("sha512", "sha512"),
  define("jsonencode", 1, 1, ({ get }) => goJson(toJson(get(0)))),
  define("jsondecode", 1, 1, ({ text, fail }) => {
    try {
      return fromJson(JSON.parse(text(0)));
    } catch (error) {
      return fail(`jsondecode: ${(error as Error).message}`);
    }
  }),
  define("csvdecode", 1, 1, ({ text, budget, at }) => {
    const [header = [], ...rows] = csvRecords(text(0));
    budget.require(rows.length * header.join().length, at);
    return rows.map((row) => new Map(header.map((name, at) => [name, row[at] ?? null])));
  }),
  define("formatdate", 2, 2, ({ text, at }) => dateText(text(0), text(1), at)),
  define("timeadd", 2, 2, ({ text, at }) => addDuration(text(0), text(1), at)),
  define("uuidv4", 0, 0, () => randomUUID()),
];

/** Go's `$name` and `${name}` in replacements. */
function expanded(text: string, { parts, groups }: Match): string {
  return text.replace(/\$(?:\$|\{(\w+)\}|(\w+))/g, (_, braced?: string, bare?: string) => {
    const name = braced ?? bare;
    if (name === undefined) return "$";
    return (/^\d+$/.test(name) ? parts[Number(name)] : groups?.[name]) ?? "";
  });
}

/** All of the match, its groups, or its named groups. */
function captured({ parts: [all = "", ...parts], groups }: Match): Value {
  if (groups !== undefined)
    return new Map(Object.entries(groups).map(([name, text]) => [name, text ?? null]));
  return parts.length > 0 ? parts.map((text) => text ?? null) : all;
}

function trimStart(text: string, letters: ReadonlySet<string>): string {
  let at = 0;
  while (at < text.length && letters.has(text.charAt(at))) at++;
  return text.slice(at);
}

function trimEnd(text: string, letters: ReadonlySet<string>): string {
  let end = text.length;
  while (end > 0 && letters.has(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}

function matches(
  { text, fail, at, budget }: Args,
  pattern: number,
  subject: string,
  isGlobal: boolean,
): Match[] {
  try {
    return budget.match((milliseconds) => findMatches(text(pattern), subject, isGlobal, milliseconds), at);
  } catch (error) {
    if (error instanceof RegexError) return fail(error.message);
    if (error instanceof MatchTimeError) throw new BakeLimitError("Regular expressions take too long", at);
    throw error;
  }
}

/** The functions of bake. @param now for `timestamp` */
export function standardFunctions(now: Date): ReadonlyMap<string, BakeFunction> {
  const timestamp = define("timestamp", 0, 0, () => now.toISOString().replace(/\.\d+Z$/, "Z"));
  return new Map([...numbers, ...logic, ...collections, ...sets, ...texts, timestamp]);
}

/** Functions of bake that are not here. */
export const missingFunctions: ReadonlySet<string> = new Set([
  "basename",
  "bcrypt",
  "byteslen",
  "bytesslice",
  "cidrhost",
  "cidrnetmask",
  "cidrsubnet",
  "cidrsubnets",
  "convert",
  "dirname",
  "homedir",
  "indexof",
  "rsadecrypt",
  "sanitize",
  "semvercmp",
  "unixtimestampparse",
  "uuidv5",
]);

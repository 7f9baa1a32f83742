import { BakeLimitError } from "../budget.ts";
import { BakeError } from "../error.ts";
import { collections, sets } from "./collection-functions.ts";
import { define, MANY, type NamedFunction } from "./define.ts";
import type { BakeFunction } from "./evaluate.ts";
import type { Value } from "./syntax.ts";
import { texts } from "./text-functions.ts";
import { areValuesEqual } from "./values.ts";

const numeric = (name: string, run: (a: number, b: number) => Value) =>
  define(name, 2, 2, ({ number }) => run(number(0), number(1)));

const numbers: readonly NamedFunction[] = [
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

const logic: readonly NamedFunction[] = [
  define("and", 2, 2, ({ bool }) => bool(0) && bool(1)),
  define("or", 2, 2, ({ bool }) => bool(0) || bool(1)),
  define("not", 1, 1, ({ bool }) => !bool(0)),
  define("equal", 2, 2, ({ get }) => areValuesEqual(get(0), get(1))),
  define("notequal", 2, 2, ({ get }) => !areValuesEqual(get(0), get(1))),
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

/** The functions of bake. @param now for `timestamp` */
export function standardFunctions(now: Date): ReadonlyMap<string, BakeFunction> {
  const timestamp = define("timestamp", 0, 0, () => now.toISOString().replace(/\.\d+Z$/, "Z"));
  return new Map([...numbers, ...logic, ...collections, ...sets, ...texts, timestamp]);
}

/** Functions of buildx that varve does not implement. */
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

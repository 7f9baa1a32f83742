import type { BakeBudget } from "../budget.ts";
import { BakeError, type BakePosition } from "../error.ts";
import type { BakeFunction } from "./evaluate.ts";
import type { Value } from "./syntax.ts";
import { asBool, asList, asMap, asNumber, asText } from "./values.ts";

/** The arguments of a call, each with the type that the function requires. */
export class Args {
  readonly values: readonly Value[];
  readonly at: BakePosition;
  readonly budget: BakeBudget;

  constructor(values: readonly Value[], at: BakePosition, budget: BakeBudget) {
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

export type NamedFunction = readonly [name: string, run: BakeFunction];

type Implementation = (args: Args) => Value;

/** Defines a function that takes `min` to `max` arguments. */
export function define(name: string, min: number, max: number, run: Implementation): NamedFunction {
  return [
    name,
    (args, at, budget) => {
      if (args.length < min || args.length > max) {
        const wanted = min === max ? `${min}` : max === MANY ? `at least ${min}` : `${min} to ${max}`;
        throw new BakeError(
          `${name} takes ${wanted} argument${wanted === "1" ? "" : "s"}, but got ${args.length}`,
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

/** Defines a function that needs more time for each part of its arguments than others. */
export function defineSlow(name: string, min: number, max: number, run: Implementation): NamedFunction {
  return define(name, min, max, (args) => {
    args.budget.spendOn(args.values, SLOW, args.at);
    return run(args);
  });
}

export const MANY = Number.POSITIVE_INFINITY;

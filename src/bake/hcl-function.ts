import { BakeError, type BakePosition, fail } from "./error.ts";
import { type BakeFunction, childScope, evaluate, type HclScope } from "./hcl/evaluate.ts";
import type { Expression, HclBlock, Value } from "./hcl/syntax.ts";
import { argument, didYouMean } from "./hcl-blocks.ts";

const FUNCTION_ARGUMENTS = ["params", "result", "variadic_params"];

interface Definition {
  scope: HclScope;
  /** Runs `compute` unless its result is needed to compute it. @throws {BakeError} */
  once<T>(name: string, at: BakePosition, compute: () => T): T;
}

/** The function that a block `function` defines. @throws {BakeError} */
export function ownFunction(name: string, block: HclBlock, { scope, once }: Definition): BakeFunction {
  for (const { name: own, at } of block.body.attributes) {
    if (!FUNCTION_ARGUMENTS.includes(own))
      throw new BakeError(`A function has no argument "${own}"${didYouMean(own, FUNCTION_ARGUMENTS)}`, at);
  }
  const params = keywords(
    argument(block, "params") ?? fail(`The function "${name}" has no params`, block.at),
  );
  const result = argument(block, "result") ?? fail(`The function "${name}" has no result`, block.at);
  const variadic = argument(block, "variadic_params");
  const [rest] = variadic === undefined ? [] : [keyword(variadic)];
  return (args, at) => {
    const values = args.map((arg) => arg());
    return once(`The function "${name}"`, at, () => {
      if (values.length < params.length || (rest === undefined && values.length > params.length))
        throw new BakeError(
          `${name} takes ${rest === undefined ? "" : "at least "}${params.length} arguments, but got ${values.length}`,
          at,
        );
      const variables = new Map<string, Value>(params.map((param, index) => [param, values[index] as Value]));
      if (rest !== undefined) variables.set(rest, values.slice(params.length));
      return evaluate(result, childScope(scope, variables));
    });
  };
}

/** The names in `params`. */
function keywords(expression: Expression): string[] {
  if (expression.kind !== "tuple") throw new BakeError("params must be a list of names", expression.at);
  return expression.items.map(keyword);
}

function keyword(expression: Expression): string {
  if (expression.kind === "variable") return expression.name;
  throw new BakeError("params may contain only names", expression.at);
}

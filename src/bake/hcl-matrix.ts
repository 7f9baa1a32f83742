import { BakeError } from "./error.ts";
import { evaluate, type HclScope } from "./hcl/evaluate.ts";
import type { Expression, Value } from "./hcl/syntax.ts";
import { asList, asMap, elements } from "./hcl/values.ts";

/** Targets of one matrix. */
const MAX_TARGETS = 10_000;

/**
 * The combinations of the values of a matrix, as variables by axis. Each becomes a target.
 * @throws {BakeError}
 */
export function matrixRows(matrix: Expression, scope: HclScope): Map<string, Value>[] {
  const axes = elements(asMap(evaluate(matrix, scope), matrix.at, "An object as matrix")) ?? [];
  let rows: Map<string, Value>[] = [new Map()];
  for (const [axis, values] of axes) {
    const items = asList(values, matrix.at, `A list for "${axis}" of the matrix`);
    if (rows.length * items.length > MAX_TARGETS)
      throw new BakeError(`A matrix can make at most ${MAX_TARGETS} targets`, matrix.at);
    scope.budget.spend(rows.length * items.length * axes.length, matrix.at);
    rows = items.flatMap((item) => rows.map((row) => new Map(row).set(String(axis), item)));
  }
  return rows;
}

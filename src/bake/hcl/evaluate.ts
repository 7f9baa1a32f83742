import { type BakeBudget, BakeLimitError } from "../budget.ts";
import { BakeError, type BakePosition } from "../error.ts";
import { type BinaryOperator, type Expression, type ForExpression, splatItem, type Value } from "./syntax.ts";
import { haveOneType } from "./unify.ts";
import {
  areValuesEqual,
  asBool,
  asNumber,
  asText,
  elements,
  isList,
  isMap,
  primitiveText,
  typeName,
} from "./values.ts";

/** A function that expressions call. Arguments are evaluated when `args` calls them, so that `try` can catch errors. */
export type BakeFunction = (args: readonly (() => Value)[], at: BakePosition, budget: BakeBudget) => Value;

/** Units of work for an expression. */
const EXPRESSION = 20;

/** Resolves the names in an expression. */
export interface HclScope {
  readonly budget: BakeBudget;
  /** @throws {BakeError} when there is no such variable */
  variable(name: string, at: BakePosition): Value;
  /** @throws {BakeError} when there is no such function */
  function(name: string, at: BakePosition): BakeFunction;
  /** The attribute of a block that is named by `target.name.attribute`; undefined when `type` is no type of blocks. */
  blockAttribute(
    type: string,
    name: string,
    attribute: string | undefined,
    at: BakePosition,
  ): Value | undefined;
}

/** A scope with more variables. */
export function childScope(parent: HclScope, variables: ReadonlyMap<string, Value>): HclScope {
  return {
    budget: parent.budget,
    variable: (name, at) =>
      variables.has(name) ? (variables.get(name) as Value) : parent.variable(name, at),
    function: (name, at) => parent.function(name, at),
    blockAttribute: (...reference) => parent.blockAttribute(...reference),
  };
}

/** The value of an expression (hclsyntax/spec.md, "Expressions"). @throws {BakeError} */
export function evaluate(expression: Expression, scope: HclScope): Value {
  const { at } = expression;
  const { budget } = scope;
  budget.spend(EXPRESSION, at);
  switch (expression.kind) {
    case "literal":
      return expression.value;
    case "template":
      return templateValue(expression.parts, scope, at);
    case "tuple":
      return budget.hold(
        expression.items.map((item) => evaluate(item, scope)),
        at,
      );
    case "object": {
      const pairs = expression.items.map(({ key, value }): [string, Value] => [
        asText(evaluate(key, scope), key.at, "A string as key"),
        evaluate(value, scope),
      ]);
      return budget.hold(new Map(pairs), at);
    }
    case "for":
      return budget.hold(forValue(expression, at, scope), at);
    case "call":
      return call(expression, scope);
    case "variable":
      return scope.variable(expression.name, at);
    case "attribute":
      return (
        blockValue(expression, scope) ?? attributeOf(evaluate(expression.of, scope), expression.name, at)
      );
    case "index":
      return indexOf(evaluate(expression.of, scope), evaluate(expression.key, scope), at);
    case "splat":
      return budget.hold(splat(evaluate(expression.of, scope), expression.each, scope), at);
    case "unary": {
      const value = evaluate(expression.operand, scope);
      return expression.operator === "!" ? !asBool(value, at) : -asNumber(value, at);
    }
    case "binary":
      return binary(
        expression.operator,
        evaluate(expression.left, scope),
        evaluate(expression.right, scope),
        at,
        budget,
      );
    case "conditional":
      return conditional(expression, scope);
  }
}

function templateValue(parts: readonly Expression[], scope: HclScope, at: BakePosition): Value {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return evaluate(only, scope);
  const texts = parts.map((part) => {
    const value = evaluate(part, scope);
    const text = primitiveText(value);
    if (text === undefined) throw new BakeError(`A template cannot contain ${typeName(value)}`, at);
    return text;
  });
  return joinTexts(texts, at, scope);
}

function joinTexts(texts: readonly string[], at: BakePosition, { budget }: HclScope): string {
  budget.require(
    texts.reduce((sum, text) => sum + text.length, 0),
    at,
  );
  return texts.join("");
}

function forValue(expression: ForExpression, at: BakePosition, scope: HclScope): Value {
  const { keyName, valueName, collection, key, value, isGrouped, condition, isText } = expression;
  const items = evaluate(collection, scope);
  scope.budget.spendOn([items], 1, at);
  const pairs = elements(items);
  if (pairs === undefined) throw new BakeError(`"for" needs a list or an object, not ${typeName(items)}`, at);
  const results: [key: string, value: Value][] = [];
  for (const [itemKey, item] of pairs) {
    const variables = new Map<string, Value>([[valueName, item]]);
    if (keyName !== undefined) variables.set(keyName, itemKey);
    const inner = childScope(scope, variables);
    if (condition !== undefined && !asBool(evaluate(condition, inner), condition.at)) continue;
    results.push([key === undefined ? "" : asText(evaluate(key, inner), key.at), evaluate(value, inner)]);
  }
  if (isText)
    return joinTexts(
      results.map(([, text]) => String(text)),
      at,
      scope,
    );
  if (key === undefined) return results.map(([, result]) => result);
  if (isGrouped) {
    const groups = new Map<string, Value[]>();
    for (const [name, result] of results) {
      const group = groups.get(name);
      if (group === undefined) groups.set(name, [result]);
      else group.push(result);
    }
    return groups;
  }
  const map = new Map<string, Value>();
  for (const [name, result] of results) {
    if (map.has(name))
      throw new BakeError(`"for" gives two values for the key ${JSON.stringify(name)}`, key.at);
    map.set(name, result);
  }
  return map;
}

function call({ name, args, isExpanded, at }: Expression & { kind: "call" }, scope: HclScope): Value {
  const { budget } = scope;
  const run = scope.function(name, at);
  const given = args.map((arg) => () => {
    const value = evaluate(arg, scope);
    budget.spendOn([value], 1, at);
    return value;
  });
  if (!isExpanded) return budget.hold(run(given, at, budget), at);
  const last = given.pop()?.() ?? null;
  if (!isList(last)) throw new BakeError(`"..." needs a list, not ${typeName(last)}`, at);
  return budget.hold(run([...given, ...last.map((value) => () => value)], at, budget), at);
}

/** `target.name` and `target.name.attribute`. */
function blockValue(
  { of, name, at }: Expression & { kind: "attribute" },
  scope: HclScope,
): Value | undefined {
  if (of.kind === "variable") return scope.blockAttribute(of.name, name, undefined, at);
  if (of.kind !== "attribute" || of.of.kind !== "variable") return undefined;
  return scope.blockAttribute(of.of.name, of.name, name, at);
}

function attributeOf(value: Value, name: string, at: BakePosition): Value {
  const found = isMap(value) ? value.get(name) : undefined;
  if (found === undefined) throw new BakeError(`${capital(typeName(value))} has no attribute "${name}"`, at);
  return found;
}

function indexOf(value: Value, key: Value, at: BakePosition): Value {
  if (isMap(value)) return attributeOf(value, asText(key, at), at);
  if (!isList(value)) throw new BakeError(`${capital(typeName(value))} has no elements`, at);
  const index = asNumber(key, at);
  const found = Number.isInteger(index) && index >= 0 ? value[index] : undefined;
  if (found === undefined)
    throw new BakeError(`The list of ${value.length} elements has no element ${index}`, at);
  return found;
}

function splat(value: Value, each: Expression, scope: HclScope): Value {
  const items = value === null ? [] : isList(value) ? value : [value];
  return items.map((item) => evaluate(each, childScope(scope, new Map([[splatItem, item]]))));
}

function conditional(
  { condition, yes, no, at }: Expression & { kind: "conditional" },
  scope: HclScope,
): Value {
  const isYes = asBool(evaluate(condition, scope), condition.at, "A bool as condition");
  const chosen = evaluate(isYes ? yes : no, scope);
  const other = unlessError(() => evaluate(isYes ? no : yes, scope));
  if (other === undefined) return chosen;
  scope.budget.spendOn([chosen, other], 1, at);
  if (!haveOneType([chosen, other]))
    throw new BakeError(
      `Both results of "?" need the same type, but they are ${typeName(isYes ? chosen : other)} and ${typeName(isYes ? other : chosen)}`,
      yes.at,
    );
  // If one result is a string, a number or bool is converted to one.
  return typeof other === "string" ? (primitiveText(chosen) ?? chosen) : chosen;
}

/** The result that is not chosen, of which only the type counts; undefined on an error, which is ignored. */
function unlessError(evaluateOther: () => Value): Value | undefined {
  try {
    return evaluateOther();
  } catch (error) {
    if (error instanceof BakeError && !(error instanceof BakeLimitError)) return undefined;
    throw error;
  }
}

function binary(
  operator: BinaryOperator,
  left: Value,
  right: Value,
  at: BakePosition,
  budget: BakeBudget,
): Value {
  budget.spendOn([left, right], 1, at);
  switch (operator) {
    case "==":
      return areValuesEqual(left, right);
    case "!=":
      return !areValuesEqual(left, right);
    case "&&":
      return asBool(left, at) && asBool(right, at);
    case "||":
      return asBool(left, at) || asBool(right, at);
    default:
      return arithmetic(operator, asNumber(left, at), asNumber(right, at), at);
  }
}

function arithmetic(
  operator: Exclude<BinaryOperator, "==" | "!=" | "&&" | "||">,
  left: number,
  right: number,
  at: BakePosition,
): Value {
  if (right === 0 && (operator === "/" || operator === "%")) throw new BakeError("Division by zero", at);
  switch (operator) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "/":
      return left / right;
    case "%":
      return left % right;
    case "<":
      return left < right;
    case "<=":
      return left <= right;
    case ">":
      return left > right;
    case ">=":
      return left >= right;
  }
}

function capital(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}

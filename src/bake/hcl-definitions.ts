import { BakeBudget } from "./budget.ts";
import { BakeError, type BakePosition } from "./error.ts";
import { type BakeFunction, childScope, evaluate, type HclScope } from "./hcl/evaluate.ts";
import { missingFunctions, standardFunctions } from "./hcl/functions.ts";
import type { Attribute, HclBlock, HclBody, Value } from "./hcl/syntax.ts";
import { asBool, asText } from "./hcl/values.ts";
import { argument, checkName, didYouMean, place } from "./hcl-blocks.ts";
import { ownFunction } from "./hcl-function.ts";
import { matrixRows } from "./hcl-matrix.ts";
import { fieldValue, fromEnvironment, textList } from "./hcl-values.ts";
import {
  type Definitions,
  type FieldName,
  type FieldValue,
  isFieldName,
  mergeValues,
  type TargetDefinition,
  type TargetGroup,
  type TargetValues,
  targetFields,
} from "./target.ts";

interface HclOptions {
  /** Replaces the defaults of variables of the same names. */
  environment: Readonly<Record<string, string | undefined>>;
  /** Built-in variables such as `BAKE_CMD_CONTEXT`. */
  builtIn: Readonly<Record<string, string>>;
  now: Date;
  warn(message: string): void;
}

const TARGET_ARGUMENTS = [...Object.keys(targetFields), "inherits", "matrix", "name"];
/** Arguments of a variable; `description` and `type` are those of later versions of buildx. */
const VARIABLE_ARGUMENTS = ["default", "description", "type"];

/**
 * Evaluates the bodies of all files together.
 * @param known targets of other files: those of the same names are merged into them
 * @throws {BakeError}
 */
export function hclDefinitions(
  bodies: readonly HclBody[],
  known: Definitions,
  options: HclOptions,
): Definitions {
  return new Evaluation(bodies, options).definitions(known);
}

/** A block for one combination of its matrix; attributes are evaluated when they are needed. */
interface Instance {
  name: string;
  block: HclBlock;
  scope: HclScope;
}

class Evaluation {
  readonly #options: HclOptions;
  readonly #variables = new Map<string, HclBlock>();
  readonly #functions = new Map<string, HclBlock>();
  readonly #attributes = new Map<string, Attribute>();
  readonly #blocks: HclBlock[] = [];
  /** By `target.name`. Of several with one name, the last. */
  readonly #instances = new Map<string, Instance>();
  readonly #values = new Map<string, Value>();
  readonly #known: Map<string, BakeFunction>;
  /** Names whose values are being computed. */
  readonly #open = new Set<string>();
  readonly #scope: HclScope = {
    budget: new BakeBudget(),
    variable: (name, at) => this.#variable(name, at),
    function: (name, at) => this.#function(name, at),
    blockAttribute: (type, name, attribute, at) => this.#blockAttribute(type, name, attribute, at),
  };

  constructor(bodies: readonly HclBody[], options: HclOptions) {
    this.#options = options;
    this.#known = new Map(standardFunctions(options.now));
    for (const { attributes, blocks } of bodies) {
      for (const attribute of attributes) this.#attributes.set(attribute.name, attribute);
      for (const block of blocks) this.#addBlock(block);
    }
  }

  #addBlock(block: HclBlock): void {
    const { type, labels, at } = block;
    if (!["target", "group", "variable", "function"].includes(type)) {
      this.#options.warn(
        `${place(at)}: unknown block "${type}"${didYouMean(type, ["target", "group", "variable", "function"])}`,
      );
      return;
    }
    const [name = ""] = labels;
    if (labels.length !== 1) throw new BakeError(`A ${type} has one label, its name`, at);
    if (type === "variable") {
      this.#warnOfOthers(block, VARIABLE_ARGUMENTS, ["validation"]);
      this.#variables.set(name, block);
    } else if (type === "function") this.#functions.set(name, block);
    else this.#blocks.push(block);
  }

  /** Warns about unknown arguments and blocks in a block, which buildx ignores. */
  #warnOfOthers({ type, body }: HclBlock, names: readonly string[], blocks: readonly string[] = []): void {
    for (const { name, at } of body.attributes) {
      if (!names.includes(name))
        this.#options.warn(`${place(at)}: a ${type} has no argument "${name}"${didYouMean(name, names)}`);
    }
    for (const block of body.blocks) {
      if (!blocks.includes(block.type))
        this.#options.warn(`${place(block.at)}: a ${type} has no block "${block.type}"`);
    }
  }

  definitions(known: Definitions): Definitions {
    for (const [name, { at }] of this.#variables) this.#variable(name, at);
    for (const [name, { at }] of this.#functions) this.#function(name, at);
    const byBlock = this.#blocks.map((block) => this.#instancesOf(block));
    for (const instance of byBlock.flat())
      this.#instances.set(`${instance.block.type}.${instance.name}`, instance);
    const targets = new Map(known.targets.map((target) => [target.name, target]));
    const groups = new Map(known.groups.map((group) => [group.name, group]));
    const renamed = new Map<string, string[]>();
    for (const instance of byBlock.flat()) {
      const { name, block } = instance;
      if (block.type === "group") {
        groups.set(name, this.#group(instance));
        continue;
      }
      const target = this.#target(instance);
      const before = targets.get(name);
      targets.set(name, before === undefined ? target : mergeTargets(before, target));
      const label = block.labels[0] as string;
      const names = renamed.get(label);
      if (names === undefined) renamed.set(label, [name]);
      else names.push(name);
    }
    for (const [label, names] of renamed) {
      const made = [...new Set(names)];
      const isOwnName = made.length === 1 && made[0] === label;
      if (!isOwnName && !groups.has(label)) groups.set(label, { name: label, targets: made });
    }
    for (const [name, { at }] of this.#attributes) this.#variable(name, at);
    return { groups: [...groups.values()], targets: [...targets.values()] };
  }

  /** Runs `compute` unless its result is needed to compute it. */
  #once<T>(name: string, at: BakePosition, compute: () => T): T {
    if (this.#open.has(name)) throw new BakeError(`${name} refers to itself`, at);
    this.#open.add(name);
    try {
      return compute();
    } finally {
      this.#open.delete(name);
    }
  }

  #variable(name: string, at: BakePosition): Value {
    const known = this.#values.get(name);
    if (known !== undefined) return known;
    const value = this.#once(`The variable "${name}"`, at, () => this.#variableValue(name, at));
    this.#values.set(name, value);
    const block = this.#variables.get(name);
    if (block !== undefined) this.#validate(block);
    return value;
  }

  #variableValue(name: string, at: BakePosition): Value {
    const block = this.#variables.get(name);
    const attribute = this.#attributes.get(name);
    const builtIn = this.#options.builtIn[name];
    if (attribute === undefined && builtIn !== undefined) return builtIn;
    const expression = attribute?.value ?? argument(block, "default");
    const given = block === undefined ? undefined : this.#options.environment[name];
    if (expression !== undefined) {
      const value = evaluate(expression, this.#scope);
      return given === undefined ? value : fromEnvironment(name, given, value, expression.at);
    }
    if (block !== undefined) return given ?? "";
    const names = [...this.#variables.keys(), ...this.#attributes.keys()];
    throw new BakeError(`There is no variable "${name}"${didYouMean(name, names)}`, at);
  }

  #validate({ labels, body }: HclBlock): void {
    for (const rule of body.blocks.filter(({ type }) => type === "validation")) {
      const condition = argument(rule, "condition");
      if (condition === undefined || asBool(evaluate(condition, this.#scope), condition.at)) continue;
      const message = argument(rule, "error_message");
      const reason =
        message === undefined ? "its condition is false" : asText(evaluate(message, this.#scope), message.at);
      throw new BakeError(`The variable "${labels[0]}" is not valid: ${reason}`, rule.at);
    }
  }

  #function(name: string, at: BakePosition): BakeFunction {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const block = this.#functions.get(name);
    if (block === undefined) {
      const reason = missingFunctions.has(name) ? "varve does not implement it" : "it does not exist";
      throw new BakeError(
        `Cannot call the function "${name}": ${reason}${didYouMean(name, [...this.#known.keys(), ...this.#functions.keys()])}`,
        at,
      );
    }
    const made = ownFunction(name, block, {
      scope: this.#scope,
      once: (what, where, compute) => this.#once(what, where, compute),
    });
    this.#known.set(name, made);
    return made;
  }

  #blockAttribute(
    type: string,
    name: string,
    attribute: string | undefined,
    at: BakePosition,
  ): Value | undefined {
    if (type !== "target" && type !== "group") return undefined;
    if (this.#variables.has(type) || this.#attributes.has(type)) return undefined;
    const instance = this.#instances.get(`${type}.${name}`);
    if (instance === undefined) throw new BakeError(`There is no ${type} "${name}"`, at);
    const read = (argumentName: string) =>
      this.#once(`${type}.${name}.${argumentName}`, at, () => this.#argumentValue(instance, argumentName));
    if (attribute !== undefined) return read(attribute);
    return new Map(instance.block.body.attributes.map(({ name: one }) => [one, read(one)]));
  }

  /** The value of a field, as an expression sees it; null when it is not set. */
  #argumentValue(instance: Instance, name: string): Value {
    if (instance.block.type === "target" && isFieldName(name)) {
      const value = this.#field(instance, name);
      return value === undefined ? null : (value as Value);
    }
    const expression = argument(instance.block, name);
    return expression === undefined ? null : evaluate(expression, instance.scope);
  }

  #instancesOf(block: HclBlock): Instance[] {
    const [label = ""] = block.labels;
    const matrix = argument(block, "matrix");
    const name = argument(block, "name");
    if (block.type === "group" && (matrix ?? name) !== undefined)
      throw new BakeError("A group has neither a name nor a matrix", block.at);
    if (matrix === undefined) {
      if (name !== undefined) throw new BakeError("name requires matrix", name.at);
      checkName(label, block.at);
      return [{ name: label, block, scope: this.#scope }];
    }
    const seen = new Set<string>();
    return matrixRows(matrix, this.#scope).map((variables) => {
      const scope = childScope(this.#scope, variables);
      const own = name === undefined ? label : asText(evaluate(name, scope), name.at);
      checkName(own, name?.at ?? block.at);
      if (seen.has(own))
        throw new BakeError(`The matrix of "${label}" makes two targets "${own}"; give it a name`, block.at);
      seen.add(own);
      return { name: own, block, scope };
    });
  }

  #group({ name, block, scope }: Instance): TargetGroup {
    const targets = argument(block, "targets");
    if (targets === undefined) throw new BakeError(`The group "${name}" has no targets`, block.at);
    return { name, targets: [...new Set(textList(evaluate(targets, scope), targets.at))] };
  }

  #target(instance: Instance): TargetDefinition {
    const { name, block, scope } = instance;
    const values: Partial<Record<FieldName, FieldValue>> = {};
    this.#warnOfOthers(block, TARGET_ARGUMENTS);
    for (const { name: own, at } of block.body.attributes) {
      if (!isFieldName(own)) continue;
      const value = this.#once(`target.${name}.${own}`, at, () => this.#field(instance, own));
      if (value !== undefined) values[own] = value;
    }
    const inherits = argument(block, "inherits");
    return {
      name,
      inherits: inherits === undefined ? [] : textList(evaluate(inherits, scope), inherits.at),
      values: values as TargetValues,
    };
  }

  #field({ block, scope }: Instance, name: FieldName): FieldValue | undefined {
    const expression = argument(block, name);
    if (expression === undefined) return undefined;
    return fieldValue(name, evaluate(expression, scope), expression.at);
  }
}

function mergeTargets(
  before: TargetDefinition,
  { name, inherits, values }: TargetDefinition,
): TargetDefinition {
  return { name, inherits: [...before.inherits, ...inherits], values: mergeValues(before.values, values) };
}

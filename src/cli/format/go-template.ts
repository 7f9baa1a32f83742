import {
  type Operand,
  type Pipeline,
  parseFormat,
  type TemplateCommand,
  TemplateError,
  type TemplateNode,
} from "./parse-template.ts";
import { callFunction, isTrue, printValue } from "./template-functions.ts";

/** Maximum number of characters that a template may print: nested ranges multiply. */
const MAX_OUTPUT = 16 * 1024 * 1024;

/** Evaluates a template for a value. */
export type Template = (value: unknown) => string;

/**
 * Compiles a template of Go (text/template) with the functions that docker adds: fields, pipelines, `if`, `range` and
 * `with`. Variables and named templates are not supported.
 * @throws {TemplateError} also when it is evaluated, for a field or function that does not exist
 */
export function compileTemplate(text: string): Template {
  const nodes = parseFormat(text);
  return (value) => {
    const out = new Output();
    write(nodes, { root: value, dot: value }, out);
    return out.text;
  };
}

class Output {
  text = "";

  add(text: string): void {
    this.text += text;
    if (this.text.length > MAX_OUTPUT) throw new TemplateError(`prints more than ${MAX_OUTPUT} characters`);
  }
}

interface Scope {
  root: unknown;
  dot: unknown;
}

function write(nodes: readonly TemplateNode[], scope: Scope, out: Output): void {
  for (const node of nodes) {
    switch (node.kind) {
      case "text":
        out.add(node.text);
        break;
      case "print":
        out.add(printValue(pipelineValue(node.pipeline, scope)));
        break;
      case "if":
        write(isTrue(pipelineValue(node.pipeline, scope)) ? node.then : node.otherwise, scope, out);
        break;
      case "with": {
        const dot = pipelineValue(node.pipeline, scope);
        if (isTrue(dot)) write(node.then, { ...scope, dot }, out);
        else write(node.otherwise, scope, out);
        break;
      }
      case "range": {
        const items = itemsOf(pipelineValue(node.pipeline, scope));
        for (const dot of items) write(node.then, { ...scope, dot }, out);
        if (items.length === 0) write(node.otherwise, scope, out);
        break;
      }
    }
  }
}

/** The values of a list, or of an object by its sorted keys. */
function itemsOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (value === undefined || value === null) return [];
  if (typeof value !== "object") throw new TemplateError(`range can't iterate over ${printValue(value)}`);
  return Object.keys(value)
    .sort()
    .map((key) => (value as Record<string, unknown>)[key]);
}

function pipelineValue(pipeline: Pipeline, scope: Scope): unknown {
  let value: unknown;
  pipeline.forEach((command, index) => {
    value = commandValue(command, scope, index === 0 ? [] : [value]);
  });
  return value;
}

/** @param piped the value of the command before, which is the last argument */
function commandValue([first, ...rest]: TemplateCommand, scope: Scope, piped: readonly unknown[]): unknown {
  if (first.kind === "function") {
    return callFunction(first.name, [...rest.map((operand) => operandValue(operand, scope)), ...piped]);
  }
  if (rest.length > 0 || piped.length > 0) throw new TemplateError("can't give an argument to a value");
  return operandValue(first, scope);
}

function operandValue(operand: Operand, scope: Scope): unknown {
  switch (operand.kind) {
    case "value":
      return operand.value;
    case "function":
      return callFunction(operand.name, []);
    case "field":
      return fieldOf(operand.isRoot ? scope.root : scope.dot, operand.path);
    case "pipeline":
      return fieldOf(pipelineValue(operand.pipeline, scope), operand.path);
  }
}

/** A missing field of the value itself is an error that lists the fields; a missing nested field has no value. */
function fieldOf(value: unknown, path: readonly string[]): unknown {
  let found = value;
  for (const [depth, name] of path.entries()) {
    if (typeof found !== "object" || found === null) return undefined;
    if (!Object.hasOwn(found, name)) {
      if (depth > 0 || Array.isArray(found)) return undefined;
      throw new TemplateError(`no field .${name}: the fields are .${Object.keys(found).join(", .")}`);
    }
    found = (found as Record<string, unknown>)[name];
  }
  return found;
}

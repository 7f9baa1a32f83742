import { readBoolean } from "../dockerfile/boolean.ts";
import { BakeError, type BakePosition } from "./error.ts";
import type { Value } from "./hcl/syntax.ts";
import {
  asBool,
  asList,
  asMap,
  asNumber,
  asText,
  elements,
  isList,
  isMap,
  primitiveText,
  typeName,
} from "./hcl/values.ts";
import { type FieldName, type FieldValue, hasSpecifications, targetFields } from "./target.ts";

/**
 * Converts the value of an argument to the kind of a target's field. Undefined for null, which sets nothing.
 * @throws {BakeError}
 */
export function fieldValue(name: FieldName, value: Value, at: BakePosition): FieldValue | undefined {
  if (value === null) return undefined;
  switch (targetFields[name].kind) {
    case "text":
      return asText(value, at, `A string for ${name}`);
    case "bool":
      return asBool(value, at, `A bool for ${name}`);
    case "list":
      return hasSpecifications(name) ? specificationList(value, at) : textList(value, at);
    case "map":
      return textMap(value, at, name);
  }
}

/** Converts a variable of the environment to the type of the default. @throws {BakeError} */
export function fromEnvironment(name: string, text: string, value: Value, at: BakePosition): Value {
  if (typeof value === "boolean") {
    const given = readBoolean(text);
    if (given !== undefined) return given;
    throw new BakeError(`The environment variable ${name} must be a bool, not ${JSON.stringify(text)}`, at);
  }
  if (typeof value === "number") return asNumber(text, at, `A number in the environment variable ${name}`);
  if (typeof value === "string" || value === null) return text;
  throw new BakeError(`The environment variable ${name} cannot replace ${typeName(value)}`, at);
}

/** The strings in a list; an empty list for null. @throws {BakeError} */
export function textList(value: Value, at: BakePosition): string[] {
  if (value === null) return [];
  return asList(value, at, "A list of strings").map((item) => asText(item, at));
}

/** A list with elements such as secrets, which may be null or objects. @throws {BakeError} */
function specificationList(value: Value, at: BakePosition): string[] {
  return asList(value, at, "A list of strings").flatMap((item) =>
    item === null ? [] : [textOrSpec(item, at)],
  );
}

/** `{ type = "registry", ref = "app" }` is `type=registry,ref=app`. */
function textOrSpec(value: Value, at: BakePosition): string {
  if (!isMap(value)) return asText(value, at, "A string");
  return (elements(value) ?? [])
    .filter(([, item]) => item !== null)
    .sort(([a], [b]) => Number(b === "type") - Number(a === "type"))
    .map(([key, item]) => csvField(`${String(key)}=${asText(item, at)}`))
    .join(",");
}

function csvField(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Null values are left out: they do not replace those of other blocks. */
function textMap(value: Value, at: BakePosition, name: string): Map<string, string> {
  const map = new Map<string, string>();
  for (const [key, item] of asMap(value, at, `An object for ${name}`)) {
    if (item === null) continue;
    const text = primitiveText(item);
    if (text === undefined) {
      const found = isList(item) ? "a list" : typeName(item);
      throw new BakeError(`A string for ${key} is required, not ${found}`, at);
    }
    map.set(key, text);
  }
  return map;
}

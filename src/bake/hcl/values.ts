import { type BakePosition, fail } from "../error.ts";
import type { Value } from "./syntax.ts";

/** The name of a value's type, for error messages. */
export function typeName(value: Value): string {
  if (value === null) return "null";
  if (typeof value === "boolean") return "bool";
  if (Array.isArray(value)) return "list";
  return typeof value === "object" ? "object" : typeof value;
}

export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

export function isMap(value: Value): value is ReadonlyMap<string, Value> {
  return value instanceof Map;
}

/** A number without exponent. */
export function numberText(value: number): string {
  return Number.isInteger(value) ? BigInt(value).toString() : String(value);
}

/** Text of a primitive value; undefined of others. */
export function primitiveText(value: Value): string | undefined {
  if (typeof value === "string") return value;
  if (typeof value === "number") return numberText(value);
  return typeof value === "boolean" ? String(value) : undefined;
}

/** @throws {BakeError} */
export function asText(value: Value, at: BakePosition, what = "A string"): string {
  return primitiveText(value) ?? fail(`${what} is required, not ${typeName(value)}`, at);
}

const DECIMAL = /^[+-]?(\d+(?:\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;

/** @throws {BakeError} */
export function asNumber(value: Value, at: BakePosition, what = "A number"): number {
  const number = typeof value === "string" && DECIMAL.test(value) ? Number(value) : value;
  if (typeof number === "number" && Number.isFinite(number)) return number;
  return fail(`${what} is required, not ${shown(value)}`, at);
}

/** @throws {BakeError} */
export function asBool(value: Value, at: BakePosition, what = "A bool"): boolean {
  if (value === true || value === "true" || value === "1") return true;
  if (value === false || value === "false" || value === "0") return false;
  return fail(`${what} is required, not ${shown(value)}`, at);
}

/** @throws {BakeError} */
export function asList(value: Value, at: BakePosition, what = "A list"): readonly Value[] {
  return isList(value) ? value : fail(`${what} is required, not ${typeName(value)}`, at);
}

/** @throws {BakeError} */
export function asMap(value: Value, at: BakePosition, what = "An object"): ReadonlyMap<string, Value> {
  return isMap(value) ? value : fail(`${what} is required, not ${typeName(value)}`, at);
}

function shown(value: Value): string {
  return typeof value === "string" ? JSON.stringify(value) : typeName(value);
}

export function areValuesEqual(a: Value, b: Value): boolean {
  if (isList(a) && isList(b))
    return a.length === b.length && a.every((value, at) => areValuesEqual(value, b[at] as Value));
  if (isMap(a) && isMap(b)) {
    return (
      a.size === b.size &&
      [...a].every(([key, value]) => b.has(key) && areValuesEqual(value, b.get(key) as Value))
    );
  }
  return a === b;
}

/** A text that is equal for two values only if the values are equal. */
export function identityOf(value: Value): string {
  if (isList(value)) return `[${value.map(identityOf).join()}]`;
  if (isMap(value))
    return `{${(elements(value) ?? []).map(([key, item]) => `${JSON.stringify(key)}:${identityOf(item)}`).join()}}`;
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

/** Pairs of a map in the order of its keys, or of a list with its indexes; undefined of other values. */
export function elements(value: Value): [key: Value, value: Value][] | undefined {
  if (isList(value)) return value.map((item, at) => [at, item]);
  if (isMap(value)) return [...value].sort(([a], [b]) => compareText(a, b));
  return undefined;
}

/** Compares texts by code points, as Go does. */
export function compareText(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** Converts a value to its JSON equivalent. */
export function toJson(value: Value): unknown {
  if (isList(value)) return value.map(toJson);
  if (!isMap(value)) return value;
  return Object.fromEntries((elements(value) ?? []).map(([key, item]) => [key, toJson(item)]));
}

/** The value of a document in JSON. */
export function fromJson(value: unknown): Value {
  if (Array.isArray(value)) return value.map(fromJson);
  if (typeof value === "object" && value !== null)
    return new Map(Object.entries(value).map(([key, item]) => [key, fromJson(item)]));
  return value as Value;
}

/** JSON as Go writes it: characters that have a meaning in HTML are escaped. */
export function goJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(
    /[<>&\u2028\u2029]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

import { TemplateError } from "./parse-template.ts";

type TemplateFunction = (...args: readonly unknown[]) => unknown;

/** The functions of text/template and those that docker adds (docker/cli, templates). */
const FUNCTIONS: ReadonlyMap<string, TemplateFunction> = new Map<string, TemplateFunction>([
  ["json", (value) => JSON.stringify(value ?? null)],
  ["lower", (text) => printValue(text).toLowerCase()],
  ["upper", (text) => printValue(text).toUpperCase()],
  ["title", (text) => printValue(text).replace(/(^|\s)\p{L}/gu, (letter) => letter.toUpperCase())],
  ["split", (text, separator) => printValue(text).split(printValue(separator))],
  ["join", (list, separator) => listOf(list).map(printValue).join(printValue(separator))],
  ["truncate", (text, length) => printValue(text).slice(0, countOf(length))],
  ["pad", (text, before, after) => padded(printValue(text), countOf(before), countOf(after))],
  ["print", (...args) => args.map(printValue).join(" ")],
  ["println", (...args) => `${args.map(printValue).join(" ")}\n`],
  ["len", (value) => lengthOf(value)],
  ["index", (value, ...keys) => keys.reduce((found, key) => itemOf(found, key), value)],
  ["slice", (value, from, to) => sliced(value, from, to)],
  ["not", (value) => !isTrue(value)],
  ["and", (...args) => args.find((value) => !isTrue(value)) ?? args.at(-1)],
  ["or", (...args) => args.find(isTrue) ?? args.at(-1)],
  ["eq", (value, ...others) => others.some((other) => other === value)],
  ["ne", (one, other) => one !== other],
  ["lt", (one, other) => compare(one, other) < 0],
  ["le", (one, other) => compare(one, other) <= 0],
  ["gt", (one, other) => compare(one, other) > 0],
  ["ge", (one, other) => compare(one, other) >= 0],
]);

/** @throws {TemplateError} */
export function callFunction(name: string, args: readonly unknown[]): unknown {
  const called = FUNCTIONS.get(name);
  if (called === undefined) {
    throw new TemplateError(
      `function "${name}" does not exist: the functions are ${[...FUNCTIONS.keys()].join(", ")}`,
    );
  }
  return called(...args);
}

/** Whether a value counts as true: not empty, zero or false. */
export function isTrue(value: unknown): boolean {
  return typeof value === "object" && value !== null ? Object.keys(value).length > 0 : Boolean(value);
}

/** A value as Go prints it. */
export function printValue(value: unknown): string {
  if (value === undefined || value === null) return "<no value>";
  if (Array.isArray(value)) return `[${value.map(printValue).join(" ")}]`;
  if (typeof value !== "object") return String(value);
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `map[${entries.map(([key, item]) => `${key}:${printValue(item)}`).join(" ")}]`;
}

function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new TemplateError(`${printValue(value)} is not a list`);
}

function lengthOf(value: unknown): number {
  if (typeof value === "string") return value.length;
  if (typeof value === "object" && value !== null) return Object.keys(value).length;
  throw new TemplateError(`${printValue(value)} has no length`);
}

/** Characters of a text or items of a list; as in Go, positions beyond the end are an error. */
function sliced(value: unknown, from: unknown = 0, to?: unknown): unknown {
  const items = typeof value === "string" ? value : listOf(value);
  const [start, end] = [from, to ?? items.length].map(Number);
  if (start === undefined || end === undefined || !(start >= 0 && start <= end && end <= items.length))
    throw new TemplateError(
      `cannot slice ${items.length} items from ${printValue(from)} to ${printValue(to)}`,
    );
  return items.slice(start, end);
}

function itemOf(value: unknown, key: unknown): unknown {
  const name = printValue(key);
  return typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}

/** Maximum width of padding. */
const MAX_PADDING = 1000;

function countOf(value: unknown): number {
  if (typeof value === "number" && value >= 0 && value <= MAX_PADDING) return Math.floor(value);
  throw new TemplateError(`${printValue(value)} is not a number from 0 to ${MAX_PADDING}`);
}

function padded(text: string, before: number, after: number): string {
  return text === "" ? text : `${" ".repeat(before)}${text}${" ".repeat(after)}`;
}

function compare(one: unknown, other: unknown): number {
  if (typeof one === "number" && typeof other === "number") return one - other;
  if (typeof one === "string" && typeof other === "string") return one < other ? -1 : Number(one > other);
  throw new TemplateError(`can't compare ${printValue(one)} with ${printValue(other)}`);
}

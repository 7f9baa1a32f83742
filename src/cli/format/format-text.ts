import { UsageError } from "../../command/command-error.ts";
import type { Flag } from "../../command/flags/table.ts";
import { tableText } from "../../progress/table.ts";
import { plainText } from "../../progress/terminal-text.ts";
import { compileTemplate, type Template } from "./go-template.ts";
import { TemplateError } from "./parse-template.ts";

/** The flag `--format` of commands that print lists. */
export const formatFlag = {
  kind: "text",
  value: "FORMAT",
  help: "table, json (one object per line), or a Go template, e.g. {{.Name}} or 'table {{.Name}}'",
} as const satisfies Flag;

/** Rows as docker prints JSON: an object on each line. */
export function jsonLines(rows: readonly object[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join("");
}

/**
 * Prints rows in the format that a user gave. Templates have the fields of the JSON.
 * @param table prints them without a format
 * @param titles titles of fields in a table that a template makes; by default the field in capitals
 * @throws {UsageError} for a format that is neither a known word nor a template
 */
export function formatRows(
  rows: readonly object[],
  format: string | undefined,
  { table, titles = {} }: { table: () => string; titles?: Readonly<Record<string, string>> },
): string {
  if (format === undefined || format === "table") return table();
  if (format === "json") return jsonLines(rows);
  const isTable = format.startsWith("table ");
  const template = readTemplate(isTable ? format.slice("table ".length) : format);
  const lines = rows.map((row) => evaluate(template, row));
  if (!isTable) return lines.map((line) => `${line}\n`).join("");
  const names = Object.keys(rows[0] ?? titles);
  const header = Object.fromEntries(names.map((name) => [name, titles[name] ?? name.toUpperCase()]));
  return tableText(
    evaluate(template, header).split("\t"),
    lines.map((line) => line.split("\t")),
  );
}

/** Prints one value by a template. @throws {UsageError} */
export function formatValue(value: object, format: string): string {
  return `${evaluate(readTemplate(format), value)}\n`;
}

/** `\t` and `\n` in a format are a tab and a line end, as with docker. */
function readTemplate(format: string): Template {
  if (!format.includes("{{")) {
    throw new UsageError(
      `invalid format ${JSON.stringify(format)}`,
      "Use table, json or a template, e.g. {{.ID}}.",
    );
  }
  const text = format.replaceAll("\\t", "\t").replaceAll("\\n", "\n");
  return withUsageErrors(format, () => compileTemplate(text));
}

/** Removes control characters of values, because names and labels are untrusted. */
function evaluate(template: Template, value: object): string {
  return plainText(withUsageErrors("", () => template(value)));
}

function withUsageErrors<T>(format: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    throw new UsageError(`invalid template${format && ` ${JSON.stringify(format)}`}: ${error.message}`);
  }
}

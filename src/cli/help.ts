import { type Flag, type FlagTable, helpFlag } from "../command/flags/table.ts";
import type { CommandSpec } from "./command-spec.ts";

/** Maximum length of a line, for wider terminals too. */
const MAX_WIDTH = 100;

/** The text of `varve COMMAND --help`. @param columns of the terminal */
export function helpText({ name, usage, summary, about, flags }: CommandSpec, columns: number): string {
  const width = Math.min(columns, MAX_WIDTH);
  const shown = rows(flags);
  const left = Math.max(0, ...shown.map(([spelled]) => spelled.length)) + 3;
  const options = shown.map(([spelled, help]) => entry(spelled, help, left, width));
  const paragraphs = (about ?? "").split("\n\n").filter(Boolean);
  return `${[
    wrap(`Usage: varve ${name} ${usage}`, width - 8)
      .join("\n        ")
      .replace("Usage:", "Usage: "),
    summary,
    ...paragraphs.map((text) => wrap(text, width).join("\n")),
    `Options:\n${[...options, entry(spelledFlag("help", helpFlag(flags)), "Print this help", left, width)].join("\n")}`,
  ].join("\n\n")}\n`;
}

/** Names and their descriptions in two columns. */
export function columnsText(pairs: readonly (readonly [string, string])[], columns: number): string {
  const left = Math.max(...pairs.map(([name]) => name.length)) + 5;
  return pairs.map(([name, text]) => entry(`  ${name}`, text, left, Math.min(columns, MAX_WIDTH))).join("\n");
}

function rows(flags: FlagTable): [string, string][] {
  return Object.entries(flags)
    .filter(([, { ignored, alias }]) => ignored === undefined && !alias)
    .map(([name, flag]) => [spelledFlag(name, flag), flag.help]);
}

function spelledFlag(name: string, { short, kind, value = kind === "bool" ? "" : "TEXT" }: Flag): string {
  return `  ${short === undefined ? "   " : `-${short},`} --${name} ${value}`.trimEnd();
}

/** Longer names get a separate line, so that the first column stays narrow. */
const MAX_LEFT_WIDTH = 32;

function entry(name: string, text: string, left: number, width: number): string {
  const indent = Math.min(left, MAX_LEFT_WIDTH);
  const lines = wrap(text, Math.max(20, width - indent));
  const [first = "", ...rest] = lines;
  const head =
    name.length + 1 < indent ? `${name.padEnd(indent)}${first}` : `${name}\n${" ".repeat(indent)}${first}`;
  return [head, ...rest.map((line) => " ".repeat(indent) + line)].join("\n");
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length + 1 > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

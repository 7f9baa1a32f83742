import { createHash, randomUUID } from "node:crypto";
import { BakeLimitError } from "../budget.ts";
import { csvRecords } from "./csv-records.ts";
import { addDuration, dateText } from "./dates.ts";
import { type Args, define, defineSlow, MANY, type NamedFunction } from "./define.ts";
import { formatText } from "./format.ts";
import { findMatches, type Match } from "./matches.ts";
import type { Value } from "./syntax.ts";
import { asText, fromJson, goJson, isList, toJson } from "./values.ts";

const textual = (name: string, run: (text: string) => Value) =>
  define(name, 1, 1, ({ text }) => run(text(0)));
const slowTextual = (name: string, run: (text: string) => Value) =>
  defineSlow(name, 1, 1, ({ text }) => run(text(0)));
const hash = (name: string, algorithm: string) =>
  textual(name, (text) => createHash(algorithm).update(text).digest("hex"));
const characters = (text: string) => [...new Intl.Segmenter().segment(text)].map(({ segment }) => segment);
const cut = <T>(items: readonly T[], offset: number, length: number): T[] => {
  const start = offset < 0 ? Math.max(0, items.length + offset) : offset;
  return items.slice(start, length < 0 ? undefined : start + length);
};

/** Functions of texts, encodings and times. */
export const texts: readonly NamedFunction[] = [
  define("format", 1, MANY, ({ text, values, at, budget }) =>
    formatText(text(0), values.slice(1), at, budget),
  ),
  define("formatlist", 1, MANY, ({ text, values, at, budget }) => {
    const lists = values.slice(1).map((value) => (isList(value) ? value : undefined));
    const length = lists.find((list) => list !== undefined)?.length ?? 1;
    return Array.from({ length }, (_, index) =>
      formatText(
        text(0),
        values.slice(1).map((value, place) => lists[place]?.[index] ?? value),
        at,
        budget,
      ),
    );
  }),
  define("join", 2, MANY, ({ text, values, list, at, budget }) => {
    const parts = values.slice(1).flatMap((_, index) => list(index + 1).map((value) => asText(value, at)));
    budget.require(parts.length * text(0).length, at);
    return parts.join(text(0));
  }),
  define("split", 2, 2, ({ text }) => text(1).split(text(0))),
  define("replace", 3, 3, ({ text, budget, at }) => {
    const parts = text(0).split(text(1));
    budget.require(parts.length * text(2).length, at);
    return text(0).replaceAll(text(1), () => text(2));
  }),
  define("regex_replace", 3, 3, (args) => {
    const text = args.text(0);
    let end = 0;
    const parts: string[] = [];
    for (const found of matches(args, 1, text, true)) {
      const replacement = expandReplacement(args.text(2), found);
      args.budget.require(replacement.length, args.at);
      parts.push(text.slice(end, found.index), replacement);
      end = found.index + (found.parts[0]?.length ?? 0);
    }
    return [...parts, text.slice(end)].join("");
  }),
  define("regex", 2, 2, (args) => {
    const [found] = matches(args, 0, args.text(1), false);
    return found === undefined ? args.fail("The pattern does not match") : capturesOf(found);
  }),
  define("regexall", 2, 2, (args) => matches(args, 0, args.text(1), true).map(capturesOf)),
  define("indent", 2, 2, ({ number, text, budget, at }) => {
    budget.require(text(1).split("\n").length * number(0), at);
    return text(1).replaceAll("\n", `\n${" ".repeat(number(0))}`);
  }),
  defineSlow("substr", 3, 3, ({ text, number }) => cut(characters(text(0)), number(1), number(2)).join("")),
  define("trim", 2, 2, ({ text }) => {
    const letters = new Set(text(1));
    return trimStart(trimEnd(text(0), letters), letters);
  }),
  define("trimprefix", 2, 2, ({ text }) =>
    text(0).startsWith(text(1)) ? text(0).slice(text(1).length) : text(0),
  ),
  define("trimsuffix", 2, 2, ({ text }) =>
    text(1) !== "" && text(0).endsWith(text(1)) ? text(0).slice(0, -text(1).length) : text(0),
  ),
  textual("trimspace", (text) => text.trim()),
  textual("chomp", (text) => trimEnd(text, new Set("\r\n"))),
  textual("lower", (text) => text.toLowerCase()),
  textual("upper", (text) => text.toUpperCase()),
  textual("title", (text) =>
    text.replace(
      /(^|[^\p{L}\p{N}_'])(\p{L})/gu,
      (_, before: string, letter: string) => before + letter.toUpperCase(),
    ),
  ),
  slowTextual("reverse", (text) => characters(text).reverse().join("")),
  slowTextual("strlen", (text) => characters(text).length),
  textual("base64encode", (text) => Buffer.from(text).toString("base64")),
  textual("base64decode", (text) => Buffer.from(text, "base64").toString()),
  textual("urlencode", (text) => new URLSearchParams([["", text]]).toString().slice(1)),
  hash("md5", "md5"),
  hash("sha1", "sha1"),
  hash("sha256", "sha256"),
  hash("sha512", "sha512"),
  define("jsonencode", 1, 1, ({ get }) => goJson(toJson(get(0)))),
  define("jsondecode", 1, 1, ({ text, fail }) => {
    try {
      return fromJson(JSON.parse(text(0)));
    } catch (error) {
      return fail(`jsondecode: ${(error as Error).message}`);
    }
  }),
  define("csvdecode", 1, 1, ({ text, budget, at }) => {
    const [header = [], ...rows] = csvRecords(text(0));
    budget.require(rows.length * header.join().length, at);
    return rows.map((row) => new Map(header.map((name, at) => [name, row[at] ?? null])));
  }),
  define("formatdate", 2, 2, ({ text, at }) => dateText(text(0), text(1), at)),
  define("timeadd", 2, 2, ({ text, at }) => addDuration(text(0), text(1), at)),
  define("uuidv4", 0, 0, () => randomUUID()),
];

/** Go's `$name` and `${name}` in replacements. */
function expandReplacement(text: string, { parts, groups }: Match): string {
  return text.replace(/\$(?:\$|\{(\w+)\}|(\w+))/g, (_, braced?: string, bare?: string) => {
    const name = braced ?? bare;
    if (name === undefined) return "$";
    return (/^\d+$/.test(name) ? parts[Number(name)] : groups?.[name]) ?? "";
  });
}

/** All of the match, its groups, or its named groups. */
function capturesOf({ parts: [all = "", ...parts], groups }: Match): Value {
  if (groups !== undefined)
    return new Map(Object.entries(groups).map(([name, text]) => [name, text ?? null]));
  return parts.length > 0 ? parts.map((text) => text ?? null) : all;
}

function trimStart(text: string, letters: ReadonlySet<string>): string {
  let at = 0;
  while (at < text.length && letters.has(text.charAt(at))) at++;
  return text.slice(at);
}

function trimEnd(text: string, letters: ReadonlySet<string>): string {
  let end = text.length;
  while (end > 0 && letters.has(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}

function matches(
  { text, fail, at, budget }: Args,
  pattern: number,
  subject: string,
  isGlobal: boolean,
): Match[] {
  try {
    return budget.match((milliseconds) => findMatches(text(pattern), subject, isGlobal, milliseconds), at);
  } catch (error) {
    const { code, name, message } = error as NodeJS.ErrnoException;
    if (name === "SyntaxError") return fail(`The pattern is invalid: ${message}`);
    if (code === "ERR_SCRIPT_EXECUTION_TIMEOUT")
      throw new BakeLimitError("Regular expressions take too long", at);
    throw error;
  }
}

import { parseJson } from "../streams/json.ts";
import { isSpace, skipSpace, trimStart } from "../streams/white-space.ts";
import { cutAtBlank, splitAtBlanks } from "./blanks.ts";
import { Fault } from "./fault.ts";
import type { Keyword } from "./keyword.ts";
import { quoteGo } from "./quote.ts";

/** The arguments of an instruction, and whether they were a JSON array. */
interface Arguments {
  args: string[];
  json: boolean;
}

/** Splits the text after keyword and flags into arguments. */
type ArgumentReader = (text: string, escapeCharacter: string) => Arguments;

/** Argument syntax of each instruction. ONBUILD's argument is an instruction with its own rules. */
export const argumentReaders: Record<Exclude<Keyword, "ONBUILD">, ArgumentReader> = {
  ADD: arrayOrFields,
  ARG: (text, escapeCharacter) => plain(words(text, escapeCharacter)),
  CMD: arrayOrText,
  COPY: arrayOrFields,
  ENTRYPOINT: arrayOrText,
  ENV: (text, escapeCharacter) => keyValues("ENV", text, escapeCharacter),
  EXPOSE: fields,
  FROM: fields,
  HEALTHCHECK: healthcheck,
  LABEL: (text, escapeCharacter) => keyValues("LABEL", text, escapeCharacter),
  MAINTAINER: wholeText,
  RUN: arrayOrText,
  SHELL: arrayOrText,
  STOPSIGNAL: wholeText,
  USER: wholeText,
  VOLUME: arrayOrFields,
  WORKDIR: wholeText,
};

function plain(args: string[]): Arguments {
  return { args, json: false };
}

function wholeText(text: string): Arguments {
  return plain(text === "" ? [] : [text]);
}

function fields(text: string): Arguments {
  return plain(text === "" ? [] : splitAtBlanks(text));
}

/** Parses a JSON array of strings; undefined for any other text. An array of other values is a fault. */
function array(text: string): Arguments | undefined {
  const body = trimStart(text);
  if (!body.startsWith("[")) return undefined;
  let elements: unknown;
  try {
    elements = parseJson(body);
  } catch {
    return undefined;
  }
  const args: string[] = [];
  for (const element of elements as unknown[]) {
    if (typeof element !== "string") {
      throw new Fault(
        "parse/json-array",
        "when using JSON array syntax, arrays must be comprised of strings only",
      );
    }
    args.push(element.toWellFormed());
  }
  return { args, json: true };
}

function arrayOrText(text: string): Arguments {
  return array(text) ?? wholeText(text);
}

function arrayOrFields(text: string): Arguments {
  return array(text) ?? fields(text);
}

/** `NONE`, or a type and a command: splits off the first word; the rest is read like CMD. */
function healthcheck(text: string): Arguments {
  let end = 0;
  while (end < text.length && !isSpace(text.charCodeAt(end))) end++;
  if (end === 0) return plain([]);
  const { args, json } = arrayOrText(text.slice(skipSpace(text, end)));
  return { args: [text.slice(0, end), ...args], json };
}

/** `key=value …`, or the legacy `key rest of the line`. Quotes and escapes are kept for expansion. */
function keyValues(keyword: "ENV" | "LABEL", text: string, escapeCharacter: string): Arguments {
  const all = words(text, escapeCharacter);
  const first = all[0];
  if (first === undefined) return plain([]);
  if (!first.includes("=")) {
    const [key, value] = cutAtBlank(text);
    if (value === undefined) throw new Fault("parse/key-value", `${keyword} must have two arguments`);
    return plain([key, value, ""]);
  }
  const args: string[] = [];
  for (const word of all) {
    const sign = word.indexOf("=");
    if (sign === -1) {
      throw new Fault(
        "parse/key-value",
        `Syntax error - can't find = in ${quoteGo(word)}. Must be of the form: name=value`,
        { word },
      );
    }
    args.push(word.slice(0, sign), word.slice(sign + 1), "=");
  }
  return plain(args);
}

/**
 * Splits words at white space that is neither quoted nor escaped. Keeps quotes and escape characters; drops an escape
 * character at the very end.
 */
function words(text: string, escapeCharacter: string): string[] {
  const found: string[] = [];
  let at = skipSpace(text);
  while (at < text.length) {
    let word = "";
    let open = "";
    let start = at;
    for (; at < text.length; at++) {
      const character = text[at] as string;
      if (open === "" && isSpace(text.charCodeAt(at))) break;
      if (character === escapeCharacter && open !== "'") {
        if (at + 1 === text.length) {
          word += text.slice(start, at);
          start = at + 1;
          continue;
        }
        at++;
      } else if (character === open) {
        open = "";
      } else if (open === "" && (character === "'" || character === '"')) {
        open = character;
      }
    }
    word += text.slice(start, at);
    if (word !== "") found.push(word);
    at = skipSpace(text, at);
  }
  return found;
}

import { isSpace, trim } from "../streams/white-space.ts";
import { cutAtBlank } from "./blanks.ts";

/** The three parts of an instruction's line. */
interface SplitLine {
  keyword: string;
  flags: string[];
  /** The text after the flags, trimmed. */
  rest: string;
}

/** Splits a joined line into keyword, flags and arguments. */
export function splitLine(line: string, escapeCharacter: string): SplitLine {
  const [keyword, tail] = cutAtBlank(trim(line));
  if (tail === undefined) return { keyword, flags: [], rest: "" };
  const { flags, end } = leadingFlags(tail, escapeCharacter);
  return { keyword, flags, rest: trim(tail.slice(end)) };
}

/**
 * The leading words that begin with `--`. Quotes in them group and are removed, and the escape character makes the next
 * character literal; the word `--` ends the flags.
 */
function leadingFlags(text: string, escapeCharacter: string): { flags: string[]; end: number } {
  const flags: string[] = [];
  let at = 0;
  for (;;) {
    while (at < text.length && isSpace(text.charCodeAt(at))) at++;
    if (!text.startsWith("--", at)) return { flags, end: at };
    let word = "";
    let open = "";
    // Start of the part of the word that is not copied yet.
    let start = at;
    for (; at < text.length; at++) {
      const character = text[at] as string;
      if (open === "" && isSpace(text.charCodeAt(at))) break;
      const isQuote = character === "'" || character === '"';
      if (isQuote && (open === "" || open === character)) {
        open = open === "" ? character : "";
      } else if (character !== escapeCharacter) {
        continue;
      }
      word += text.slice(start, at);
      start = at + 1;
      // The character after an escape character is always copied; there is none at the end.
      if (character === escapeCharacter && at + 1 < text.length) at++;
    }
    word += text.slice(start, at);
    if (word === "--") return { flags, end: at };
    flags.push(word);
  }
}

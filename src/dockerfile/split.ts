import { cutAtBlank, isSpace, trim } from "./white-space.ts";

/** An instruction's line in its three parts. */
export interface SplitLine {
  keyword: string;
  flags: string[];
  /** What follows the flags, trimmed. */
  rest: string;
}

/** Splits a joined line into keyword, flags and the text of the arguments. */
export function splitLine(line: string, escapeCharacter: string): SplitLine {
  const [keyword, tail] = cutAtBlank(trim(line));
  if (tail === undefined) return { keyword, flags: [], rest: "" };
  const { flags, end } = leadingFlags(tail, escapeCharacter);
  return { keyword, flags, rest: trim(tail.slice(end)) };
}

/**
 * The leading words that begin with `--`. In them quotes group and vanish, and the escape character makes the next
 * character literal; the word `--` ends flags.
 */
function leadingFlags(text: string, escapeCharacter: string): { flags: string[]; end: number } {
  const flags: string[] = [];
  let at = 0;
  for (;;) {
    while (at < text.length && isSpace(text.charCodeAt(at))) at++;
    if (!text.startsWith("--", at)) return { flags, end: at };
    let word = "";
    let open = "";
    // The characters from here on are part of the word and not copied yet.
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
      // What follows an escape character is copied whatever it is; at the very end nothing follows.
      if (character === escapeCharacter && at + 1 < text.length) at++;
    }
    word += text.slice(start, at);
    if (word === "--") return { flags, end: at };
    flags.push(word);
  }
}

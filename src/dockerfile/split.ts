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
    for (; at < text.length; at++) {
      let character = text[at] as string;
      if (open === "" && isSpace(text.charCodeAt(at))) break;
      if (character === open) {
        open = "";
        continue;
      }
      if (open === "" && (character === "'" || character === '"')) {
        open = character;
        continue;
      }
      if (character === escapeCharacter) {
        // An escape character at the very end escapes nothing.
        if (++at === text.length) break;
        character = text[at] as string;
      }
      word += character;
    }
    if (word === "--") return { flags, end: at };
    flags.push(word);
  }
}

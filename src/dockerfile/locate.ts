import type { LineRange } from "./instruction.ts";

/** What is known of a place in a Dockerfile. */
export interface Located {
  lines: LineRange;
  /** Of the first line, 1-based, where it is known already. */
  column?: number | undefined;
  /** Spellings of the word at fault, the likeliest first. */
  words?: readonly string[] | undefined;
}

/** A character of a Dockerfile, 1-based. */
export interface Position {
  line: number;
  column: number;
}

/**
 * Where in the text something stands: the word, wherever in its instruction, or the beginning of the instruction.
 * Undefined for what no line is to blame for.
 *
 * @param text the lines of the Dockerfile
 */
export function locate(
  text: readonly string[],
  { lines, column, words = [] }: Located,
): Position | undefined {
  if (lines.start < 1) return undefined;
  if (column !== undefined) return { line: lines.start, column };
  for (const word of words) {
    const found = word === "" ? undefined : find(text, lines, word);
    if (found !== undefined) return found;
  }
  const first = text[lines.start - 1] ?? "";
  return { line: lines.start, column: first.length - first.trimStart().length + 1 };
}

/** The first occurrence as a word of its own or, when there is none, as a part of one. */
function find(text: readonly string[], { start, end }: LineRange, word: string): Position | undefined {
  let part: Position | undefined;
  for (let line = start; line <= end; line++) {
    const content = text[line - 1] ?? "";
    // The comments among the lines of an instruction are not part of it.
    if (line > start && /^\s*#/.test(content)) continue;
    for (let at = content.indexOf(word); at >= 0; at = content.indexOf(word, at + word.length)) {
      const position = { line, column: at + 1 };
      const isWord =
        /^$|[\s=,"']/.test(content.charAt(at - 1)) && /^$|[\s,"']/.test(content.charAt(at + word.length));
      if (isWord) return position;
      part ??= position;
    }
  }
  return part;
}

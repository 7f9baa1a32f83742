import type { LineRange } from "./instruction.ts";

/** A position in a Dockerfile, with suggestions for the word at it. */
export interface Located {
  lines: LineRange;
  /** 1-based column in the first line, if known. */
  column?: number | undefined;
  /** Suggested spellings of the word, the likeliest first. */
  words?: readonly string[] | undefined;
}

/** A character position in a Dockerfile, 1-based. */
interface Position {
  line: number;
  column: number;
}

/**
 * Finds a position in the text: that of the word, anywhere in its instruction, or else the beginning of the
 * instruction. Undefined for an error that belongs to no line.
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

/** The first occurrence as a separate word, or else as a part of one. */
function find(text: readonly string[], { start, end }: LineRange, word: string): Position | undefined {
  let part: Position | undefined;
  for (let line = start; line <= end; line++) {
    const content = text[line - 1] ?? "";
    // Comment lines within an instruction are not part of it.
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

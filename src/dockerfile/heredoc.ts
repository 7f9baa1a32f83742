import type { HeredocMark } from "./ast.ts";
import { ExpandError, expandWords, type Variables } from "./expand.ts";

const nothing: Variables = { get: () => undefined, names: () => [] };

/** `2<<-NAME`: a number, `<<`, `-`, and a name of which any part may be quoted. Not `<<<`. */
const form = /^(\d*)<<(-?)([^<]*)$/;
/** Larger file descriptors are read as this. */
const MAX_DESCRIPTOR = 2 ** 32 - 1;

/**
 * Parses a word as the mark of a here-document; undefined for any other word.
 * @throws {ExpandError} for an open quote
 */
export function readHeredocMark(word: string): HeredocMark | undefined {
  const match = form.exec(word);
  const name = match?.[3]?.replace(/^[\t\n\f\r ]+/, "");
  if (!match || !name) return undefined;
  const unquoted = expandWords(name, nothing, { keepUnset: true }).values;
  if (unquoted.length !== 1) return undefined;
  const quoted = expandWords(name, nothing, { keepUnset: true, quotes: "keep" }).values;
  const plain = unquoted[0] as string;
  return {
    name: plain,
    fileDescriptor: Math.min(Number(match[1] ?? ""), MAX_DESCRIPTOR),
    expand: countQuotes(plain) === countQuotes(quoted[0] as string),
    chomp: match[2] === "-",
  };
}

/** The heredoc marks of an instruction, in order. The escape character is always `\`: the directive has no effect here. */
export function heredocMarks(line: string): HeredocMark[] {
  let words: string[];
  try {
    words = expandWords(line, nothing, { quotes: "keep", keepEscapes: true, keepUnset: true }).values;
  } catch (error) {
    // A text that cannot be split into words (a shell text with an apostrophe, say) has no marks.
    if (error instanceof ExpandError) return [];
    throw error;
  }
  return words.map(readHeredocMark).filter((mark) => mark !== undefined);
}

/** Removes the leading tabs of each line, as `<<-` requires. */
export function withoutLeadingTabs(body: string): string {
  return body
    .split("\n")
    .map((line) => line.replace(/^\t+/, ""))
    .join("\n");
}

function countQuotes(text: string): number {
  return text.replace(/[^'"]/g, "").length;
}

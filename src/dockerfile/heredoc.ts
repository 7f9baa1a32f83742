import type { HeredocMark } from "./ast.ts";
import { ExpandError, expandWords, type Variables } from "./expand.ts";

const nothing: Variables = { get: () => undefined, names: () => [] };

/** `2<<-NAME`: a number, `<<`, `-`, and a name that may be quoted in any part. Not `<<<`. */
const form = /^(\d*)<<(-?)([^<]*)$/;
/** File descriptors above this are read as this. */
const maximumDescriptor = 2 ** 32 - 1;

/** Reads a word as the mark of a here-document; undefined when it is none. Throws an ExpandError at an open quote. */
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
    fileDescriptor: Math.min(Number(match[1] ?? ""), maximumDescriptor),
    expand: countQuotes(plain) === countQuotes(quoted[0] as string),
    chomp: match[2] === "-",
  };
}

/** The marks on an instruction's line, in order. The escape directive has no say here: `\` escapes. */
export function heredocMarks(line: string): HeredocMark[] {
  let words: string[];
  try {
    words = expandWords(line, nothing, { quotes: "keep", keepEscapes: true, keepUnset: true }).values;
  } catch (error) {
    // What cannot be read as words (an apostrophe in a shell text, say) holds no marks.
    if (error instanceof ExpandError) return [];
    throw error;
  }
  return words.map(readHeredocMark).filter((mark) => mark !== undefined);
}

/** Takes the leading tabs from each line, as `<<-` asks for. */
export function withoutLeadingTabs(body: string): string {
  return body
    .split("\n")
    .map((line) => line.replace(/^\t+/, ""))
    .join("\n");
}

function countQuotes(text: string): number {
  return text.replace(/[^'"]/g, "").length;
}

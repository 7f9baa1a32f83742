import { isSpace } from "../streams/white-space.ts";
import { ExpandError } from "./expand-error.ts";
import type { ExpandOptions, Expansion, Variables } from "./expansion.ts";
import { quoteGo } from "./quote.ts";
import { shortenMessage } from "./shorten.ts";
import { WordLexer } from "./word-lexer.ts";

export type { ExpandOptions, Variables };
export { ExpandError };

/** The names that a text refers to. */
export interface References {
  /** Defined names, in order of first use. */
  matched: Set<string>;
  /** Undefined names (for the lint rule UndefinedVar). */
  unmatched: Set<string>;
}

/** Expands the variables of a text to one word. @throws {ExpandError} */
export function expandWord(
  word: string,
  variables: Variables,
  options: ExpandOptions = {},
): References & { value: string } {
  const { text, matched, unmatched } = run(word, variables, options);
  return { value: text, matched, unmatched };
}

/**
 * Expands the variables of a text and splits it at unquoted white space, including that of substituted values. Throws
 * {@link ExpandError}.
 */
export function expandWords(
  text: string,
  variables: Variables,
  options: ExpandOptions = {},
): References & { values: string[] } {
  const { words, matched, unmatched } = run(text, variables, options);
  return { values: words, matched, unmatched };
}

/** Whether expansion with these options leaves the text unchanged. */
function isPlain(word: string, escapeCharacter: string): boolean {
  for (let at = 0; at < word.length; at++) {
    const character = word[at] as string;
    if (character === "$" || character === "'" || character === '"' || character === escapeCharacter)
      return false;
    if (isSpace(word.charCodeAt(at)) || character === "<" || character === "\ufeff") return false;
  }
  return true;
}

function run(source: string, variables: Variables, options: ExpandOptions): References & Expansion {
  const escapeCharacter = options.escape ?? "\\";
  // Most words have nothing to expand.
  if (isPlain(source, escapeCharacter)) {
    return { text: source, words: source === "" ? [] : [source], matched: new Set(), unmatched: new Set() };
  }
  const lexer = new WordLexer(source, variables, escapeCharacter, options);
  try {
    const { text, words } = lexer.read(undefined, options.keepEscapes ?? false);
    return { text, words, matched: lexer.matched, unmatched: lexer.unmatched };
  } catch (error) {
    if (!(error instanceof ExpandError)) throw error;
    throw new ExpandError(shortenMessage(`failed to process ${quoteGo(source)}: ${error.message}`));
  }
}

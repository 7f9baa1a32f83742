import type { HeredocMark } from "../../dockerfile/ast.ts";
import { DirectiveReader } from "../../dockerfile/directives.ts";
import { Fault } from "../../dockerfile/fault.ts";
import { withoutLeadingTabs } from "../../dockerfile/heredoc.ts";
import { type Keyword, keywordOf } from "../../dockerfile/keyword.ts";
import { LineReader, stripContinuation, withoutLineEnd } from "../../dockerfile/lines.ts";
import { heredocMarksIn, readStatement } from "../../dockerfile/parse.ts";
import { skipSpace } from "../../streams/white-space.ts";
import { ArgumentScanner } from "./argument-tokens.ts";
import type { TokenKind } from "./token-kind.ts";

/** A highlighted range of the text. */
export interface Token {
  from: number;
  to: number;
  kind: TokenKind;
}

/** An instruction in the text, valid or not. */
export interface WrittenInstruction {
  /** Undefined for an unknown keyword. */
  keyword: Keyword | undefined;
  /** Lines, 1-based, inclusive; here-documents included. */
  start: number;
  end: number;
  from: number;
  to: number;
}

export interface Tokens {
  tokens: Token[];
  instructions: WrittenInstruction[];
  /** The escape character: `\` or a backtick. */
  escape: string;
}

/**
 * Splits a Dockerfile into tokens for display. Lines, continuations, directives and here-documents are those of the
 * parser, but the tokenizer never fails, because a text is often invalid while the user types.
 */
export function tokenize(text: string): Tokens {
  return new Tokenizer(text).read();
}

class Tokenizer {
  readonly #lines: LineReader;
  readonly #directives = new DirectiveReader();
  readonly #tokens: Token[] = [];
  readonly #instructions: WrittenInstruction[] = [];
  #escape = "\\";
  /** Offsets of the current and the next line. */
  #from = 0;
  #next = 0;
  /** End of the last token. */
  #end = 0;

  constructor(text: string) {
    this.#lines = new LineReader(text);
  }

  read(): Tokens {
    for (let line = this.#line(); line !== undefined; line = this.#line()) this.#outside(line);
    return { tokens: this.#tokens, instructions: this.#instructions, escape: this.#escape };
  }

  #line(): string | undefined {
    const line = this.#lines.next();
    this.#from = this.#next;
    this.#next += line?.length ?? 0;
    return line === undefined ? undefined : withoutLineEnd(line);
  }

  /** Adds a token, without the part that an earlier token covers. */
  #add(start: number, to: number, kind: TokenKind): void {
    const from = Math.max(start, this.#end);
    if (to <= from) return;
    this.#tokens.push({ from, to, kind });
    this.#end = to;
  }

  #outside(line: string): void {
    const first = skipSpace(line);
    const isDirective = this.#directive(line.slice(first));
    if (first === line.length) return;
    if (line[first] === "#") {
      this.#add(this.#from + first, this.#from + line.length, isDirective ? "directive" : "comment");
      return;
    }
    this.#instruction(line, first);
  }

  #directive(content: string): boolean {
    try {
      const directive = this.#directives.read(content);
      if (directive?.name === "escape" && directive.value === "`") this.#escape = "`";
      return directive !== undefined;
    } catch (error) {
      if (error instanceof Fault) return true;
      throw error;
    }
  }

  #instruction(first: string, indent: number): void {
    const start = this.#lines.number;
    const from = this.#from + indent;
    const [word = ""] = /^\S+/.exec((stripContinuation(first, this.#escape) ?? first).slice(indent)) ?? [];
    const keyword = keywordOf(word);
    this.#add(from, from + word.length, keyword === undefined ? "unknown" : "keyword");
    const scanner = new ArgumentScanner(keyword, this.#escape, (...token) => this.#add(...token));
    const joined: string[] = [];
    let line = first;
    let at = indent + word.length;
    let end = this.#from + first.length;
    for (;;) {
      const part = stripContinuation(line, this.#escape);
      joined.push(part ?? line);
      scanner.scan(line, part === undefined ? line.length : part.length, at, this.#from);
      end = this.#from + line.length;
      if (part === undefined) break;
      this.#add(this.#from + part.length, this.#from + part.length + 1, "escape");
      const next = this.#continuation();
      if (next === undefined) break;
      line = next;
      at = 0;
    }
    const bodies = this.#heredocs(joined.join("").slice(indent));
    this.#instructions.push({
      keyword,
      start,
      end: this.#lines.number,
      from,
      to: bodies ?? end,
    });
  }

  /** Returns the next continuation line. Skips comments and empty lines, as the parser does. */
  #continuation(): string | undefined {
    for (let line = this.#line(); line !== undefined; line = this.#line()) {
      const first = skipSpace(line);
      if (line[first] === "#") this.#add(this.#from + first, this.#from + line.length, "comment");
      else if (first < line.length) return line;
    }
    return undefined;
  }

  /** Reads the bodies of here-documents. @returns the end of the last body */
  #heredocs(original: string): number | undefined {
    let end: number | undefined;
    for (const { name, chomp } of marksOf(original, this.#escape)) {
      for (let line = this.#line(); line !== undefined; line = this.#line()) {
        end = this.#from + line.length;
        const isEnd = (chomp ? withoutLeadingTabs(line) : line) === name;
        this.#add(this.#from, end, isEnd ? "heredoc" : "body");
        if (isEnd) break;
      }
    }
    return end;
  }
}

function marksOf(original: string, escapeCharacter: string): HeredocMark[] {
  try {
    return heredocMarksIn(readStatement(original, escapeCharacter));
  } catch {
    // The parser reports these faults, for example a mark with an open quote.
    return [];
  }
}

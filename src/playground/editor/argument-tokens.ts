import { type Keyword, keywordOf } from "../../dockerfile/keyword.ts";
import type { TokenKind } from "./token-kind.ts";

type Add = (from: number, to: number, kind: TokenKind) => void;

const HEREDOC = /\d*<<-?\s*(?:"[^"]*"|'[^']*'|[\w./-]+)/y;
const VARIABLE = /\$(?:\w+|\{(?:[^{}]|\{[^{}]*\})*\}?)/y;
const WORD = /[^\s"'$\\`<]+/y;

/** Scans the arguments of an instruction, line by line. */
export class ArgumentScanner {
  /** Keyword of the instruction, or of the instruction after ONBUILD. */
  keyword: Keyword | undefined;
  readonly #escape: string;
  readonly #add: Add;
  #inFlags = true;
  #quote = "";
  /** Number of words after the flags. */
  #words = 0;
  #namesStage = false;

  constructor(keyword: Keyword | undefined, escapeCharacter: string, add: Add) {
    this.keyword = keyword;
    this.#escape = escapeCharacter;
    this.#add = add;
  }

  /** @param offset offset of the line in the text */
  scan(line: string, end: number, start: number, offset: number): void {
    let at = start;
    while (at < end) {
      const character = line[at] as string;
      if (this.#quote === "" && /\s/.test(character)) at++;
      else at = Math.max(at + 1, Math.min(end, this.#token(line, at, end, offset)));
    }
  }

  /** Reads a token. @returns its end in the line */
  #token(line: string, at: number, end: number, offset: number): number {
    if (this.#quote !== "") return this.#string(line, at, end, offset);
    if (this.#inFlags && line.startsWith("--", at)) return this.#flag(line, at, end, offset);
    const isFirst = this.#words === 0 && (at === 0 || /\s/.test(line[at - 1] ?? " "));
    const startsWord = /\s/.test(line[at - 1] ?? " ");
    this.#inFlags = false;
    const character = line[at] as string;
    if (character === this.#escape) {
      this.#add(offset + at, offset + Math.min(end, at + 2), "escape");
      return at + 2;
    }
    if (character === '"' || character === "'") {
      if (startsWord) this.#words++;
      this.#quote = character;
      this.#add(offset + at, offset + at + 1, "string");
      return at + 1;
    }
    const variable = matchAt(VARIABLE, line, at);
    if (variable !== undefined) {
      this.#add(offset + at, offset + variable, "variable");
      return variable;
    }
    const mark = this.#allowsHeredocs ? matchAt(HEREDOC, line, at) : undefined;
    if (mark !== undefined) {
      this.#add(offset + at, offset + mark, "heredoc");
      return mark;
    }
    const word = matchAt(WORD, line, at) ?? at + 1;
    if (startsWord) this.#word(line.slice(at, word), isFirst, offset + at);
    return word;
  }

  get #allowsHeredocs(): boolean {
    return this.keyword === "RUN" || this.keyword === "COPY" || this.keyword === "ADD";
  }

  /** Reads a flag, which ends at white space. Its value can contain variables. */
  #flag(line: string, at: number, end: number, offset: number): number {
    const [text = ""] = /^\S+/.exec(line.slice(at, end)) ?? [];
    const sign = text.indexOf("=");
    const name = sign < 0 ? text.length : sign + 1;
    this.#add(offset + at, offset + at + name, "flag");
    for (let place = at + name; place < at + text.length; ) {
      const variable = matchAt(VARIABLE, line, place);
      if (variable !== undefined) this.#add(offset + place, offset + Math.min(variable, end), "variable");
      place = variable ?? place + 1;
    }
    return at + text.length;
  }

  #string(line: string, at: number, end: number, offset: number): number {
    let from = at;
    let place = at;
    for (; place < end; place++) {
      const character = line[place] as string;
      if (character === this.#quote) {
        this.#add(offset + from, offset + place + 1, "string");
        this.#quote = "";
        return place + 1;
      }
      if (this.#quote === "'") continue;
      if (character === this.#escape) {
        place++;
        continue;
      }
      const variable = matchAt(VARIABLE, line, place);
      if (variable === undefined) continue;
      this.#add(offset + from, offset + place, "string");
      this.#add(offset + place, offset + variable, "variable");
      from = variable;
      place = variable - 1;
    }
    this.#add(offset + from, offset + end, "string");
    return end;
  }

  /**
   * Reads a word. It can be special at its position: `AS`, the stage name after it, or the first word after ONBUILD or
   * HEALTHCHECK.
   */
  #word(word: string, isFirst: boolean, from: number): void {
    this.#words++;
    const upper = word.toUpperCase();
    if (this.#namesStage) {
      this.#add(from, from + word.length, "name");
      this.#namesStage = false;
    } else if (this.keyword === "FROM" && upper === "AS" && !isFirst) {
      this.#add(from, from + word.length, "keyword");
      this.#namesStage = true;
    } else if (this.keyword === "HEALTHCHECK" && isFirst && (upper === "CMD" || upper === "NONE")) {
      this.#add(from, from + word.length, "keyword");
    } else if (this.keyword === "ONBUILD" && isFirst && keywordOf(word) !== undefined) {
      this.#add(from, from + word.length, "keyword");
      this.keyword = keywordOf(word);
      this.#inFlags = true;
      this.#words = 0;
    }
  }
}

function matchAt(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}

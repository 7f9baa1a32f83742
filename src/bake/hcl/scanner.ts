import { BakeError, type BakePosition } from "../error.ts";

const ID_START = /[\p{ID_Start}_]/u;
const ID = /[\p{ID_Start}_][\p{ID_Continue}-]*/uy;
const NUMBER = /\d+(\.\d+)?([eE][+-]?\d+)?/y;

/** Reads a text from left to right, and computes positions in it. */
export class Scanner {
  at = 0;
  readonly text: string;
  readonly #file: string;
  readonly #origin: BakePosition;
  /** Offsets of the starts of lines. */
  readonly #lines: number[] = [0];

  /** @param origin where the text begins in the file, for the text of a here-document or of a string in JSON */
  constructor(text: string, file: string, origin: BakePosition = { file, line: 1, column: 1 }) {
    this.text = text;
    this.#file = file;
    this.#origin = origin;
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) this.#lines.push(at + 1);
  }

  get file(): string {
    return this.#file;
  }

  get isAtEnd(): boolean {
    return this.at >= this.text.length;
  }

  get next(): string {
    return this.text[this.at] ?? "";
  }

  position(at = this.at): BakePosition {
    let low = 0;
    for (let high = this.#lines.length - 1; low < high; ) {
      const middle = (low + high + 1) >> 1;
      if ((this.#lines[middle] as number) <= at) low = middle;
      else high = middle - 1;
    }
    const column = at - (this.#lines[low] as number);
    const { line } = this.#origin;
    return { file: this.#file, line: line + low, column: (low === 0 ? this.#origin.column : 1) + column };
  }

  fail(message: string, at = this.at): never {
    throw new BakeError(message, this.position(at));
  }

  startsWith(text: string): boolean {
    return this.text.startsWith(text, this.at);
  }

  /** Reads `text` if it is next. */
  take(text: string): boolean {
    if (!this.startsWith(text)) return false;
    this.at += text.length;
    return true;
  }

  expect(text: string, what: string): void {
    if (!this.take(text)) this.fail(`Expected ${JSON.stringify(text)} ${what}, but found ${this.found()}`);
  }

  /** The next text, for an error message. */
  found(): string {
    if (this.isAtEnd) return "the end of the file";
    if (this.next === "\n" || this.startsWith("\r\n")) return "the end of the line";
    return JSON.stringify(String.fromCodePoint(this.text.codePointAt(this.at) as number));
  }

  /** Skips spaces and comments; with `lines`, also line ends. */
  skip(lines: boolean): void {
    for (;;) {
      const { next } = this;
      if (next === " " || next === "\t" || this.startsWith("\r\n") || (lines && next === "\n")) this.at++;
      else if (next === "#" || this.startsWith("//")) this.#skipLine();
      else if (this.startsWith("/*")) {
        const end = this.text.indexOf("*/", this.at + 2);
        if (end < 0) this.fail("This comment has no end");
        this.at = end + 2;
      } else return;
    }
  }

  #skipLine(): void {
    const end = this.text.indexOf("\n", this.at);
    this.at = end < 0 ? this.text.length : end;
  }

  get isIdentifier(): boolean {
    const code = this.text.codePointAt(this.at);
    return code !== undefined && ID_START.test(String.fromCodePoint(code));
  }

  identifier(what: string): string {
    return this.match(ID) ?? this.fail(`Expected ${what}, but found ${this.found()}`);
  }

  /** Whether the next word is this one, not a longer one that starts with it. */
  isWord(word: string): boolean {
    const { at } = this;
    const found = this.match(ID);
    this.at = at;
    return found === word;
  }

  takeWord(word: string): boolean {
    if (!this.isWord(word)) return false;
    this.at += word.length;
    return true;
  }

  number(): number | undefined {
    const text = this.match(NUMBER);
    return text === undefined ? undefined : Number(text);
  }

  /** Digits alone, as in the index `.0`. */
  digits(): string | undefined {
    return this.match(/\d+/y);
  }

  /** Reads a match of a sticky pattern. */
  match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const [found] = pattern.exec(this.text) ?? [];
    if (found !== undefined) this.at += found.length;
    return found;
  }
}

import { MAX_DEPTH, parseTemplateText } from "./expressions.ts";
import { Scanner } from "./scanner.ts";
import type { Expression, ObjectItem } from "./syntax.ts";

const NUMBER = /-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?(?![\w.+-])/y;
const KEYWORD = /\w+/y;
const KEYWORDS: ReadonlyMap<string, null | boolean> = new Map([
  ["null", null],
  ["true", true],
  ["false", false],
]);

/** Parses a file in HCL's JSON syntax (RFC 8259) as one expression, in which strings are templates. @throws {BakeError} */
export function parseJsonExpression(text: string, file: string): Expression {
  const scanner = new Scanner(text, file);
  const expression = new JsonParser(scanner).value();
  if (!scanner.isAtEnd) scanner.fail(`Expected the end of the file, but found ${scanner.found()}`);
  return expression;
}

class JsonParser {
  readonly #scanner: Scanner;
  #depth = 0;

  constructor(scanner: Scanner) {
    this.#scanner = scanner;
  }

  /** A value with the white space around it. */
  value(): Expression {
    const scanner = this.#scanner;
    this.#space();
    if (++this.#depth > MAX_DEPTH) scanner.fail("Values are nested too deeply");
    const value = this.#valueHere();
    this.#depth--;
    this.#space();
    return value;
  }

  #valueHere(): Expression {
    const scanner = this.#scanner;
    const at = scanner.position();
    if (scanner.next === '"') return this.#string();
    if (scanner.take("["))
      return { kind: "tuple", items: this.#elements("]", "in a list", () => this.value()), at };
    if (scanner.take("{"))
      return { kind: "object", items: this.#elements("}", "in an object", () => this.#member()), at };
    const number = scanner.match(NUMBER);
    if (number !== undefined) return { kind: "literal", value: Number(number), at };
    const start = scanner.at;
    const word = scanner.match(KEYWORD) ?? "";
    const value = KEYWORDS.get(word);
    if (value !== undefined) return { kind: "literal", value, at };
    scanner.at = start;
    return scanner.fail(
      `Expected a value in JSON, but found ${word === "" ? scanner.found() : JSON.stringify(word)}`,
    );
  }

  #elements<T>(end: "]" | "}", where: string, read: () => T): T[] {
    const scanner = this.#scanner;
    const elements: T[] = [];
    this.#space();
    if (scanner.take(end)) return elements;
    for (;;) {
      elements.push(read());
      if (scanner.take(end)) return elements;
      if (!scanner.take(",")) scanner.fail(`Expected "," or "${end}" ${where}, but found ${scanner.found()}`);
      this.#space();
      if (scanner.next === end) scanner.fail(`JSON does not allow "," before "${end}"`);
    }
  }

  #member(): ObjectItem {
    const scanner = this.#scanner;
    this.#space();
    if (scanner.next !== '"')
      scanner.fail(`Expected the name of a member in double quotes, but found ${scanner.found()}`);
    const key = this.#string();
    this.#space();
    scanner.expect(":", "after the name of a member");
    return { key, value: this.value() };
  }

  #string(): Expression {
    const scanner = this.#scanner;
    const { text, at: start } = scanner;
    const at = scanner.position();
    scanner.at++;
    const origin = scanner.position();
    while (scanner.next !== '"') {
      if (scanner.isAtEnd || scanner.next < " ")
        scanner.fail(`Expected '"' at the end of a string, but found ${scanner.found()}`);
      scanner.at += scanner.next === "\\" ? 2 : 1;
    }
    scanner.at++;
    return {
      ...parseTemplateText(this.#decode(text.slice(start, scanner.at), start), scanner.file, origin),
      at,
    };
  }

  #decode(quoted: string, start: number): string {
    try {
      return JSON.parse(quoted) as string;
    } catch {
      return this.#scanner.fail("This string has an invalid escape", start);
    }
  }

  #space(): void {
    this.#scanner.match(/[ \t\r\n]+/y);
  }
}

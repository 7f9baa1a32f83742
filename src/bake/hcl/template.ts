import type { BakePosition } from "../error.ts";
import type { Scanner } from "./scanner.ts";
import type { Expression, ForExpression } from "./syntax.ts";

/** Parses the expression between the braces of a template sequence. */
export interface ExpressionParser {
  expression(lines: boolean): Expression;
  forHead(): Pick<ForExpression, "keyName" | "valueName" | "collection">;
}

/** Escapes of quoted templates. */
const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", '"': '"', "\\": "\\" };

/** Reads a template in quotes. */
export function readQuoted(scanner: Scanner, parser: ExpressionParser): Expression {
  const at = scanner.position();
  scanner.expect('"', "at the start of a string");
  const reader = new TemplateReader(scanner, parser, true);
  const parts = reader.parts([]);
  if (!scanner.take('"')) scanner.fail("This string has no end");
  return templateOf(parts, at);
}

/** Parses a whole text as a template in which a backslash is an ordinary character. */
export function parseHclTemplate(scanner: Scanner, parser: ExpressionParser): Expression {
  const at = scanner.position();
  return templateOf(new TemplateReader(scanner, parser, false).parts([]), at);
}

function templateOf(parts: readonly Expression[], at: BakePosition): Expression {
  const [only] = parts;
  if (parts.length === 0) return { kind: "literal", value: "", at };
  return parts.length === 1 && only?.kind === "literal" ? only : { kind: "template", parts, at };
}

/** Reads a here-document: `<<WORD`, or `<<-WORD`, which removes the indentation that all lines have. */
export function readHeredoc(scanner: Scanner): { text: string; origin: BakePosition } {
  const start = scanner.at;
  scanner.take("<<");
  const isIndented = scanner.take("-");
  const word = scanner.identifier("the word that ends a here-document");
  scanner.take("\r");
  if (!scanner.take("\n")) scanner.fail("The lines of a here-document begin on the next line");
  const origin = scanner.position();
  const lines: string[] = [];
  for (;;) {
    if (scanner.isAtEnd) scanner.fail(`No line "${word}" ends this here-document`, start);
    const end = scanner.text.indexOf("\n", scanner.at);
    const line = scanner.text.slice(scanner.at, end < 0 ? undefined : end);
    if (line.trim() === word) {
      // Text after the word belongs to the surrounding expression.
      scanner.at += line.trimEnd().length;
      break;
    }
    lines.push(`${line}\n`);
    scanner.at = end < 0 ? scanner.text.length : end + 1;
  }
  if (!isIndented) return { text: lines.join(""), origin };
  const indents = lines
    .filter((line) => line.trim() !== "")
    .map((line) => line.length - line.trimStart().length);
  const indent = Math.min(...indents, Number.MAX_SAFE_INTEGER);
  const cut = (line: string) => line.slice(Math.min(indent, line.length - line.trimStart().length));
  return { text: lines.map((line) => (line.trim() === "" ? "\n" : cut(line))).join(""), origin };
}

type Directive = "else" | "endif" | "endfor";

class TemplateReader {
  readonly #scanner: Scanner;
  readonly #parser: ExpressionParser;
  readonly #isQuoted: boolean;
  /** Whether the last sequence ended with `~`, which removes the spaces after it. */
  #strips = false;
  /** The directive that ended the last parts. */
  #ended: Directive | undefined;

  constructor(scanner: Scanner, parser: ExpressionParser, isQuoted: boolean) {
    this.#scanner = scanner;
    this.#parser = parser;
    this.#isQuoted = isQuoted;
  }

  /** Reads up to the end of the template, or up to one of these directives. */
  parts(ends: readonly Directive[]): Expression[] {
    const scanner = this.#scanner;
    const parts: Expression[] = [];
    let text = "";
    let at = scanner.position();
    const flush = (strips: boolean) => {
      const kept = strips ? this.#trimEnd(text) : text;
      if (kept !== "") parts.push({ kind: "literal", value: kept, at });
      text = "";
      at = scanner.position();
    };
    for (;;) {
      if (scanner.isAtEnd || (this.#isQuoted && scanner.next === '"')) {
        if (ends.length > 0) scanner.fail(`Expected "%{ ${ends.join(' }" or "%{ ')} }"`);
        flush(false);
        return parts;
      }
      if (scanner.startsWith("${") || scanner.startsWith("%{")) {
        const isDirective = scanner.next === "%";
        scanner.at += 2;
        flush(scanner.take("~"));
        const directive = isDirective ? this.#directive(parts, ends) : this.#interpolation(parts);
        if (directive !== undefined) {
          this.#ended = directive;
          return parts;
        }
        at = scanner.position();
      } else text += this.#character();
    }
  }

  /** Outside quotes, `~` removes spaces up to the end of one line, with the line end. */
  #trimEnd(text: string): string {
    if (this.#isQuoted) return text.trimEnd();
    const line = text.lastIndexOf("\n", text.length - 2) + 1;
    return text.slice(0, line) + text.slice(line).trimEnd();
  }

  #character(): string {
    const text = this.#nextCharacter();
    if (!this.#strips) return text;
    const isBlank = text.trim() === "";
    this.#strips = isBlank && (text !== "\n" || this.#isQuoted);
    return isBlank ? "" : text;
  }

  #nextCharacter(): string {
    const scanner = this.#scanner;
    for (const sign of ["$", "%"]) if (scanner.take(`${sign}${sign}{`)) return `${sign}{`;
    const { next } = scanner;
    if (next === "\\" && this.#isQuoted) return this.#escape();
    if ((next === "\n" || next === "\r") && this.#isQuoted)
      scanner.fail("A string cannot contain a line break: use \\n or a here-document");
    scanner.at++;
    return next;
  }

  #escape(): string {
    const scanner = this.#scanner;
    const letter = scanner.text[scanner.at + 1] ?? "";
    const simple = ESCAPES[letter];
    if (simple !== undefined) {
      scanner.at += 2;
      return simple;
    }
    const length = letter === "u" ? 4 : letter === "U" ? 8 : 0;
    const hex = scanner.text.slice(scanner.at + 2, scanner.at + 2 + length);
    const code = Number.parseInt(hex, 16);
    if (code >= 0xd800 && code <= 0xdfff)
      scanner.fail(
        `"\\${letter}${hex}" is half a character: write \\U and the eight digits of the whole one`,
      );
    if (length === 0 || !/^[0-9a-fA-F]+$/.test(hex) || hex.length < length || code > 0x10ffff)
      scanner.fail(`"\\${letter}" is not an escape`);
    scanner.at += 2 + length;
    return String.fromCodePoint(code);
  }

  #interpolation(parts: Expression[]): undefined {
    parts.push({ kind: "template", parts: [this.#parser.expression(true)], at: this.#scanner.position() });
    this.#close();
  }

  #close(): void {
    const scanner = this.#scanner;
    scanner.skip(true);
    this.#strips = scanner.take("~");
    scanner.expect("}", "at the end of a template sequence");
  }

  /** @returns the directive that ends the parts around */
  #directive(parts: Expression[], ends: readonly Directive[]): Directive | undefined {
    const scanner = this.#scanner;
    scanner.skip(true);
    const at = scanner.position();
    const end = ends.find((word) => scanner.takeWord(word));
    if (end !== undefined) {
      this.#close();
      return end;
    }
    if (scanner.takeWord("if")) {
      const condition = this.#parser.expression(true);
      this.#close();
      const yes = textOf(this.parts(["else", "endif"]), at);
      const no = textOf(this.#ended === "else" ? this.parts(["endif"]) : [], at);
      parts.push({ kind: "conditional", condition, yes, no, at });
    } else if (scanner.takeWord("for")) {
      const head = this.#parser.forHead();
      this.#close();
      const value = textOf(this.parts(["endfor"]), at);
      parts.push({
        kind: "for",
        ...head,
        key: undefined,
        value,
        isGrouped: false,
        condition: undefined,
        isText: true,
        at,
      });
    } else scanner.fail(`Expected "if", "for"${ends.map((word) => ` or "${word}"`).join("")} after "%{"`);
    return undefined;
  }
}

/** A template that evaluates to a string, even if its only part has another type. */
function textOf(parts: readonly Expression[], at: BakePosition): Expression {
  return { kind: "template", parts: [{ kind: "literal", value: "", at }, ...parts], at };
}

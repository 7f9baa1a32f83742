import type { BakePosition } from "../error.ts";
import { Scanner } from "./scanner.ts";
import {
  type BinaryOperator,
  binaryOperators,
  type Expression,
  type ObjectItem,
  splatItem,
} from "./syntax.ts";
import { type ExpressionParser, parseHclTemplate, readHeredoc, readQuoted } from "./template.ts";

/** Maximum nesting of expressions and blocks. */
export const MAX_DEPTH = 200;

/**
 * Parses a whole text as a template in which a backslash is an ordinary character.
 * @param origin where the text begins in the file
 * @throws {BakeError}
 */
export function parseTemplateText(text: string, file: string, origin: BakePosition, depth = 0): Expression {
  const scanner = new Scanner(text, file, origin);
  return parseHclTemplate(scanner, new HclExpressions(scanner, depth));
}

/** A recursive descent parser, which reads characters: templates and expressions contain each other. */
export class HclExpressions implements ExpressionParser {
  readonly #scanner: Scanner;
  #depth: number;

  /** @param depth nesting depth of the text */
  constructor(scanner: Scanner, depth = 0) {
    this.#scanner = scanner;
    this.#depth = depth;
  }

  /** @param lines whether line ends are ignored, as within brackets */
  expression(lines: boolean): Expression {
    return this.nested(() => {
      const condition = this.#binary(0, lines);
      const scanner = this.#scanner;
      scanner.skip(lines);
      if (!scanner.take("?")) return condition;
      const yes = this.expression(lines);
      scanner.skip(lines);
      scanner.expect(":", "in a conditional expression");
      const no = this.expression(lines);
      return { kind: "conditional", condition, yes, no, at: condition.at };
    });
  }

  /** Parses one level deeper. @throws {BakeError} beyond the maximum depth */
  nested<T>(parse: () => T): T {
    if (++this.#depth > MAX_DEPTH) this.#scanner.fail("Expressions are nested too deeply");
    try {
      return parse();
    } finally {
      this.#depth--;
    }
  }

  #binary(level: number, lines: boolean): Expression {
    const operators = binaryOperators[level];
    if (operators === undefined) return this.#unary(lines);
    let left = this.#binary(level + 1, lines);
    for (;;) {
      this.#scanner.skip(lines);
      const operator = operators.find((text) => this.#isOperator(text));
      if (operator === undefined) return left;
      this.#scanner.at += operator.length;
      const right = this.#binary(level + 1, lines);
      left = { kind: "binary", operator: operator as BinaryOperator, left, right, at: left.at };
    }
  }

  /** The `%{` of a template and the `~}` of a stripped sequence are not operators. */
  #isOperator(text: string): boolean {
    return this.#scanner.startsWith(text) && !(text === "%" && this.#scanner.startsWith("%{"));
  }

  #unary(lines: boolean): Expression {
    const scanner = this.#scanner;
    scanner.skip(lines);
    const at = scanner.position();
    for (const operator of ["-", "!"] as const) {
      if (scanner.take(operator))
        return this.nested(() => ({ kind: "unary", operator, operand: this.#unary(lines), at }));
    }
    return this.#postfix(this.#term(at, lines), lines);
  }

  #term(at: BakePosition, lines: boolean): Expression {
    const scanner = this.#scanner;
    if (scanner.take("(")) {
      const inner = this.expression(true);
      scanner.skip(true);
      scanner.expect(")", "after an expression in parentheses");
      return inner;
    }
    if (scanner.next === '"') return readQuoted(scanner, this);
    if (scanner.startsWith("<<")) {
      const { text, origin } = readHeredoc(scanner);
      return parseTemplateText(text, scanner.file, origin, this.#depth);
    }
    if (scanner.take("[")) return this.#list(at);
    if (scanner.take("{")) return this.#object(at);
    const number = scanner.number();
    if (number !== undefined) return { kind: "literal", value: number, at };
    if (!scanner.isIdentifier) scanner.fail(`Expected an expression, but found ${scanner.found()}`);
    return this.#named(scanner.identifier("an expression"), at, lines);
  }

  #named(name: string, at: BakePosition, lines: boolean): Expression {
    const scanner = this.#scanner;
    if (name === "true" || name === "false") return { kind: "literal", value: name === "true", at };
    if (name === "null") return { kind: "literal", value: null, at };
    const before = scanner.at;
    scanner.skip(lines);
    if (!scanner.take("(")) {
      scanner.at = before;
      return { kind: "variable", name, at };
    }
    const args: Expression[] = [];
    let isExpanded = false;
    for (;;) {
      scanner.skip(true);
      if (scanner.take(")")) return { kind: "call", name, args, isExpanded, at };
      if (isExpanded) scanner.fail('"..." must follow the last argument of a call');
      args.push(this.expression(true));
      scanner.skip(true);
      isExpanded = scanner.take("...");
      scanner.skip(true);
      if (!scanner.take(",") && scanner.next !== ")")
        scanner.fail(`Expected "," or ")" in the call of ${name}, but found ${scanner.found()}`);
    }
  }

  #postfix(start: Expression, lines: boolean): Expression {
    const scanner = this.#scanner;
    let of = start;
    for (;;) {
      const before = scanner.at;
      scanner.skip(lines);
      const { at } = of;
      if (scanner.startsWith("...")) return of;
      if (scanner.take("[")) {
        scanner.skip(true);
        if (scanner.take("*")) {
          scanner.skip(true);
          scanner.expect("]", 'after "[*"');
          return this.#splat(of, true);
        }
        const key = this.expression(true);
        scanner.skip(true);
        scanner.expect("]", "after an index");
        of = { kind: "index", of, key, at };
      } else if (scanner.take(".")) {
        scanner.skip(false);
        if (scanner.take("*")) return this.#splat(of, false);
        of = this.#attribute(of);
      } else {
        scanner.at = before;
        return of;
      }
    }
  }

  #attribute(of: Expression): Expression {
    const scanner = this.#scanner;
    const digits = scanner.digits();
    const { at } = of;
    if (digits !== undefined && /^\.\d/.test(scanner.text.slice(scanner.at, scanner.at + 2)))
      scanner.fail(`Two indexes cannot follow each other after dots: write [${digits}][…]`);
    if (digits !== undefined)
      return { kind: "index", of, key: { kind: "literal", value: Number(digits), at }, at };
    return { kind: "attribute", of, name: scanner.identifier("the name of an attribute"), at };
  }

  /** `.*` applies the following attributes to each element; `[*]` also applies indexes. */
  #splat(of: Expression, isFull: boolean): Expression {
    const scanner = this.#scanner;
    const { at } = of;
    let each: Expression = { kind: "variable", name: splatItem, at };
    if (isFull) each = this.#postfix(each, false);
    else
      while (scanner.startsWith(".") && !scanner.startsWith("...") && scanner.take("."))
        each = this.#attribute(each);
    const splat: Expression = { kind: "splat", of, each, at };
    return isFull ? splat : this.#postfix(splat, false);
  }

  #list(at: BakePosition): Expression {
    const scanner = this.#scanner;
    scanner.skip(true);
    if (this.#isFor()) return this.#for("]", at);
    const items: Expression[] = [];
    for (;;) {
      scanner.skip(true);
      if (scanner.take("]")) return { kind: "tuple", items, at };
      items.push(this.expression(true));
      scanner.skip(true);
      if (!scanner.take(",") && scanner.next !== "]")
        scanner.fail(`Expected "," or "]" in a list, but found ${scanner.found()}`);
    }
  }

  #object(at: BakePosition): Expression {
    const scanner = this.#scanner;
    scanner.skip(true);
    if (this.#isFor()) return this.#for("}", at);
    const items: ObjectItem[] = [];
    for (;;) {
      scanner.skip(true);
      if (scanner.take("}")) return { kind: "object", items, at };
      items.push({ key: this.#key(), value: this.#valueOfKey() });
      scanner.skip(false);
      if (scanner.take(",") || scanner.next === "\n" || scanner.next === "}") continue;
      scanner.fail(`Expected ",", "}" or the end of the line in an object, but found ${scanner.found()}`);
    }
  }

  /** A bare name is the key itself; in parentheses it is a variable. */
  #key(): Expression {
    const scanner = this.#scanner;
    const before = scanner.at;
    const at = scanner.position();
    if (scanner.isIdentifier) {
      const name = scanner.identifier("a key");
      scanner.skip(false);
      if (/^[=:]/.test(scanner.next)) return { kind: "literal", value: name, at };
      scanner.at = before;
    }
    return this.expression(false);
  }

  #valueOfKey(): Expression {
    const scanner = this.#scanner;
    scanner.skip(false);
    if (!scanner.take("=") && !scanner.take(":"))
      scanner.fail(`Expected "=" or ":" after a key, but found ${scanner.found()}`);
    return this.expression(false);
  }

  #isFor(): boolean {
    return this.#scanner.isWord("for");
  }

  #for(end: "]" | "}", at: BakePosition): Expression {
    const scanner = this.#scanner;
    scanner.takeWord("for");
    const head = this.forHead();
    scanner.expect(":", 'after the collection of "for"');
    const first = this.expression(true);
    scanner.skip(true);
    const isObject = scanner.take("=>");
    if (isObject !== (end === "}"))
      scanner.fail(
        end === "}"
          ? 'Expected "=>" in a "for" that makes an object'
          : 'A "for" that makes a list cannot contain "=>"',
      );
    const value = isObject ? this.expression(true) : first;
    scanner.skip(true);
    const isGrouped = isObject && scanner.take("...");
    scanner.skip(true);
    const condition = scanner.takeWord("if") ? this.expression(true) : undefined;
    scanner.skip(true);
    scanner.expect(end, 'at the end of "for"');
    return {
      kind: "for",
      ...head,
      key: isObject ? first : undefined,
      value,
      isGrouped,
      condition,
      isText: false,
      at,
    };
  }

  /** `k, v in collection`, after the word `for`. */
  forHead(): { keyName: string | undefined; valueName: string; collection: Expression } {
    const scanner = this.#scanner;
    scanner.skip(true);
    const first = scanner.identifier('the name of a variable after "for"');
    scanner.skip(true);
    let second: string | undefined;
    if (scanner.take(",")) {
      scanner.skip(true);
      second = scanner.identifier('the name of a variable after "for"');
      scanner.skip(true);
    }
    if (!scanner.takeWord("in"))
      scanner.fail(`Expected "in" after the variables of "for", but found ${scanner.found()}`);
    const collection = this.expression(true);
    scanner.skip(true);
    return { keyName: second === undefined ? undefined : first, valueName: second ?? first, collection };
  }
}

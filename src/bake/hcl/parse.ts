import { BakeError, type BakePosition } from "../error.ts";
import { HclExpressions } from "./expressions.ts";
import { Scanner } from "./scanner.ts";
import type { Attribute, HclBlock, HclBody } from "./syntax.ts";
import { readQuoted } from "./template.ts";

/** Parses a file in HCL's native syntax. @throws {BakeError} */
export function parseHcl(text: string, file: string): HclBody {
  const scanner = new Scanner(text, file);
  scanner.take("\uFEFF");
  return new BodyParser(scanner).body();
}

/** Parses arguments and blocks. */
class BodyParser {
  readonly #scanner: Scanner;
  readonly #expressions: HclExpressions;

  constructor(scanner: Scanner) {
    this.#scanner = scanner;
    this.#expressions = new HclExpressions(scanner);
  }

  /**
   * Attributes and blocks up to the end of the file.
   * @param open place of the `{` of a block, which ends with `}`
   */
  body(open?: BakePosition): HclBody {
    const scanner = this.#scanner;
    const attributes: Attribute[] = [];
    const names = new Set<string>();
    const blocks: HclBlock[] = [];
    for (;;) {
      scanner.skip(true);
      if (open !== undefined && scanner.take("}")) return { attributes, blocks };
      if (scanner.isAtEnd) {
        if (open === undefined) return { attributes, blocks };
        throw new BakeError('This block has no "}"', open);
      }
      const at = scanner.position();
      const name = scanner.identifier("an argument or a block");
      scanner.skip(false);
      if (this.#takeEquals()) {
        if (names.has(name)) throw new BakeError(`The argument "${name}" is set twice`, at);
        names.add(name);
        attributes.push({ name, value: this.#expressions.expression(false), at });
      } else blocks.push(this.#block(name, at));
      this.#endOfLine();
    }
  }

  #takeEquals(): boolean {
    return !this.#scanner.startsWith("==") && this.#scanner.take("=");
  }

  #endOfLine(): void {
    const scanner = this.#scanner;
    scanner.skip(false);
    if (!scanner.isAtEnd && scanner.next !== "\n")
      scanner.fail(`Expected the end of the line, but found ${scanner.found()}`);
  }

  /** Reads a block after its `{`: lines, or on the same line a single argument and `}`. */
  #blockBody(type: string): HclBody {
    const scanner = this.#scanner;
    const open = scanner.position(scanner.at - 1);
    scanner.skip(false);
    if (scanner.isAtEnd || scanner.next === "\n") return this.body(open);
    if (scanner.take("}")) return { attributes: [], blocks: [] };
    const at = scanner.position();
    const name = scanner.identifier(`an argument of the ${type}`);
    scanner.skip(false);
    if (!this.#takeEquals())
      throw new BakeError(
        `Expected "=" after ${name}, but found ${scanner.found()}. A block in the ${type} starts on a line of its own`,
        at,
      );
    const value = this.#expressions.expression(false);
    scanner.skip(false);
    if (scanner.take("}")) return { attributes: [{ name, value, at }], blocks: [] };
    throw new BakeError(
      `A ${type} that starts on the line of "{" has one argument and ends with "}" on this line. Start each argument on a line of its own, below "{"`,
      at,
    );
  }

  #block(type: string, at: BakePosition): HclBlock {
    const scanner = this.#scanner;
    const labels: string[] = [];
    while (!scanner.take("{")) {
      const place = scanner.position();
      if (scanner.next === '"') labels.push(this.#label(place));
      else if (scanner.isIdentifier) labels.push(scanner.identifier("a label"));
      else scanner.fail(`Expected "=", "{" or a label after ${type}, but found ${scanner.found()}`);
      scanner.skip(false);
    }
    return this.#expressions.nested(() => ({ type, labels, body: this.#blockBody(type), at }));
  }

  #label(at: BakePosition): string {
    const label = readQuoted(this.#scanner, this.#expressions);
    if (label.kind !== "literal" || typeof label.value !== "string")
      throw new BakeError("A label cannot contain expressions", at);
    return label.value;
  }
}

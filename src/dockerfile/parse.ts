import { atOnce } from "../streams/turns.ts";
import { skipSpace, trim, trimStart } from "../streams/white-space.ts";
import { argumentReaders } from "./arguments.ts";
import type { Ast, AstNode, AstStatement, EmptyContinuation, HeredocBody, HeredocMark } from "./ast.ts";
import { DirectiveReader, withoutByteOrderMark } from "./directives.ts";
import { ExpandError } from "./expand.ts";
import { Fault } from "./fault.ts";
import { faultError } from "./fault-error.ts";
import { heredocMarks, withoutLeadingTabs } from "./heredoc.ts";
import type { LineRange } from "./instruction.ts";
import { keywordOf } from "./keyword.ts";
import { LineReader, stripContinuation, withoutLineEnd } from "./lines.ts";
import { splitLine } from "./split.ts";

/** Maximum size of a Dockerfile or an ignore file, in bytes. */
export const MAX_DOCKERFILE = 4 << 20;
/** Maximum number of instructions; the longest real Dockerfiles have some hundred. */
export const MAX_INSTRUCTIONS = 20_000;
/** Longest physical line in bytes, without its line feed. */
const MAX_LINE = 65535;
/** ONBUILD must not contain ONBUILD, so deeper triggers are not parsed. */
const MAX_TRIGGER_DEPTH = 2;

const encoder = new TextEncoder();

/**
 * Splits a Dockerfile into instructions without interpreting them: joins continued lines, drops comments, collects
 * here-documents, and separates keyword, flags and arguments.
 * @throws {DockerfileError} for text that cannot be split: invalid directives, an open here-document, a JSON array of
 * anything but strings, ENV without `=`, a text of comments only, and too large input
 */
export function parse(text: string | Uint8Array): Ast {
  return atOnce(parseInPieces(text));
}

/** Like `parse`, but works in pieces: see `inTurns`. */
export function parseInPieces(text: string | Uint8Array): Generator<number, Ast, undefined> {
  return new Parser(decode(text)).parse();
}

/** Cost of a line besides its characters, and cost of a character. */
const LINE = 256;
const CHARACTER = 8;

/** Decodes the text of a Dockerfile. Invalid UTF-8 becomes U+FFFD. Throws when it is too large. */
export function decode(text: string | Uint8Array): string {
  if (text.length > MAX_DOCKERFILE) {
    const fault = new Fault(
      "parse/too-large",
      `dockerfile greater than max allowed size of ${MAX_DOCKERFILE} bytes`,
    );
    throw faultError(fault, { start: 0, end: 0 });
  }
  return typeof text === "string"
    ? text
    : new TextDecoder("utf-8", { fatal: false, ignoreBOM: true }).decode(text);
}

class Parser {
  readonly #lines: LineReader;
  readonly #directives = new DirectiveReader();
  readonly #nodes: AstNode[] = [];
  readonly #warnings: EmptyContinuation[] = [];
  #escape = "\\";
  #comments: string[] = [];

  constructor(text: string) {
    this.#lines = new LineReader(text);
  }

  *parse(): Generator<number, Ast, undefined> {
    for (let line = this.#next(); line !== undefined; line = this.#next()) {
      if (this.#lines.number === 1) line = withoutByteOrderMark(line);
      yield* this.#line(line);
    }
    if (this.#nodes.length === 0) {
      const { number } = this.#lines;
      throw faultError(new Fault("parse/empty", "file with no instructions"), { start: number, end: number });
    }
    return { nodes: this.#nodes, escape: this.#escape, warnings: this.#warnings };
  }

  /**
   * Processes a line between instructions: a directive, a comment, an empty line, or the first line of an instruction.
   */
  *#line(line: string): Generator<number, void, undefined> {
    yield LINE + CHARACTER * line.length;
    const indent = skipSpace(line);
    const content = trimStart(withoutLineEnd(line));
    const isDirective = this.#directive(content);
    if (content.startsWith("#")) {
      if (!isDirective) this.#comment(trim(line.slice(1)));
      return;
    }
    const start = this.#lines.number;
    const beginning = stripContinuation(content, this.#escape);
    if (beginning === undefined && content === "") return;
    const original = beginning === undefined ? content : yield* this.#join(beginning);
    if (original.length > content.length) yield CHARACTER * original.length;
    const heading = { start, end: this.#lines.number };
    const statement = this.#guard(heading, () => readStatement(original, this.#escape));
    const heredocs = yield* this.#heredocs(statement, heading);
    if (this.#nodes.length === MAX_INSTRUCTIONS) {
      const message = `dockerfile has more than ${MAX_INSTRUCTIONS} instructions`;
      throw faultError(new Fault("parse/too-large", message), heading);
    }
    this.#nodes.push({
      ...statement,
      heredocs,
      lines: { start, end: this.#lines.number },
      column: indent + 1,
      firstLineLength: (beginning ?? content).length,
      comments: this.#comments,
    });
    this.#comments = [];
  }

  #directive(content: string): boolean {
    if (this.#directives.isDone) return false;
    const { number } = this.#lines;
    return this.#guard({ start: number, end: number }, () => {
      const directive = this.#directives.read(content);
      if (directive?.name === "escape") {
        const { value } = directive;
        if (value !== "\\" && value !== "`") {
          throw new Fault("parse/directive", `invalid escape token '${value}' does not match \` or \\`);
        }
        this.#escape = value;
      }
      return directive !== undefined;
    });
  }

  #comment(text: string): void {
    if (text === "") this.#comments = [];
    else this.#comments.push(text);
  }

  /** Appends the continuation lines of an instruction. Skips comments, and warns about empty lines. */
  *#join(beginning: string): Generator<number, string, undefined> {
    const parts = [beginning];
    let hasEmptyLine = false;
    for (let line = this.#next(); line !== undefined; line = this.#next()) {
      yield LINE;
      const content = withoutLineEnd(line);
      const first = skipSpace(content);
      if (content[first] === "#") continue;
      if (first === content.length) {
        hasEmptyLine = true;
        continue;
      }
      const part = stripContinuation(content, this.#escape);
      parts.push(part ?? content);
      if (part === undefined) break;
    }
    const original = parts.join("");
    if (hasEmptyLine) this.#warnings.push({ original, line: this.#lines.number });
    return original;
  }

  /** Reads the bodies of an instruction's here-documents. */
  *#heredocs(statement: AstStatement, heading: LineRange): Generator<number, HeredocBody[], undefined> {
    const marks = this.#guard(heading, () => heredocMarksIn(statement));
    const bodies: HeredocBody[] = [];
    for (const mark of marks) bodies.push({ ...mark, content: yield* this.#body(mark, heading.start) });
    return bodies;
  }

  *#body(mark: HeredocMark, start: number): Generator<number, string, undefined> {
    const body: string[] = [];
    for (let line = this.#next(); line !== undefined; line = this.#next()) {
      yield LINE;
      const content = withoutLineEnd(line);
      if ((mark.chomp ? withoutLeadingTabs(content) : content) === mark.name) return body.join("");
      body.push(line);
    }
    const fault = new Fault("parse/unterminated-heredoc", "unterminated heredoc", { word: mark.name });
    throw faultError(fault, { start, end: this.#lines.number });
  }

  #next(): string | undefined {
    const line = this.#lines.next();
    if (line !== undefined && line.length * 3 > MAX_LINE && isTooLong(line)) {
      const { number } = this.#lines;
      const fault = new Fault(
        "parse/line-too-long",
        `dockerfile line greater than max allowed size of ${MAX_LINE}`,
      );
      throw faultError(fault, { start: number, end: number });
    }
    return line;
  }

  /** Adds lines to the faults of an action. */
  #guard<T>(lines: LineRange, action: () => T): T {
    try {
      return action();
    } catch (error) {
      if (error instanceof Fault) throw faultError(error, lines);
      if (error instanceof ExpandError) throw faultError(new Fault("parse/heredoc", error.message), lines);
      throw error;
    }
  }
}

/**
 * Reads an instruction whose lines are joined.
 * @param depth number of ONBUILD around it
 * @throws {Fault} for flags and arguments that cannot be split
 */
export function readStatement(line: string, escapeCharacter: string, depth = 0): AstStatement {
  const { keyword, flags, rest } = splitLine(line, escapeCharacter);
  const kind = keywordOf(keyword);
  const common = { keyword, kind, flags, original: line };
  // An unknown keyword is reported in order, after faults of earlier instructions.
  if (kind === undefined) return { ...common, args: [""], json: false };
  if (kind !== "ONBUILD") return { ...common, ...argumentReaders[kind](rest, escapeCharacter) };
  const statement: AstStatement = { ...common, args: [], json: false };
  if (rest !== "" && depth < MAX_TRIGGER_DEPTH) {
    statement.trigger = readStatement(rest, escapeCharacter, depth + 1);
  }
  return statement;
}

/**
 * The marks of an instruction's here-documents. RUN, COPY and ADD accept them, also after one ONBUILD, unless their
 * arguments are a JSON array.
 * @throws {ExpandError} for an open quote in a mark
 */
export function heredocMarksIn(statement: AstStatement): HeredocMark[] {
  const { kind, json } = statement.trigger ?? statement;
  const canHold = (kind === "RUN" || kind === "COPY" || kind === "ADD") && !json;
  return canHold && statement.original.includes("<<") ? heredocMarks(statement.original) : [];
}

function isTooLong(line: string): boolean {
  const bytes = encoder.encode(line).length;
  return (line.endsWith("\n") ? bytes - 1 : bytes) > MAX_LINE;
}

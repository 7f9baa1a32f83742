import { addWork } from "../streams/turns.ts";
import { ExpandError } from "./expand-error.ts";
import type { ExpandOptions, Expansion, Variables } from "./expansion.ts";
import {
  MAX_PATTERN_WORK,
  type PatternWork,
  removePrefix,
  removeSuffix,
  replaceMatches,
} from "./shell-pattern.ts";
import { readVariableName } from "./variable-name.ts";
import { WordList } from "./word-list.ts";

/** Deepest accepted nesting of `${…}`. */
const MAX_DEPTH = 64;
/** Maximum number of UTF-16 code units that substitutions add to one text: `ENV A=$A$A` doubles it with every line. */
const MAX_SUBSTITUTED = 1 << 20;
/** Cost of expanding a character. */
const CHARACTER = 16;

/** Special characters besides the escape character and the stop character. */
const specialCharacters = "$<'\"";
const missingBrace = "syntax error: missing '}'";

/**
 * Reads a text once, from left to right, replacing references to variables. Substituted text is not read again. Throws
 * an {@link ExpandError} whose message does not name the text yet.
 */
export class WordLexer {
  readonly matched = new Set<string>();
  readonly unmatched = new Set<string>();
  readonly #source: string;
  readonly #variables: Variables;
  readonly #escape: string;
  readonly #quotes: "remove" | "keep" | "literal";
  readonly #keepUnset: boolean;
  #keepEscapes = false;
  #at = 0;
  #depth = 0;
  #substituted = 0;

  constructor(source: string, variables: Variables, escapeCharacter: string, options: ExpandOptions) {
    this.#source = source;
    this.#variables = variables;
    this.#escape = escapeCharacter;
    this.#quotes = options.quotes ?? "remove";
    this.#keepUnset = options.keepUnset ?? false;
    if (source.startsWith("\ufeff")) this.#at = 1;
  }

  /** The next character, or "" at the end. */
  #peek(): string {
    const point = this.#source.codePointAt(this.#at);
    return point === undefined ? "" : String.fromCodePoint(point);
  }

  #next(): string {
    const character = this.#peek();
    this.#at += character.length;
    return character;
  }

  /** Reads up to `stop`, or to the end of the source when it is undefined. */
  read(stop: string | undefined, keepEscapes: boolean): Expansion {
    if (++this.#depth > MAX_DEPTH) {
      throw new ExpandError(`substitutions are nested deeper than ${MAX_DEPTH}`);
    }
    const outer = this.#keepEscapes;
    this.#keepEscapes = keepEscapes;
    const result = this.#readUntil(stop);
    this.#keepEscapes = outer;
    this.#depth--;
    addWork(CHARACTER * result.text.length);
    return result;
  }

  #readUntil(stop: string | undefined): Expansion {
    const list = new WordList();
    let text = "";
    for (let character = this.#peek(); character !== ""; character = this.#peek()) {
      if (character === stop) {
        this.#next();
        list.finish();
        return { text, words: list.words };
      }
      if (character === "$") {
        const value = this.#substitution();
        text += value;
        list.addSplit(value);
      } else if (character === "<") {
        const value = this.#heredocMark();
        text += value;
        list.addWhole(value);
      } else if (this.#quotes !== "literal" && (character === "'" || character === '"')) {
        const value = character === "'" ? this.#singleQuoted() : this.#doubleQuoted();
        text += value;
        list.addWhole(value);
      } else if (character === this.#escape) {
        this.#next();
        if (this.#keepEscapes) {
          text += character;
          list.addWhole(character);
        }
        const escaped = this.#next();
        text += escaped;
        list.addWhole(escaped);
      } else {
        const plain = this.#plain(stop);
        text += plain;
        list.addSplit(plain);
      }
    }
    if (stop !== undefined)
      throw new ExpandError(`unexpected end of statement while looking for matching ${stop}`);
    list.finish();
    return { text, words: list.words };
  }

  /** The characters up to the next special one; the first one is ordinary. */
  #plain(stop: string | undefined): string {
    const start = this.#at;
    this.#next();
    for (; this.#at < this.#source.length; this.#at++) {
      const character = this.#source[this.#at] as string;
      if (specialCharacters.includes(character) || character === this.#escape || character === stop) break;
    }
    return this.#source.slice(start, this.#at);
  }

  /** From `'` to `'`: all characters are literal. */
  #singleQuoted(): string {
    const end = this.#source.indexOf("'", this.#at + 1);
    if (end === -1) {
      this.#at = this.#source.length;
      throw new ExpandError("unexpected end of statement while looking for matching single-quote");
    }
    const text = this.#source.slice(this.#at + 1, end);
    this.#at = end + 1;
    return this.#quotes === "keep" ? `'${text}'` : text;
  }

  /** From `"` to `"`: variables are expanded; only `"`, `$` and the escape character itself can be escaped. */
  #doubleQuoted(): string {
    const mark = this.#quotes === "keep" ? '"' : "";
    this.#next();
    let text = mark;
    for (;;) {
      const character = this.#peek();
      if (character === "") {
        throw new ExpandError("unexpected end of statement while looking for matching double-quote");
      }
      if (character === "$") {
        text += this.#substitution();
        continue;
      }
      this.#next();
      if (character === '"') return text + mark;
      if (character !== this.#escape) {
        text += character;
        continue;
      }
      if (this.#keepEscapes) text += character;
      const escaped = this.#peek();
      if (escaped === '"' || escaped === "$" || escaped === this.#escape) text += this.#next();
      else if (escaped !== "") text += character;
    }
  }

  /** `<<` and the blanks after it belong to the following word, so that `<< EOF` is one word. */
  #heredocMark(): string {
    const start = this.#at++;
    if (this.#source[this.#at] === "<") {
      this.#at++;
      while (/[\t\r ]/.test(this.#source[this.#at] ?? "")) this.#at++;
    }
    return this.#source.slice(start, this.#at);
  }

  /** `$name` or `${…}`; any other `$` is literal. */
  #substitution(): string {
    const value = this.#reference();
    this.#substituted += value.length;
    if (this.#substituted > MAX_SUBSTITUTED) {
      throw new ExpandError(`substitutions make it longer than ${MAX_SUBSTITUTED} characters`);
    }
    return value;
  }

  #reference(): string {
    this.#next();
    if (this.#peek() === "{") {
      this.#next();
      return this.#braced();
    }
    const name = this.#name();
    if (name === "") return "$";
    const value = this.#lookUp(name);
    if (value === undefined && this.#keepUnset) return `$${name}`;
    return value ?? "";
  }

  #braced(): string {
    const first = this.#peek();
    if (first === "") throw new ExpandError(missingBrace);
    if (first === "{" || first === "}" || first === ":")
      throw new ExpandError("syntax error: bad substitution");
    const name = this.#name();
    let operator = this.#nextOperator();
    if (operator === "}") {
      const value = this.#lookUp(name);
      if (value === undefined && this.#keepUnset) return `\${${name}}`;
      return value ?? "";
    }
    if (operator === "/") return this.#replacement(name);
    const written = operator === ":" ? `:${this.#nextOperator()}` : operator;
    const emptyIsUnset = operator === ":";
    if (emptyIsUnset) operator = written.slice(1);
    const trims = operator === "#" || operator === "%";
    // A colon with an unknown modifier still reads its operand first, whose errors are reported before it.
    if (!(emptyIsUnset ? !trims : trims || "+-?".includes(operator))) throw unsupportedError(written);
    const operand = this.#operand("}", trims, missingBrace);

    const value = this.#lookUp(name);
    if (value === undefined && this.#keepUnset) return `\${${name}${written}${operand}}`;
    const given = value !== undefined && !(emptyIsUnset && value === "") ? value : undefined;
    switch (operator) {
      case "-":
        return given ?? operand;
      case "+":
        return given === undefined ? "" : operand;
      case "?": {
        if (given !== undefined) return given;
        const state = value === undefined ? "unset" : "empty";
        throw new ExpandError(`${name}: ${operand === "" ? `is not allowed to be ${state}` : operand}`);
      }
      case "#":
      case "%": {
        const longest = operand.startsWith(operator);
        const pattern = longest ? operand.slice(1) : operand;
        const remove = operator === "#" ? removePrefix : removeSuffix;
        return this.#withPattern(pattern, (work) => remove(value ?? "", pattern, longest, work));
      }
      default:
        throw unsupportedError(written);
    }
  }

  /** `${name/pattern/text}` and `${name//pattern/text}`, after the first slash. */
  #replacement(name: string): string {
    const all = this.#peek() === "/";
    if (all) this.#next();
    const pattern = this.#operand("/", true, `syntax error: missing '/' in \${}`);
    const text = this.#operand("}", true, missingBrace);
    const value = this.#lookUp(name);
    if (value === undefined && this.#keepUnset) return `\${${name}/${pattern}/${text}}`;
    return this.#withPattern(pattern, (work) => replaceMatches(value ?? "", pattern, text, all, work));
  }

  #withPattern(pattern: string, match: (work: PatternWork) => string): string {
    try {
      return match(this.#variables.patternWork ?? { left: MAX_PATTERN_WORK });
    } catch (error) {
      if (!(error instanceof ExpandError)) throw error;
      throw new ExpandError(`invalid pattern (${pattern}) in substitution: ${error.message}`);
    }
  }

  /** The character after a name in braces; the replacement character at the end of the text. */
  #nextOperator(): string {
    const operator = this.#next();
    return operator === "" ? "\ufffd" : operator;
  }

  /** Reads an operand up to `stop`; reports that `stop` is missing rather than another error. */
  #operand(stop: string, keepEscapes: boolean, missing: string): string {
    try {
      return this.read(stop, keepEscapes).text;
    } catch (error) {
      if (error instanceof ExpandError && this.#peek() === "") throw new ExpandError(missing);
      throw error;
    }
  }

  #name(): string {
    const name = readVariableName(this.#source, this.#at);
    this.#at += name.length;
    return name;
  }

  #lookUp(name: string): string | undefined {
    const value = this.#variables.get(name);
    (value === undefined ? this.unmatched : this.matched).add(name);
    return value;
  }
}

function unsupportedError(modifier: string): ExpandError {
  return new ExpandError(`unsupported modifier (${modifier}) in substitution`);
}

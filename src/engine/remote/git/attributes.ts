import { inTurns, spend, type TurnBudget } from "../../../streams/turns.ts";
import { GitError } from "./git-error.ts";
import { compilePathPattern, type PathPattern } from "./path-pattern.ts";

/** Limit of the rules of all files together. */
const MAX_RULES = 100_000;
/** Limit of the work to find the attributes of all files, some seconds, in units of `spend`. */
const MAX_WORK = 2 ** 33;
/** Cost of reading a line, besides its characters, and of comparing a rule with a path. */
const LINE = 512;
const RULE = 64;

/** The line-end conversion of a file: every lone LF becomes CRLF, always or if the file looks like text. */
export type LineEnds = "crlf" | "crlf-if-text";

/** How the contents of a file change when git checks it out. */
export interface Conversion {
  lineEnds: LineEnds | undefined;
  /** Whether `$Id$` becomes `$Id: <id of the blob> $`. */
  hasIdent: boolean;
}

const NONE: Conversion = { lineEnds: undefined, hasIdent: false };

/** Attributes that affect contents; undefined means "unspecified". */
interface Settings {
  text?: string | boolean | undefined;
  crlf?: string | boolean | undefined;
  eol?: string | boolean | undefined;
  ident?: string | boolean | undefined;
}

interface Rule {
  pattern: PathPattern;
  settings: Settings;
}

/** Git's predefined macro `binary`, which means `-diff -merge -text`. */
const BINARY: Settings = { text: false };

/**
 * The attributes of a checkout that affect contents (gitattributes(5), "End-of-line conversion" and "ident"), with git's
 * defaults on Linux. `working-tree-encoding` is not supported; other attributes do not change contents, or need programs.
 */
export class Attributes {
  /** Rules by directory. */
  readonly #rules = new Map<string, Rule[]>();
  readonly #macros = new Map<string, Settings>([["binary", BINARY]]);
  readonly #budget: TurnBudget = {
    left: MAX_WORK,
    exceeded: () =>
      new GitError("git-too-large", "Cannot apply .gitattributes: too many lines for so many files"),
  };
  #count = 0;

  /** Adds a `.gitattributes` file. Call for a directory before its subdirectories. */
  async add(directory: string, text: string): Promise<void> {
    const rules: Rule[] = [];
    for (const line of text.replace(/^\uFEFF/, "").split(/\r?\n/)) {
      const turn = spend(LINE + 16 * line.length);
      if (turn !== undefined) await turn;
      const words = readLine(line);
      if (words === undefined) continue;
      const settings = this.#settings(words.attributes);
      if (words.subject.startsWith("[attr]")) {
        // Macros are valid only in the top-level file.
        if (directory === "") this.#macros.set(words.subject.slice("[attr]".length), settings);
        continue;
      }
      const pattern = Object.keys(settings).length === 0 ? undefined : compilePathPattern(words.subject);
      if (pattern !== undefined) rules.push({ pattern, settings });
    }
    this.#count += rules.length;
    if (this.#count > MAX_RULES)
      throw new GitError("git-too-large", "Cannot read .gitattributes: too many lines");
    if (rules.length > 0) this.#rules.set(directory, rules);
  }

  /** The conversion of a file, by its path in the repository. */
  async conversionOf(path: string): Promise<Conversion> {
    return this.#rules.size === 0 ? NONE : await inTurns(this.#find(path), this.#budget);
  }

  *#find(path: string): Generator<number, Conversion, undefined> {
    const found: Settings = {};
    // A rule in a deeper directory, or later in its file, has precedence.
    for (let at = 0; at >= 0; at = path.indexOf("/", at) + 1) {
      const directory = at === 0 ? "" : path.slice(0, at - 1);
      yield RULE + directory.length;
      for (const { pattern, settings } of this.#rules.get(directory) ?? []) {
        const meter = { work: RULE };
        if (pattern(path.slice(at), meter)) Object.assign(found, settings);
        yield meter.work;
      }
      if (!path.includes("/", at)) break;
    }
    return { lineEnds: lineEndsOf(found), hasIdent: found.ident === true };
  }

  #settings(attributes: readonly string[]): Settings {
    const settings: Settings = {};
    for (const word of attributes) {
      const [, sign = "", name = "", value] = /^([-!]?)([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
      const state = sign === "!" ? undefined : sign === "-" ? false : (value ?? true);
      if (name === "text" || name === "crlf" || name === "eol" || name === "ident") settings[name] = state;
      else if (state === true) Object.assign(settings, this.#macros.get(name));
    }
    return settings;
  }
}

function lineEndsOf({ text: stated, crlf, eol }: Settings): LineEnds | undefined {
  const text = isKnown(stated) ? stated : crlf;
  if (eol !== "crlf" || text === false) return undefined;
  return text === "auto" ? "crlf-if-text" : "crlf";
}

/** Whether a value has a meaning; others are treated as unspecified. */
function isKnown(text: string | boolean | undefined): boolean {
  return typeof text === "boolean" || text === "auto" || text === "input";
}

/**
 * Parses a line: a pattern, quoted if it has spaces, and attributes. Undefined for comments and lines that git ignores.
 */
function readLine(line: string): { subject: string; attributes: string[] } | undefined {
  const text = line.trim();
  if (text === "" || text.startsWith("#")) return undefined;
  let subject: string;
  let rest: string;
  const quoted = /^"((?:[^"\\]|\\.)*)"(?=\s|$)/.exec(text);
  if (quoted !== null) {
    subject = unquote(quoted[1] as string);
    rest = text.slice(quoted[0].length);
  } else {
    subject = /^\S+/.exec(text)?.[0] ?? "";
    rest = text.slice(subject.length);
  }
  const attributes = rest.split(/\s+/).filter((word) => word !== "");
  if (subject.startsWith("!") || attributes.length === 0) return undefined;
  return { subject, attributes };
}

const ESCAPES: Record<string, string> = { n: "\n", t: "\t", r: "\r", a: "\x07", b: "\b", f: "\f", v: "\v" };

/** Removes C-style quoting. */
function unquote(text: string): string {
  return text.replace(/\\([0-3][0-7]{2}|.)/gs, (_, escaped: string) =>
    escaped.length === 3 ? String.fromCharCode(Number.parseInt(escaped, 8)) : (ESCAPES[escaped] ?? escaped),
  );
}

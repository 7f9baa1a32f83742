import { type CharClass, classContains } from "./char-class.ts";
import { compileGlob } from "./glob.ts";
import { badPattern, PatternError } from "./pattern-error.ts";
import { DIRECTORIES, REST, readRegexp } from "./regexp.ts";
import { couldGoOn, type Meter, matchesWhole, type Piece } from "./sequence.ts";

/** The paths that a pattern can match, so that others need not be compared with it. */
type Domain =
  /** Only this path. */
  | { kind: "path"; path: string }
  /** Exactly the paths with this last name. */
  | { kind: "name"; name: string }
  /** Only paths with this number of slashes. */
  | { kind: "depth"; slashes: number }
  | { kind: "any" };

/** A compiled line of an ignore file, without its `!`. */
export interface IgnorePattern {
  readonly of: Domain;
  /** Whether it matches the whole of `path`; parents are not considered. */
  matches(path: string, meter: Meter): boolean;
  /** Whether it could match a longer path that begins with `dir`, which ends in `/`. May return true in vain. */
  couldMatchBelow(dir: string, meter: Meter): boolean;
}

/** Maximum number of pieces of a pattern; real patterns have fewer than ten. */
const MAX_PIECES = 500;

/**
 * Compiles a cleaned pattern with the semantics of moby's patternmatcher. It has four ways to match: three compare
 * plain text, and the fourth uses a regular expression of Go. Expressions that Go rejects are rejected, and also `\Q`
 * and `\p`, which Go accepts.
 * @throws {PatternError} with code `BAD_PATTERN`
 */
export function compileIgnorePattern(pattern: string): IgnorePattern {
  compileGlob(pattern); // moby rejects what `filepath.Match` rejects
  const { source, plain } = translate(pattern);
  switch (plain) {
    case "exact":
      return {
        of: { kind: "path", path: pattern },
        matches: (path) => path === pattern,
        couldMatchBelow: (dir) => pattern.startsWith(dir),
      };
    case "prefix": {
      const prefix = pattern.slice(0, -2);
      return {
        of: { kind: "any" },
        matches: (path) => path.startsWith(prefix),
        couldMatchBelow: (dir) => dir.startsWith(prefix) || prefix.startsWith(dir),
      };
    }
    case "suffix": {
      const suffix = pattern.slice(2);
      const whole = suffix.startsWith("/") ? suffix.slice(1) : undefined;
      return {
        of: whole === undefined || whole.includes("/") ? { kind: "any" } : { kind: "name", name: whole },
        matches: (path) => path.endsWith(suffix) || path === whole,
        couldMatchBelow: () => true,
      };
    }
    default: {
      const pieces = readRegexp(source);
      if (pieces === undefined) throw badPattern(pattern);
      if (pieces.length > MAX_PIECES) {
        const subject = `pattern ${JSON.stringify(`${pattern.slice(0, 100)}…`)}`;
        throw new PatternError("TOO_MANY_WILDCARDS", subject, "it has too many wildcards");
      }
      const [first] = pieces;
      const last = pieces[pieces.length - 1];
      const prefix = first?.kind === "text" ? first.text : "";
      const suffix = last?.kind === "text" ? last.text : "";
      return {
        of: depthOf(pieces),
        matches: (path, meter) =>
          path.startsWith(prefix) && path.endsWith(suffix) && matchesWhole(pieces, path, meter),
        couldMatchBelow: (dir, meter) => couldGoOn(pieces, dir, meter),
      };
    }
  }
}

/** Only `**` and some classes match slashes that the pattern does not contain. */
function depthOf(pieces: readonly Piece[]): Domain {
  let slashes = 0;
  for (const piece of pieces) {
    if (piece.kind === "dirs" || piece.kind === "rest") return { kind: "any" };
    if ("set" in piece && matchesSlash(piece.set)) return { kind: "any" };
    if (piece.kind === "text") slashes += piece.text.split("/").length - 1;
  }
  return { kind: "depth", slashes };
}

const SLASH = 0x2f;

function matchesSlash(set: CharClass): boolean {
  return classContains(set, SLASH);
}

type PlainMatch = "exact" | "prefix" | "suffix";

const ANY = "[^/]";
/** Characters with a meaning in regular expressions, but not in patterns. */
const ESCAPED = /[.+()|{}$]/;

/**
 * The regular expression that moby creates for a pattern, and the plain comparison that replaces it when there are no
 * wildcards. Wildcards within a class are translated too: `[*]` becomes `[[^/]*]`, a class followed by a `]`.
 */
function translate(pattern: string): { source: string; plain: PlainMatch | undefined } {
  let source = "";
  let plain: PlainMatch | undefined = "exact";
  let at = 0;
  while (at < pattern.length) {
    const isFirst = at === 0;
    const char = String.fromCodePoint(pattern.codePointAt(at) as number);
    at += char.length;
    if (char === "*" && pattern[at] === "*") {
      at++;
      if (pattern[at] === "/") at++;
      if (at < pattern.length) {
        source += DIRECTORIES;
        plain = undefined;
      } else if (plain === "exact") {
        plain = "prefix";
      } else {
        source += REST;
        plain = undefined;
      }
      if (isFirst) plain = "suffix";
    } else if (char === "*" || char === "?") {
      source += char === "*" ? `${ANY}*` : ANY;
      plain = undefined;
    } else if (ESCAPED.test(char)) {
      source += `\\${char}`;
    } else if (char === "\\") {
      const escaped = String.fromCodePoint(pattern.codePointAt(at) as number);
      source += `\\${escaped}`;
      at += escaped.length;
      plain = undefined;
    } else {
      source += char;
      if (char === "[" || char === "]") plain = undefined;
    }
  }
  return { source, plain };
}

import { readClass, unitsOf } from "./char-class.ts";
import { anchorEscape, ignoreEscape } from "./escape.ts";
import { compileGlob } from "./glob.ts";
import { badPattern, PatternError } from "./pattern-error.ts";
import { couldGoOn, type Meter, matchesWhole, type Piece } from "./sequence.ts";

/** What a pattern can match, so that it need not be held against other paths. */
export type Domain =
  /** This path alone. */
  | { kind: "path"; path: string }
  /** All paths with this last name, and no others. */
  | { kind: "name"; name: string }
  /** Some of the paths with so many slashes. */
  | { kind: "depth"; slashes: number }
  | { kind: "any" };

/** A line of an ignore file, without its `!`, ready to be held against paths. */
export interface IgnorePattern {
  readonly of: Domain;
  /** Whether it matches the whole of `path`, not a parent of it. */
  matches(path: string, meter: Meter): boolean;
  /** Whether it could match a path that begins with `dir`, which ends in `/`, and is longer. May say yes in vain. */
  couldMatchBelow(dir: string, meter: Meter): boolean;
}

/** Pieces of a pattern; people write fewer than ten. */
const MOST_PIECES = 500;

/**
 * Compiles a cleaned pattern with the meaning of moby's patternmatcher: four ways to match, of which the one
 * for `**` at the start or the end compares plain text, and only the last one knows wildcards. One difference:
 * `*` and `?` in a class are those characters, where moby makes something else of them by accident.
 *
 * @throws PatternError with code `BAD_PATTERN`
 */
export function compileIgnorePattern(pattern: string): IgnorePattern {
  compileGlob(pattern); // moby refuses what `filepath.Match` refuses
  const { pieces, plain } = readPieces(pattern);
  if (pieces.length > MOST_PIECES) {
    const subject = `pattern ${JSON.stringify(`${pattern.slice(0, 100)}…`)}`;
    throw new PatternError("TOO_MANY_WILDCARDS", subject, "it has too many wildcards");
  }
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

/** Only `**` and classes match slashes that are not written. */
function depthOf(pieces: readonly Piece[]): Domain {
  let slashes = 0;
  for (const piece of pieces) {
    if (piece.kind === "dirs" || piece.kind === "rest" || piece.kind === "class") return { kind: "any" };
    if (piece.kind === "text") slashes += piece.text.split("/").length - 1;
  }
  return { kind: "depth", slashes };
}

type PlainMatch = "exact" | "prefix" | "suffix";

/** The pieces, and which plain comparison does when no wildcard asks for more. */
function readPieces(pattern: string): { pieces: Piece[]; plain: PlainMatch | undefined } {
  const pieces: Piece[] = [];
  let plain: PlainMatch | undefined = "exact";
  let at = 0;
  while (at < pattern.length) {
    const isFirst = at === 0;
    const char = pattern[at];
    if (char === "*" && pattern[at + 1] === "*") {
      at += 2;
      if (pattern[at] === "/") at++;
      if (at < pattern.length) {
        pieces.push({ kind: "dirs" });
        plain = undefined;
      } else {
        pieces.push({ kind: "rest" });
        plain = plain === "exact" ? "prefix" : undefined;
      }
      if (isFirst) plain = "suffix";
      continue;
    }
    if (char === "*" || char === "?") {
      pieces.push({ kind: char === "*" ? "star" : "any" });
      plain = undefined;
      at++;
    } else if (char === "[") {
      const read = readClass(pattern, at, ignoreEscape);
      if (read === undefined || read.set.ranges.some(([first, last]) => first > last))
        throw badPattern(pattern);
      pieces.push({ kind: "class", set: read.set });
      plain = undefined;
      at = read.next;
    } else if (char === "\\") {
      at = readBackslash(pattern, at, pieces);
      plain = undefined;
    } else if (char === "^") {
      // moby leaves it unescaped in the regular expression it makes; plain comparisons take it as it is.
      pieces.push({ kind: "anchor", anchor: "start" });
      at++;
    } else {
      if (char === "]") plain = undefined;
      at += addText(pieces, pattern.codePointAt(at) as number);
    }
  }
  return { pieces, plain };
}

/** Position after the escape at `at`. */
function readBackslash(pattern: string, at: number, pieces: Piece[]): number {
  const anchor = anchorEscape(pattern, at);
  if (anchor !== undefined) {
    pieces.push({ kind: "anchor", anchor });
    return at + 2;
  }
  const escaped = ignoreEscape(pattern, at);
  if (escaped === undefined) throw badPattern(pattern);
  const [range] = escaped.ranges;
  if (escaped.ranges.length === 1 && range !== undefined && range[0] === range[1]) addText(pieces, range[0]);
  else pieces.push({ kind: "class", set: { negated: false, ranges: escaped.ranges } });
  return escaped.next;
}

/** Adds a character to the text at the end; gives its UTF-16 length. */
function addText(pieces: Piece[], codePoint: number): number {
  const char = String.fromCodePoint(codePoint);
  const last = pieces[pieces.length - 1];
  if (last?.kind === "text") last.text += char;
  else pieces.push({ kind: "text", text: char });
  return unitsOf(codePoint);
}

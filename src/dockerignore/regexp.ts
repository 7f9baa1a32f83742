import { type CharClass, unitsOf } from "./char-class.ts";
import { readRegexpClass } from "./regexp-class.ts";
import { anchorEscape, readEscape } from "./regexp-escape.ts";
import type { Piece } from "./sequence.ts";

/** moby's expression for `**` before more of a pattern. */
export const DIRECTORIES = "(.*/)?";
/** moby's expression for `**` at the end. */
export const REST = ".*";

/**
 * Parses the subset of Go's regular expressions that moby's ignore patterns can produce: no alternatives, no groups
 * except that of `**`, and repetition only of a class or `.`. Undefined when Go rejects it.
 */
export function readRegexp(source: string): Piece[] | undefined {
  const pieces: Piece[] = [];
  let at = 0;
  while (at < source.length) {
    if (source.startsWith(DIRECTORIES, at)) {
      pieces.push({ kind: "dirs" });
      at += DIRECTORIES.length;
    } else if (source.startsWith(REST, at)) {
      pieces.push({ kind: "rest" });
      at += REST.length;
    } else if (source[at] === "[") {
      const read = readRegexpClass(source, at);
      if (read === undefined) return undefined;
      at = addClass(pieces, read.set, source, read.next);
    } else if (source[at] === "^") {
      pieces.push({ kind: "anchor", anchor: "start" });
      at++;
    } else if (source[at] === "\\") {
      const next = addEscape(pieces, source, at);
      if (next === undefined) return undefined;
      at = next;
    } else {
      const codePoint = source.codePointAt(at) as number;
      addText(pieces, codePoint);
      at += unitsOf(codePoint);
    }
  }
  return pieces;
}

/** Adds a class and an optional `*` at `next`; returns the position after both. */
function addClass(pieces: Piece[], set: CharClass, source: string, next: number): number {
  const isRepeated = source[next] === "*";
  pieces.push({ kind: isRepeated ? "many" : "class", set });
  return isRepeated ? next + 1 : next;
}

/** Position after the escape at `at`; undefined when it is malformed. */
function addEscape(pieces: Piece[], source: string, at: number): number | undefined {
  const anchor = anchorEscape(source, at);
  if (anchor !== undefined) {
    pieces.push({ kind: "anchor", anchor });
    return at + 2;
  }
  const read = readEscape(source, at);
  if (read === undefined) return undefined;
  const [range] = read.ranges;
  if (read.ranges.length === 1 && range !== undefined && range[0] === range[1]) addText(pieces, range[0]);
  else pieces.push({ kind: "class", set: { negated: false, ranges: read.ranges } });
  return read.next;
}

function addText(pieces: Piece[], codePoint: number): void {
  const char = String.fromCodePoint(codePoint);
  const last = pieces[pieces.length - 1];
  if (last?.kind === "text") last.text += char;
  else pieces.push({ kind: "text", text: char });
}

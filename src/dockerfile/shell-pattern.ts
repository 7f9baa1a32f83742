/**
 * Patterns of `${name#pattern}`, `${name%pattern}` and `${name/pattern/text}`: `*` matches any characters, `?` one,
 * neither a line feed; `\` makes the next `*`, `?` or `\` literal. There are no bracket expressions. Matching uses sets
 * of positions rather than a backtracking regular expression, because patterns and values are untrusted.
 */

import { ExpandError } from "./expand-error.ts";

const STAR = -1;
const ANY = -2;
const LINE_FEED = 0x0a;

/** The remaining steps for matching. */
export interface PatternWork {
  left: number;
}

/** Maximum number of steps of all matches of one value together: tens of milliseconds. */
export const MAX_PATTERN_WORK = 4_000_000;

/** A compiled pattern: code points, and negative numbers for the wildcards. */
type Pattern = readonly number[];

function fullBudget(): PatternWork {
  return { left: MAX_PATTERN_WORK };
}

/** The work for one value, within the work for all. */
class Work {
  readonly #shared: PatternWork;
  #left = MAX_PATTERN_WORK;

  constructor(shared: PatternWork) {
    this.#shared = shared;
  }

  /** Returns false when the limit is exceeded. */
  spend(steps: number): boolean {
    this.#left -= steps;
    this.#shared.left -= steps;
    return this.#left >= 0 && this.#shared.left >= 0;
  }
}

function compile(text: string): Pattern {
  const points = codePoints(text);
  const pattern: number[] = [];
  for (let at = 0; at < points.length; at++) {
    const point = points[at] as number;
    if (point === 0x2a) {
      if (pattern.at(-1) !== STAR) pattern.push(STAR);
    } else if (point === 0x3f) {
      pattern.push(ANY);
    } else if (point === 0x5c) {
      const next = points[at + 1];
      // In `\}` and `\/`, the backslash only prevents the end of the pattern and is dropped.
      if (next === 0x7d || next === 0x2f) continue;
      if (next !== 0x2a && next !== 0x3f && next !== 0x5c) {
        const shown = next === undefined ? "\ufffd" : String.fromCodePoint(next);
        throw new ExpandError(`invalid escape '\\${shown}'`);
      }
      pattern.push(next);
      at++;
    } else {
      pattern.push(point);
    }
  }
  return pattern;
}

/** The end of the shortest or the longest match that starts at `start`, or -1. */
function matchAt(
  pattern: Pattern,
  value: readonly number[],
  start: number,
  longest: boolean,
  work: Work,
): number {
  const last = pattern.length;
  // reached[i]: the first i elements of the pattern match value[start..at].
  let reached = new Uint8Array(last + 1);
  let next = new Uint8Array(last + 1);
  reached[0] = 1;
  let end = -1;
  for (let at = start; ; at++) {
    if (!work.spend(last + 1)) throw new ExpandError("matching it takes too long");
    for (let i = 0; i < last; i++) if (reached[i] === 1 && pattern[i] === STAR) reached[i + 1] = 1;
    if (reached[last] === 1) {
      end = at;
      if (!longest) return end;
    }
    if (at === value.length) return end;
    const point = value[at] as number;
    let alive = false;
    next.fill(0);
    for (let i = 0; i < last; i++) {
      if (reached[i] !== 1) continue;
      const element = pattern[i] as number;
      if (element === STAR) {
        if (point === LINE_FEED) continue;
        next[i] = 1;
      } else if (element === ANY) {
        if (point === LINE_FEED) continue;
        next[i + 1] = 1;
      } else {
        if (element !== point) continue;
        next[i + 1] = 1;
      }
      alive = true;
    }
    if (!alive) return end;
    [reached, next] = [next, reached];
  }
}

/** Removes the shortest (or longest) match from the start of a value. */
export function removePrefix(
  value: string,
  pattern: string,
  longest: boolean,
  shared = fullBudget(),
): string {
  const points = codePoints(value);
  const end = matchAt(compile(pattern), points, 0, longest, new Work(shared));
  return end <= 0 ? value : fromPoints(points, end, points.length);
}

/** Removes the shortest (or longest) match from the end of a value. */
export function removeSuffix(
  value: string,
  pattern: string,
  longest: boolean,
  shared = fullBudget(),
): string {
  return reverse(removePrefix(reverse(value), reversePattern(pattern), longest, shared));
}

/** Replaces the first match, or all matches with `all`; leftmost first, each as long as possible. */
export function replaceMatches(
  value: string,
  pattern: string,
  replacement: string,
  all: boolean,
  shared = fullBudget(),
): string {
  const compiled = compile(pattern);
  const points = codePoints(value);
  const work = new Work(shared);
  let result = "";
  let copied = 0;
  let at = 0;
  while (at <= points.length) {
    const end = matchAt(compiled, points, at, true, work);
    if (end === -1) {
      at++;
      continue;
    }
    // An empty match directly after another match does not count.
    if (end > copied || at === 0) {
      result += fromPoints(points, copied, at);
      result += all ? fillTemplate(replacement, () => fromPoints(points, at, end)) : replacement;
      copied = end;
    }
    if (!all) break;
    at = Math.max(end, at + 1);
  }
  return result + fromPoints(points, copied, points.length);
}

/**
 * In the text of a `//` replacement, `$0` is the match and any other `$name` is empty, because BuildKit uses the text
 * as the template of a regular expression. (The text of a single `/` is literal.)
 */
function fillTemplate(template: string, match: () => string): string {
  if (!template.includes("$")) return template;
  return template.replace(
    /\$(?:(\$)|\{([\p{L}\p{Nd}_]+)\}|([\p{L}\p{Nd}_]+))/gu,
    (_, dollar, braced, plain) => {
      if (dollar !== undefined) return "$";
      return (braced ?? plain) === "0" ? match() : "";
    },
  );
}

function codePoints(text: string): number[] {
  return Array.from(text, (character) => character.codePointAt(0) as number);
}

function fromPoints(points: readonly number[], start: number, end: number): string {
  let text = "";
  for (let at = start; at < end; at++) text += String.fromCodePoint(points[at] as number);
  return text;
}

function reverse(text: string): string {
  return Array.from(text).reverse().join("");
}

/** Reverses the elements, keeping each backslash before the character it escapes. */
function reversePattern(pattern: string): string {
  const elements: string[] = [];
  const characters = Array.from(pattern);
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] as string;
    const next = characters[at + 1];
    if (character === "\\" && next !== undefined) {
      elements.push(character + next);
      at++;
    } else {
      elements.push(character);
    }
  }
  return elements.reverse().join("");
}

import type { CharRange, EscapeReader } from "./char-class.ts";

const DIGIT: readonly CharRange[] = [[0x30, 0x39]];
const SPACE: readonly CharRange[] = [
  [0x09, 0x0a],
  [0x0c, 0x0d],
  [0x20, 0x20],
];
const WORD: readonly CharRange[] = [
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
];

const NAMED = new Map<string, readonly CharRange[]>([
  ["a", [[0x07, 0x07]]],
  ["f", [[0x0c, 0x0c]]],
  ["n", [[0x0a, 0x0a]]],
  ["r", [[0x0d, 0x0d]]],
  ["t", [[0x09, 0x09]]],
  ["v", [[0x0b, 0x0b]]],
  ["d", DIGIT],
  ["s", SPACE],
  ["w", WORD],
  ["D", complement(DIGIT)],
  ["S", complement(SPACE)],
  ["W", complement(WORD)],
]);

/**
 * A backslash in an ignore pattern. moby hands it on to Go's regular expressions, so that `\.` is a dot but
 * `\d` is a digit and `\t` a tab, and a letter that means nothing there is an error.
 */
export const ignoreEscape: EscapeReader = (pattern, at) => {
  const char = pattern[at + 1];
  if (char === undefined || char > "\x7f") return undefined;
  const named = NAMED.get(char);
  if (named !== undefined) return { ranges: named, next: at + 2 };
  if (!/[0-9A-Za-z]/.test(char)) {
    const codePoint = char.charCodeAt(0);
    return { ranges: [[codePoint, codePoint]], next: at + 2 };
  }
  const octal = /^(?:0[0-7]{0,2}|[1-7][0-7]{1,2})/.exec(pattern.slice(at + 1, at + 4))?.[0];
  if (octal === undefined) return undefined;
  const codePoint = Number.parseInt(octal, 8);
  return { ranges: [[codePoint, codePoint]], next: at + 1 + octal.length };
};

/** A place that an escape or `^` asks for without taking a character. */
export type Anchor = "start" | "end" | "word edge" | "no word edge";

const ANCHORS = new Map<string, Anchor>([
  ["A", "start"],
  ["z", "end"],
  ["b", "word edge"],
  ["B", "no word edge"],
]);

/** The anchor whose backslash is at `at`, if it is one. */
export function anchorEscape(pattern: string, at: number): Anchor | undefined {
  return ANCHORS.get(pattern[at + 1] ?? "");
}

export function anchorHolds(anchor: Anchor, path: string, at: number): boolean {
  if (anchor === "start") return at === 0;
  if (anchor === "end") return at === path.length;
  const isEdge = isWord(path[at - 1]) !== isWord(path[at]);
  return isEdge === (anchor === "word edge");
}

function isWord(char: string | undefined): boolean {
  return char !== undefined && /[0-9A-Za-z_]/.test(char);
}

function complement(ranges: readonly CharRange[]): CharRange[] {
  const outside: CharRange[] = [];
  let first = 0;
  for (const [low, high] of ranges) {
    if (low > first) outside.push([first, low - 1]);
    first = high + 1;
  }
  outside.push([first, 0x10ffff]);
  return outside;
}

import type { CharRange } from "./char-class.ts";

/** The characters that an escape matches, and the position after it. */
interface Escape {
  ranges: readonly CharRange[];
  next: number;
}

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

const SETS = new Map<string, readonly CharRange[]>([
  ["d", DIGIT],
  ["s", SPACE],
  ["w", WORD],
  ["D", complement(DIGIT)],
  ["S", complement(SPACE)],
  ["W", complement(WORD)],
]);

const CONTROL_CHARACTERS = new Map<string, number>([
  ["a", 0x07],
  ["f", 0x0c],
  ["n", 0x0a],
  ["r", 0x0d],
  ["t", 0x09],
  ["v", 0x0b],
]);

/**
 * Reads the escape whose backslash is at `at`, like Go's regular expressions: `\.` is a dot, `\d` a digit, `\t` a tab,
 * `\101` and `\x41` an A. Undefined for an escape that Go rejects, and for the unsupported `\Q`, `\p` and `\P`.
 */
export function readEscape(source: string, at: number): Escape | undefined {
  const char = source[at + 1] ?? "";
  const set = SETS.get(char);
  if (set !== undefined) return { ranges: set, next: at + 2 };
  const found = readEscapedCharacter(source, at);
  return found && { ranges: [[found.codePoint, found.codePoint]], next: found.next };
}

/** An escape for one character. */
export function readEscapedCharacter(
  source: string,
  at: number,
): { codePoint: number; next: number } | undefined {
  const char = source[at + 1];
  if (char === undefined || char > "\x7f") return undefined;
  const control = CONTROL_CHARACTERS.get(char);
  if (control !== undefined) return { codePoint: control, next: at + 2 };
  if (!/[0-9A-Za-z]/.test(char)) return { codePoint: char.charCodeAt(0), next: at + 2 };
  const octal = /^(?:0[0-7]{0,2}|[1-7][0-7]{1,2})/.exec(source.slice(at + 1, at + 4))?.[0];
  if (octal !== undefined) return { codePoint: Number.parseInt(octal, 8), next: at + 1 + octal.length };
  const hex = /^x([0-9A-Fa-f]{2})/.exec(source.slice(at + 1, at + 4))?.[1];
  return hex === undefined ? undefined : { codePoint: Number.parseInt(hex, 16), next: at + 4 };
}

/** A position that an escape or `^` requires, without matching a character. */
export type Anchor = "start" | "end" | "word edge" | "no word edge";

const ANCHORS = new Map<string, Anchor>([
  ["A", "start"],
  ["z", "end"],
  ["b", "word edge"],
  ["B", "no word edge"],
]);

/** The anchor whose backslash is at `at`, if it is one. */
export function anchorEscape(source: string, at: number): Anchor | undefined {
  return ANCHORS.get(source[at + 1] ?? "");
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

export function complement(ranges: readonly CharRange[]): CharRange[] {
  const outside: CharRange[] = [];
  let first = 0;
  for (const [low, high] of ranges) {
    if (low > first) outside.push([first, low - 1]);
    first = high + 1;
  }
  outside.push([first, 0x10ffff]);
  return outside;
}

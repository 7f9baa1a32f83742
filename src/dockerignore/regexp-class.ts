import { type CharClass, type CharRange, unitsOf } from "./char-class.ts";
import { complement, readEscape, readEscapedCharacter } from "./regexp-escape.ts";

const DIGIT: CharRange = [0x30, 0x39];
const UPPER: CharRange = [0x41, 0x5a];
const LOWER: CharRange = [0x61, 0x7a];

/** POSIX classes by name, with ranges in ascending order. */
const POSIX = new Map<string, readonly CharRange[]>([
  ["alnum", [DIGIT, UPPER, LOWER]],
  ["alpha", [UPPER, LOWER]],
  ["ascii", [[0x00, 0x7f]]],
  ["blank", single(0x09, 0x20)],
  [
    "cntrl",
    [
      [0x00, 0x1f],
      [0x7f, 0x7f],
    ],
  ],
  ["digit", [DIGIT]],
  ["graph", [[0x21, 0x7e]]],
  ["lower", [LOWER]],
  ["print", [[0x20, 0x7e]]],
  [
    "punct",
    [
      [0x21, 0x2f],
      [0x3a, 0x40],
      [0x5b, 0x60],
      [0x7b, 0x7e],
    ],
  ],
  [
    "space",
    [
      [0x09, 0x0d],
      [0x20, 0x20],
    ],
  ],
  ["upper", [UPPER]],
  ["word", [DIGIT, UPPER, [0x5f, 0x5f], LOWER]],
  ["xdigit", [DIGIT, [0x41, 0x46], [0x61, 0x66]]],
]);

/**
 * Reads the class whose `[` is at `at`, by the grammar of Go's regular expressions: `]` is a member when it comes
 * first, `-` anywhere, and `[:alpha:]` is a class within the class. Undefined when it is malformed.
 */
export function readRegexpClass(source: string, at: number): { set: CharClass; next: number } | undefined {
  let next = at + 1;
  const negated = source[next] === "^";
  if (negated) next++;
  const ranges: CharRange[] = [];
  for (let isFirst = true; isFirst || source[next] !== "]"; isFirst = false) {
    const member = readPosixClass(source, next) ?? readSet(source, next) ?? readRange(source, next);
    if (member === undefined || member === "malformed") return undefined;
    ranges.push(...member.ranges);
    next = member.next;
  }
  return { set: { negated, ranges }, next: next + 1 };
}

interface Member {
  ranges: readonly CharRange[];
  next: number;
}

function readPosixClass(source: string, at: number): Member | "malformed" | undefined {
  if (!source.startsWith("[:", at)) return undefined;
  const end = source.indexOf(":]", at + 2);
  if (end < 0) return undefined;
  const name = source.slice(at + 2, end);
  const isNegated = name.startsWith("^");
  const ranges = POSIX.get(isNegated ? name.slice(1) : name);
  if (ranges === undefined) return "malformed";
  return { ranges: isNegated ? complement(ranges) : ranges, next: end + 2 };
}

/** Escapes like `\d`, which cannot begin a range. */
function readSet(source: string, at: number): Member | undefined {
  return source[at] === "\\" && /[dswDSW]/.test(source[at + 1] ?? "") ? readEscape(source, at) : undefined;
}

function readRange(source: string, at: number): Member | undefined {
  const low = readCharacter(source, at);
  if (low === undefined) return undefined;
  const after = source[low.next + 1];
  if (source[low.next] !== "-" || after === undefined || after === "]") {
    return { ranges: [[low.codePoint, low.codePoint]], next: low.next };
  }
  const high = readCharacter(source, low.next + 1);
  if (high === undefined || high.codePoint < low.codePoint) return undefined;
  return { ranges: [[low.codePoint, high.codePoint]], next: high.next };
}

function readCharacter(source: string, at: number): { codePoint: number; next: number } | undefined {
  if (source[at] === "\\") return readEscapedCharacter(source, at);
  const codePoint = source.codePointAt(at);
  return codePoint === undefined ? undefined : { codePoint, next: at + unitsOf(codePoint) };
}

function single(...codePoints: number[]): CharRange[] {
  return codePoints.map((codePoint) => [codePoint, codePoint]);
}

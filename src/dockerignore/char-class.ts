/** First and last code point of a run of characters. */
export type CharRange = readonly [first: number, last: number];

/** `[a-z]` or `[^a-z]` of a pattern. */
export interface CharClass {
  negated: boolean;
  ranges: readonly CharRange[];
}

/** What a backslash and the characters after it stand for: the ranges, and where the text goes on. */
export interface Escape {
  ranges: readonly CharRange[];
  next: number;
}

/** Reads the escape whose backslash is at `at`; undefined when it is malformed. */
export type EscapeReader = (pattern: string, at: number) => Escape | undefined;

export function classContains(set: CharClass, codePoint: number): boolean {
  for (const [first, last] of set.ranges) {
    if (codePoint >= first && codePoint <= last) return !set.negated;
  }
  return set.negated;
}

/** A backslash takes away what is special about the next character, as in Go's `filepath.Match`. */
export const plainEscape: EscapeReader = (pattern, at) => {
  const codePoint = pattern.codePointAt(at + 1);
  if (codePoint === undefined) return undefined;
  return { ranges: [[codePoint, codePoint]], next: at + 1 + unitsOf(codePoint) };
};

/** UTF-16 code units of a code point. */
export function unitsOf(codePoint: number): number {
  return codePoint > 0xffff ? 2 : 1;
}

/**
 * Reads the class whose `[` is at `at`, by the grammar of Go's `filepath.Match`: at least one range, `-` and
 * `]` only when escaped. Undefined when it is malformed.
 */
export function readClass(
  pattern: string,
  at: number,
  readEscape: EscapeReader,
): { set: CharClass; next: number } | undefined {
  let next = at + 1;
  const negated = pattern[next] === "^";
  if (negated) next++;
  const ranges: CharRange[] = [];
  while (pattern[next] !== "]" || ranges.length === 0) {
    const low = readMember(pattern, next, readEscape);
    if (low === undefined) return undefined;
    next = low.next;
    if (pattern[next] !== "-") {
      ranges.push(...low.ranges);
      continue;
    }
    const high = readMember(pattern, next + 1, readEscape);
    const first = onlyChar(low);
    const last = high === undefined ? undefined : onlyChar(high);
    if (high === undefined || first === undefined || last === undefined) return undefined;
    ranges.push([first, last]);
    next = high.next;
  }
  return { set: { negated, ranges }, next: next + 1 };
}

function readMember(pattern: string, at: number, readEscape: EscapeReader): Escape | undefined {
  const char = pattern[at];
  if (char === undefined || char === "-" || char === "]") return undefined;
  if (char === "\\") return readEscape(pattern, at);
  const codePoint = pattern.codePointAt(at) as number;
  return { ranges: [[codePoint, codePoint]], next: at + unitsOf(codePoint) };
}

function onlyChar({ ranges }: Escape): number | undefined {
  const [range] = ranges;
  return ranges.length === 1 && range !== undefined && range[0] === range[1] ? range[0] : undefined;
}

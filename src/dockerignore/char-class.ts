/** First and last code point of a range. */
export type CharRange = readonly [first: number, last: number];

/** A set of characters, or with `negated` all others. */
export interface CharClass {
  negated: boolean;
  ranges: readonly CharRange[];
}

export function classContains(set: CharClass, codePoint: number): boolean {
  for (const [first, last] of set.ranges) {
    if (codePoint >= first && codePoint <= last) return !set.negated;
  }
  return set.negated;
}

/** UTF-16 code units of a code point. */
export function unitsOf(codePoint: number): number {
  return codePoint > 0xffff ? 2 : 1;
}

/**
 * Reads the class whose `[` is at `at`, by the grammar of Go's `filepath.Match`: at least one range; `-` and `]` only
 * escaped. Undefined when it is malformed.
 */
export function readClass(pattern: string, at: number): { set: CharClass; next: number } | undefined {
  let next = at + 1;
  const negated = pattern[next] === "^";
  if (negated) next++;
  const ranges: CharRange[] = [];
  while (pattern[next] !== "]" || ranges.length === 0) {
    const low = readMember(pattern, next);
    if (low === undefined) return undefined;
    next = low.next;
    if (pattern[next] !== "-") {
      ranges.push([low.codePoint, low.codePoint]);
      continue;
    }
    const high = readMember(pattern, next + 1);
    if (high === undefined) return undefined;
    ranges.push([low.codePoint, high.codePoint]);
    next = high.next;
  }
  return { set: { negated, ranges }, next: next + 1 };
}

function readMember(pattern: string, at: number): { codePoint: number; next: number } | undefined {
  const char = pattern[at];
  if (char === "-" || char === "]") return undefined;
  const start = char === "\\" ? at + 1 : at;
  const codePoint = pattern.codePointAt(start);
  return codePoint === undefined ? undefined : { codePoint, next: start + unitsOf(codePoint) };
}

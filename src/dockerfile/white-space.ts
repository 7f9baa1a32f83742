/**
 * A Dockerfile has two definitions of white space: lines are trimmed of all Unicode spaces, but keyword and plain
 * arguments are split only at ASCII blanks (so a no-break space remains in an argument).
 */

/** Whether a UTF-16 code unit has Unicode's White_Space property; unlike in `\s`, U+0085 has it and U+FEFF does not. */
export function isSpace(unit: number): boolean {
  if (unit < 0x80) return unit === 0x20 || (unit >= 0x09 && unit <= 0x0d);
  return (
    unit === 0x85 ||
    unit === 0xa0 ||
    unit === 0x1680 ||
    (unit >= 0x2000 && unit <= 0x200a) ||
    unit === 0x2028 ||
    unit === 0x2029 ||
    unit === 0x202f ||
    unit === 0x205f ||
    unit === 0x3000
  );
}

/** Index of the first code unit at or after `from` that is not a space. */
export function skipSpace(text: string, from = 0): number {
  let at = from;
  while (at < text.length && isSpace(text.charCodeAt(at))) at++;
  return at;
}

/** The text without leading spaces. */
export function trimStart(text: string): string {
  return text.slice(skipSpace(text));
}

/** The text without leading and trailing spaces. */
export function trim(text: string): string {
  let end = text.length;
  while (end > 0 && isSpace(text.charCodeAt(end - 1))) end--;
  return text.slice(skipSpace(text), end);
}

const blanks = /[\t\v\f\r ]+/g;

/** The parts between runs of ASCII blanks, including empty ones at the edges. */
export function splitAtBlanks(text: string): string[] {
  return text.split(blanks);
}

/** The text before the first run of ASCII blanks, and the text after it (`undefined` without a blank). */
export function cutAtBlank(text: string): [head: string, tail: string | undefined] {
  blanks.lastIndex = 0;
  const blank = blanks.exec(text);
  return blank === null
    ? [text, undefined]
    : [text.slice(0, blank.index), text.slice(blank.index + blank[0].length)];
}

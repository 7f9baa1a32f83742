/**
 * Two notions of white space meet in a Dockerfile: lines are trimmed of everything Unicode calls a space, but the
 * keyword and the plain arguments are parted at ASCII blanks only (so a no-break space stays in an argument).
 */

/** True for a UTF-16 code unit that Unicode's White_Space property covers; unlike `\s`, U+0085 is one and U+FEFF is not. */
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

/** Index of the first code unit at or after `from` that is no space. */
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

/** The parts between runs of ASCII blanks; empty ones at the edges are kept. */
export function splitAtBlanks(text: string): string[] {
  return text.split(blanks);
}

/** The text before the first run of ASCII blanks, and what follows it (`undefined` when there is no blank). */
export function cutAtBlank(text: string): [head: string, tail: string | undefined] {
  blanks.lastIndex = 0;
  const blank = blanks.exec(text);
  return blank === null
    ? [text, undefined]
    : [text.slice(0, blank.index), text.slice(blank.index + blank[0].length)];
}

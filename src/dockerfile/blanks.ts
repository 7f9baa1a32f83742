/**
 * Keywords and plain arguments are split at ASCII blanks only, so a no-break space remains in an argument. Lines are trimmed
 * of all white space.
 */
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

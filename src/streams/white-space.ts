/** Whether a UTF-16 code unit has Unicode's White_Space property, as in Go. Unlike in `\s`, U+0085 has it and U+FEFF does not. */
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

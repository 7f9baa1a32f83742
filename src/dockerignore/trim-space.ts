/** Go's `strings.TrimSpace`. Unlike `trim`, it treats U+0085 as white space, and a byte order mark not. */
export function trimSpace(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text[start] as string)) start++;
  while (end > start && isSpace(text[end - 1] as string)) end--;
  return text.slice(start, end);
}

function isSpace(char: string): boolean {
  return char === "\x85" || (char !== "\uFEFF" && /\s/.test(char));
}

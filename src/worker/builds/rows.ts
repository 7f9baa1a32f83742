/** SQLite of Durable Objects takes rows of 2 MB, and a character may take three bytes. */
const rowCharacters = 500_000;

/** A value as JSON, in pieces that fit in a row. */
export function rowsOf(value: unknown): string[] {
  const text = JSON.stringify(value);
  const rows: string[] = [];
  for (let at = 0; at < text.length; ) {
    let end = at + rowCharacters;
    // The two halves of a character beyond U+FFFF stay together: alone they are no text.
    if (/[\uD800-\uDBFF]/.test(text.charAt(end - 1))) end++;
    rows.push(text.slice(at, end));
    at = end;
  }
  return rows;
}

/** The texts of values whose pieces follow each other; part 0 begins a new one. */
export function readRows(rows: Iterable<{ part: number; text: string }>): string[] {
  const texts: string[] = [];
  for (const { part, text } of rows) {
    if (part === 0) texts.push(text);
    else texts.push(`${texts.pop()}${text}`);
  }
  return texts;
}

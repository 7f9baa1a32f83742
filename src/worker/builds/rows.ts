/** Rows of a Durable Object's SQLite are limited to 2 MB, and a character has at most three bytes. */
const MAX_ROW_CHARACTERS = 500_000;

/** Splits the JSON of a value into pieces that fit in a row. */
export function rowsOf(value: unknown): string[] {
  const text = JSON.stringify(value);
  const rows: string[] = [];
  for (let at = 0; at < text.length; ) {
    let end = at + MAX_ROW_CHARACTERS;
    // Do not split a surrogate pair.
    if (/[\uD800-\uDBFF]/.test(text.charAt(end - 1))) end++;
    rows.push(text.slice(at, end));
    at = end;
  }
  return rows;
}

/** Joins the pieces of consecutive values; part 0 begins a value. */
export function readRows(rows: Iterable<{ part: number; text: string }>): string[] {
  const texts: string[] = [];
  for (const { part, text } of rows) {
    if (part === 0) texts.push(text);
    else texts.push(`${texts.pop()}${text}`);
  }
  return texts;
}

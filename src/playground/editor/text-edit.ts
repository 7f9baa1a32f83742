/** An edit of a text: replaces the range from `from` to `to` with `insert`. */
export interface TextEdit {
  from: number;
  to: number;
  insert: string;
}

/** Applies edits that do not overlap. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  let result = text;
  for (const { from, to, insert } of [...edits].sort((a, b) => b.from - a.from)) {
    result = result.slice(0, from) + insert + result.slice(to);
  }
  return result;
}

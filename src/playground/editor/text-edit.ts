/** A change of a text: offsets in it, and what stands there then. */
export interface TextEdit {
  from: number;
  to: number;
  insert: string;
}

/** The text after some edits that do not overlap. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  let result = text;
  for (const { from, to, insert } of [...edits].sort((a, b) => b.from - a.from)) {
    result = result.slice(0, from) + insert + result.slice(to);
  }
  return result;
}

/** Digits, one special parameter of the shell, or letters, digits and `_`. */
const NAME = /\p{Nd}+|[@*#?\-$!]|[A-Za-z0-9_\p{L}\p{Nd}]+/uy;

/** Reads the name of a variable at a position. Empty when there is none. */
export function readVariableName(source: string, at: number): string {
  NAME.lastIndex = at;
  return NAME.exec(source)?.[0] ?? "";
}

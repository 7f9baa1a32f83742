const BOOLS: ReadonlyMap<string, boolean> = new Map([
  ...["1", "t", "T", "TRUE", "true", "True"].map((text) => [text, true] as const),
  ...["0", "f", "F", "FALSE", "false", "False"].map((text) => [text, false] as const),
]);

/** A boolean as Go's `strconv.ParseBool` reads it, with which docker and buildx read them; undefined if it is none. */
export function readGoBool(text: string): boolean | undefined {
  return BOOLS.get(text);
}

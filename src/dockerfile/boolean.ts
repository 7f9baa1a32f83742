/** Parses a boolean like Go's `strconv.ParseBool`, as BuildKit, docker and buildx do; undefined for any other text. */
export function readBoolean(text: string): boolean | undefined {
  if (/^(?:1|t|T|true|TRUE|True)$/.test(text)) return true;
  if (/^(?:0|f|F|false|FALSE|False)$/.test(text)) return false;
  return undefined;
}

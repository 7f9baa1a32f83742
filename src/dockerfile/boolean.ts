/** A truth value in the spellings that Go's `strconv.ParseBool` takes; undefined when it is none. */
export function readBoolean(text: string): boolean | undefined {
  if (/^(?:1|t|T|true|TRUE|True)$/.test(text)) return true;
  if (/^(?:0|f|F|false|FALSE|False)$/.test(text)) return false;
  return undefined;
}

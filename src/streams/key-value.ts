/** Splits `key=value` at the first `=`. Without one, the value is empty. */
export function splitKeyValue(text: string): [key: string, value: string] {
  const equals = text.indexOf("=");
  return equals < 0 ? [text, ""] : [text.slice(0, equals), text.slice(equals + 1)];
}

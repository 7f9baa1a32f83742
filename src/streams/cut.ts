/** The texts before and after the first separator. Without one, the second is undefined. */
export function cut(text: string, separator: string): [before: string, after: string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}

/** Splits `key=value` at the first `=`. Without one, the value is empty. */
export function splitKeyValue(text: string): [key: string, value: string] {
  const [key, value = ""] = cut(text, "=");
  return [key, value];
}

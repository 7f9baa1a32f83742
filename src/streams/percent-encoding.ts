/** Decodes percent-encoded text. Returns it unchanged when an escape is invalid: a lone `%` is a literal character. */
export function decodeOrKeep(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

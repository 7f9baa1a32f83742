/** Invisible characters, and characters that change the direction of text. A name can use them to deceive. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\u2028\u2029]/gu;

/** Shortens the digests of a text to twelve digits. */
export function shortDigests(text: string): string {
  return text.replace(/\b([0-9a-f]{12})[0-9a-f]{52}\b/g, "$1…");
}

/** Escapes invisible characters in a name: `\u{202e}`. */
export function visible(name: string): string {
  return name.replace(UNSEEN, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

/** Characters that are not seen, or that turn the order of those around them: a name may lie with them. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\u2028\u2029]/gu;

/** A name as people should see it: what would not be seen is written as `\u{202e}`. */
export function visible(name: string): string {
  return name.replace(UNSEEN, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

const named: Record<string, string> = {
  "\u0007": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
  "\\": "\\\\",
  '"': '\\"',
};

const special = /["\\]|[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu;

/** Quotes a text like Go's `%q`, escaping everything unprintable: the format of BuildKit's messages and history. */
export function quoteGo(text: string): string {
  return `"${text.replace(special, escapeCharacter)}"`;
}

function escapeCharacter(character: string): string {
  const name = named[character];
  if (name !== undefined) return name;
  const point = character.codePointAt(0) as number;
  if (point < 0x80) return `\\x${point.toString(16).padStart(2, "0")}`;
  // Go prints the replacement character for half of a surrogate pair.
  if (point >= 0xd800 && point <= 0xdfff) return "\ufffd";
  return point > 0xffff
    ? `\\U${point.toString(16).padStart(8, "0")}`
    : `\\u${point.toString(16).padStart(4, "0")}`;
}

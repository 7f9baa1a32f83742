/**
 * Writes JSON like Go, so that equal documents have equal digests: no white space; `<`, `>`, `&` and Unicode's two line
 * separators escaped; invalid text replaced by U+FFFD. An object keeps the order of its keys, and undefined values are
 * omitted; a `Map` is written like Go's maps, sorted by key bytes.
 */
export function writeJson(value: unknown): Uint8Array {
  return new TextEncoder().encode(write(value));
}

function write(value: unknown): string {
  if (typeof value === "string") return writeString(value);
  if (Array.isArray(value)) return `[${value.map(write).join(",")}]`;
  if (value instanceof Map) return writeEntries([...value].sort(([a], [b]) => byteOrder(a, b)));
  if (typeof value === "object" && value !== null) return writeEntries(Object.entries(value));
  return JSON.stringify(value);
}

function writeEntries(entries: readonly [string, unknown][]): string {
  const present = entries.filter(([, value]) => value !== undefined);
  return `{${present.map(([key, value]) => `${writeString(key)}:${write(value)}`).join(",")}}`;
}

function writeString(text: string): string {
  return JSON.stringify(text.toWellFormed()).replace(/[<>&\u2028\u2029]/g, (char) => {
    return `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

/** Compares two texts by their UTF-8 bytes, which equals the order of code points. */
function byteOrder(a: string, b: string): number {
  const left = a[Symbol.iterator]();
  const right = b[Symbol.iterator]();
  for (;;) {
    const x = left.next();
    const y = right.next();
    if (x.done || y.done) return Number(y.done ?? false) - Number(x.done ?? false);
    const difference = (x.value.codePointAt(0) as number) - (y.value.codePointAt(0) as number);
    if (difference !== 0) return difference;
  }
}

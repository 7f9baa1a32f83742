/**
 * JSON as Go writes it, so that equal documents have equal digests: no white space; `<`, `>`, `&` and Unicode's
 * two line separators escaped; what is not UTF-8 replaced by U+FFFD. An object keeps the order of its keys, and
 * those with the value undefined are left out; a `Map` is written as Go writes one, by its keys in byte order.
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

/** The order of two texts by their bytes in UTF-8, which is that of their code points. */
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

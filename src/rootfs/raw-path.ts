import { comparePaths } from "../tar/text.ts";
import type { LineStore } from "./line-store.ts";
import { WHITEOUT } from "./whiteout.ts";

export const QUOTE = 0x22;
export const BACKSLASH = 0x5c;
const SLASH = 0x2f;
/** A line begins with `[["`, followed by the path as JSON. */
export const PATH_START = 3;
/** From the quote that ends a path to the first letter of the type: `","f`. */
const TO_LETTER = 3;
const DIRECTORY = "d".charCodeAt(0);
const HARD_LINK = "h".charCodeAt(0);
const WHITEOUT_BYTES = [...WHITEOUT].map((character) => character.charCodeAt(0));

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The bytes of a path within a line, as JSON. JSON never escapes a slash. */
export interface RawPath {
  bytes: Uint8Array;
  from: number;
  to: number;
  /** Whether it has a backslash, so its bytes differ from the path. */
  escaped: boolean;
}

export function rawPath(lines: LineStore, number: number): RawPath {
  const { bytes, start } = lines.locate(number);
  const from = start + PATH_START;
  let escaped = false;
  let to = from;
  // Only damaged lines reach the end of the bytes.
  for (; bytes[to] !== QUOTE && to < bytes.length; to++) {
    if (bytes[to] !== BACKSLASH) continue;
    escaped = true;
    to++;
  }
  return { bytes, from, to, escaped };
}

/** The decoded path. */
export function pathText({ bytes, from, to, escaped }: RawPath): string {
  if (!escaped) return decoder.decode(bytes.subarray(from, to));
  return JSON.parse(decoder.decode(bytes.subarray(from - 1, to + 1))) as string;
}

/** Compares like `comparePaths`. */
export function compareRawPaths(a: RawPath, b: RawPath): number {
  if (a.escaped || b.escaped) return comparePaths(pathText(a), pathText(b));
  const shorter = Math.min(a.to - a.from, b.to - b.from);
  for (let i = 0; i < shorter; i++) {
    const x = a.bytes[a.from + i] as number;
    const y = b.bytes[b.from + i] as number;
    if (x === y) continue;
    if (x === SLASH) return -1;
    return y === SLASH ? 1 : x - y;
  }
  return a.to - a.from - (b.to - b.from);
}

export function isRawPathBelow(path: RawPath, above: RawPath): boolean {
  const length = above.to - above.from;
  if (length === 0) return path.to > path.from;
  if (path.to - path.from <= length || path.bytes[path.from + length] !== SLASH) return false;
  // From the end, because the ends of paths differ sooner than their beginnings.
  for (let i = length - 1; i >= 0; i--) {
    if (path.bytes[path.from + i] !== above.bytes[above.from + i]) return false;
  }
  return true;
}

/** Whether the name starts with the prefix of whiteouts. */
export function isWhiteout({ bytes, from, to }: RawPath): boolean {
  let name = to;
  while (name > from && bytes[name - 1] !== SLASH) name--;
  return WHITEOUT_BYTES.every((byte, i) => bytes[name + i] === byte);
}

/** Whether the line is that of a directory. */
export function isDirectory({ bytes, to }: RawPath): boolean {
  return bytes[to + TO_LETTER] === DIRECTORY;
}

/** Whether the line is that of a hard link. */
export function isHardLink({ bytes, to }: RawPath): boolean {
  return bytes[to + TO_LETTER] === HARD_LINK;
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** A byte that is not UTF-8 is represented as this plus the byte: U+DC80 to U+DCFF. */
const ESCAPE = 0xdc00;
const SLASH = 0x2f;

/**
 * Decodes a name. Bytes that are not UTF-8 become lone surrogates U+DC80 to U+DCFF (like Python's PEP 383), so that
 * `encodeName` returns the same bytes.
 */
export function decodeName(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    return decodeForeign(bytes);
  }
}

/** Encodes a name. @throws {TypeError} for any other lone surrogate, which `decodeName` never returns */
export function encodeName(name: string): Uint8Array {
  if (name.isWellFormed()) return encoder.encode(name);
  const bytes: number[] = [];
  for (const character of name) {
    const code = character.codePointAt(0) ?? 0;
    if (!isSurrogate(code)) bytes.push(...encoder.encode(character));
    else if (code >= ESCAPE + 0x80 && code <= ESCAPE + 0xff) bytes.push(code - ESCAPE);
    else
      throw new TypeError(`Cannot encode ${JSON.stringify(name)}: U+${code.toString(16)} is not a character`);
  }
  return Uint8Array.from(bytes);
}

/**
 * The order of entries everywhere: byte by byte, with `/` before every other byte. A directory comes before its
 * contents, which are consecutive.
 */
export function comparePaths(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  for (let i = 0; i < shorter; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    if (x === SLASH) return -1;
    if (y === SLASH) return 1;
    // Except for surrogates, code units up to U+FFFF have the order of their bytes.
    if (isSurrogate(x) || isSurrogate(y)) return compareBytes(a, b);
    return x - y;
  }
  return a.length - b.length;
}

function compareBytes(a: string, b: string): number {
  const left = encodeName(a);
  const right = encodeName(b);
  const shorter = Math.min(left.length, right.length);
  for (let i = 0; i < shorter; i++) {
    const x = left[i] as number;
    const y = right[i] as number;
    if (x === y) continue;
    if (x === SLASH) return -1;
    if (y === SLASH) return 1;
    return x - y;
  }
  return left.length - right.length;
}

function isSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdfff;
}

function decodeForeign(bytes: Uint8Array): string {
  let text = "";
  let start = 0;
  let at = 0;
  while (at < bytes.length) {
    const length = sequenceLength(bytes, at);
    if (length > 0) {
      at += length;
      continue;
    }
    text += decoder.decode(bytes.subarray(start, at)) + String.fromCharCode(ESCAPE + (bytes[at] as number));
    at += 1;
    start = at;
  }
  return text + decoder.decode(bytes.subarray(start));
}

/** Length of the well-formed sequence at `at` (Unicode, table 3-7); 0 when there is none. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] as number;
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  const length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (at + length > bytes.length) return 0;
  const lowest = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const highest = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  const second = bytes[at + 1] as number;
  if (second < lowest || second > highest) return 0;
  for (let i = 2; i < length; i++) {
    if (((bytes[at + i] as number) & 0xc0) !== 0x80) return 0;
  }
  return length;
}

/** Whether a text is in ASCII. */
export function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) >= 0x80) return false;
  return true;
}

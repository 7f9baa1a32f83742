/** Maximum number of bytes of a file that are shown. */
export const MAX_SHOWN = 256 * 1024;

/** How a file is displayed. */
type FileContent = { kind: "text"; text: string } | { kind: "bytes" } | { kind: "image"; type: string };

/** Image types that browsers display, with the first bytes of such files. */
const IMAGES: readonly [type: string, magic: readonly number[]][] = [
  ["image/png", [0x89, 0x50, 0x4e, 0x47]],
  ["image/jpeg", [0xff, 0xd8, 0xff]],
  ["image/gif", [0x47, 0x49, 0x46, 0x38]],
  ["image/webp", [0x52, 0x49, 0x46, 0x46]],
  ["image/x-icon", [0x00, 0x00, 0x01, 0x00]],
];

/** Control characters that do not occur in texts. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern matches control characters.
const CONTROL = /[\u0000-\u0008\u000e-\u001a\u001c-\u001f]/;

/**
 * Detects the kind of a file from its first bytes. SVG is shown as text, because it can contain scripts.
 * @param isCut whether the file has more bytes
 */
export function detectContent(bytes: Uint8Array, isCut: boolean): FileContent {
  const image = IMAGES.find(([, magic]) => magic.every((byte, at) => bytes[at] === byte));
  if (image !== undefined) return { kind: "image", type: image[0] };
  try {
    // With `stream`, the last character can be incomplete.
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: isCut });
    return CONTROL.test(text) ? { kind: "bytes" } : { kind: "text", text };
  } catch {
    return { kind: "bytes" };
  }
}

/** Number of bytes in a row of a hex dump. */
const ROW_BYTES = 16;

/** Formats a row of a hex dump: offset, bytes in hexadecimal, and printable characters. */
export function hexRow(bytes: Uint8Array, row: number): { offset: string; hex: string; text: string } {
  const part = bytes.subarray(row * ROW_BYTES, (row + 1) * ROW_BYTES);
  const hex = [...part].map((byte) => byte.toString(16).padStart(2, "0"));
  return {
    offset: (row * ROW_BYTES).toString(16).padStart(8, "0"),
    hex: `${hex.slice(0, 8).join(" ")}  ${hex.slice(8).join(" ")}`.padEnd(ROW_BYTES * 3),
    text: [...part].map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "·")).join(""),
  };
}

export function countHexRows(bytes: Uint8Array): number {
  return Math.ceil(bytes.length / ROW_BYTES);
}

/** Formats type and mode like `ls`: `-rwxr-xr-x`. */
export function modeText(type: string, mode: number): string {
  const letters: Record<string, string> = { dir: "d", symlink: "l", char: "c", block: "b", fifo: "p" };
  const special = [0o4000, 0o2000, 0o1000];
  const triples = [6, 3, 0].map((shift, index) => {
    const bits = (mode >> shift) & 7;
    const isSpecial = (mode & (special[index] as number)) !== 0;
    const letter = index === 2 ? "t" : "s";
    const execute = bits & 1 ? (isSpecial ? letter : "x") : isSpecial ? letter.toUpperCase() : "-";
    return `${bits & 4 ? "r" : "-"}${bits & 2 ? "w" : "-"}${execute}`;
  });
  return `${letters[type] ?? "-"}${triples.join("")}`;
}

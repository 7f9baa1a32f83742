export type Compression = "gzip" | "zstd" | "bzip2" | "xz" | "none";

/** Bytes that `detect` needs, if there are so many. */
export const DETECT_BYTES = 6;

const MAGIC: readonly (readonly [Exclude<Compression, "none">, readonly number[]])[] = [
  ["gzip", [0x1f, 0x8b, 0x08]],
  ["zstd", [0x28, 0xb5, 0x2f, 0xfd]],
  ["bzip2", [0x42, 0x5a, 0x68]],
  ["xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
];

/** Detects the compression by the first bytes, like BuildKit. */
export function detect(first: Uint8Array): Compression {
  for (const [kind, magic] of MAGIC) {
    if (magic.every((byte, i) => first[i] === byte)) return kind;
  }
  return isSkippableFrame(first) ? "zstd" : "none";
}

/** RFC 8878, 3.1.2: a skippable frame may come first. */
function isSkippableFrame(first: Uint8Array): boolean {
  const [a = 0, b, c, d] = first;
  return (a & 0xf0) === 0x50 && b === 0x2a && c === 0x4d && d === 0x18;
}

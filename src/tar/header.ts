import { HeaderError } from "./error.ts";
import { decodeName } from "./text.ts";

/** Bytes of a block, the unit of an archive. */
export const TAR_BLOCK = 512;

/** One 512-byte header, before extended headers are applied. */
export interface Header {
  /** Includes the prefix in formats that have one. */
  name: string;
  linkname: string;
  mode: number;
  uid: number;
  gid: number;
  /** Bytes that follow the header; for a link, the size of the linked file. */
  size: number;
  /** Seconds. */
  mtime: number;
  /** The type flag: one character; NUL in the oldest archives. */
  type: string;
  major: number;
  minor: number;
  format: "v7" | "ustar" | "star" | "gnu";
}

const USTAR = 0x75737461; // "usta"

/**
 * Parses a header. POSIX.1-2017, pax, "ustar Interchange Format"; GNU tar manual, "Basic Tar Format"; star's prefix of
 * 131 bytes.
 * @throws {HeaderError}
 */
export function readHeader(block: Uint8Array): Header {
  checkSum(block);
  const format = formatOf(block);
  const header: Header = {
    name: text(block, 0, 100),
    linkname: text(block, 157, 100),
    mode: number(block, 100, 8, "mode"),
    uid: number(block, 108, 8, "uid"),
    gid: number(block, 116, 8, "gid"),
    size: number(block, 124, 12, "size"),
    mtime: number(block, 136, 12, "mtime"),
    type: String.fromCharCode(block[156] as number),
    major: 0,
    minor: 0,
    format,
  };
  if (format === "v7") return header;
  header.major = number(block, 329, 8, "devmajor");
  header.minor = number(block, 337, 8, "devminor");
  if (format === "gnu" || block[345] === 0) return header;
  header.name = `${text(block, 345, format === "star" ? 131 : 155)}/${header.name}`;
  return header;
}

/** Whether a block is all zeros; two such blocks end an archive. */
export function isZero(block: Uint8Array): boolean {
  for (const byte of block) if (byte !== 0) return false;
  return true;
}

/** Padding after `size` bytes up to the end of the block. */
export function paddingSize(size: number): number {
  return (TAR_BLOCK - (size % TAR_BLOCK)) % TAR_BLOCK;
}

function formatOf(block: Uint8Array): Header["format"] {
  const magic =
    ((block[257] as number) << 24) |
    ((block[258] as number) << 16) |
    ((block[259] as number) << 8) |
    (block[260] as number);
  if (magic !== USTAR || block[261] !== 0x72) return "v7";
  if (block[262] === 0x20) return "gnu";
  const isStar = block[508] === 0x74 && block[509] === 0x61 && block[510] === 0x72 && block[511] === 0;
  return isStar ? "star" : "ustar";
}

/** Verifies the sum of all bytes, with the checksum field read as spaces. Some old writers summed signed bytes. */
function checkSum(block: Uint8Array): void {
  const written = number(block, 148, 8, "checksum");
  const unsigned = sumBytes(block);
  if (written === unsigned) return;
  let negative = 0;
  for (let i = 0; i < TAR_BLOCK; i++) {
    if ((i < 148 || i >= 156) && (block[i] as number) >= 0x80) negative += 256;
  }
  if (written === unsigned - negative) return;
  throw new HeaderError(`header checksum is ${written}, the block sums to ${unsigned}`, "bad-checksum");
}

/** The unsigned checksum of a header block. */
export function sumBytes(block: Uint8Array): number {
  let sum = 8 * 0x20;
  for (let i = 0; i < 148; i++) sum += block[i] as number;
  for (let i = 156; i < TAR_BLOCK; i++) sum += block[i] as number;
  return sum;
}

function text(block: Uint8Array, at: number, length: number): string {
  let end = at;
  const limit = at + length;
  while (end < limit && block[end] !== 0) end++;
  return end === at ? "" : decodeName(block.subarray(at, end));
}

/**
 * Parses a number in octal digits, surrounded by spaces and NULs, or in binary form ("base-256": first bit set,
 * big-endian two's complement). An empty field is 0.
 */
export function number(block: Uint8Array, at: number, length: number, field: string): number {
  if ((block[at] as number) >= 0x80) return binaryNumber(block, at, length, field);
  let i = at;
  let end = at + length;
  while (i < end && isPadding(block[i] as number)) i++;
  while (end > i && isPadding(block[end - 1] as number)) end--;
  let value = 0;
  for (; i < end; i++) {
    const digit = (block[i] as number) - 0x30;
    // Bytes after a NUL are uninitialised memory of the writer.
    if (digit === -0x30) break;
    if (digit < 0 || digit > 7) throw new HeaderError(`${field} is not an octal number`);
    value = value * 8 + digit;
  }
  return value;
}

function isPadding(byte: number): boolean {
  return byte === 0x20 || byte === 0;
}

function binaryNumber(block: Uint8Array, at: number, length: number, field: string): number {
  const first = block[at] as number;
  const isNegative = (first & 0x40) !== 0;
  const invert = isNegative ? 0xff : 0;
  let value = (first ^ invert) & 0x7f;
  for (let i = at + 1; i < at + length; i++) value = value * 256 + ((block[i] as number) ^ invert);
  if (isNegative) value = -value - 1;
  if (!Number.isSafeInteger(value)) throw new HeaderError(`${field} is out of range`);
  return value;
}

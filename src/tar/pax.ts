import { toBase64 } from "../streams/base64.ts";
import { concat } from "../streams/concat.ts";
import { trimEnd } from "../streams/trim-end.ts";
import { addWork } from "../streams/turns.ts";
import { HeaderError } from "./error.ts";
import { decodeName, encodeName } from "./text.ts";

/** Values of one extended header by keyword, as bytes: those of extended attributes are not text. */
export type PaxRecords = Map<string, Uint8Array>;

/** Prefix of the keywords of extended attributes. */
export const XATTR = "SCHILY.xattr.";
/** Maximum number of extended attributes of one file, more than Linux file systems support. */
export const MAX_XATTRS = 1000;
/** Keyword under which the repeated `GNU.sparse.offset` and `GNU.sparse.numbytes` are collected. */
export const SPARSE_MAP = "GNU.sparse.map";

/** Cost of reading or writing a record, and the additional cost of an extended attribute. */
const RECORD = 1024;

const SPACE = 0x20;
const NEWLINE = 0x0a;
const EQUALS = 0x3d;
const COMMA = Uint8Array.of(0x2c);

/**
 * Reads the records of an extended header ("%d %s=%s\n", POSIX.1-2017, pax). Of several records with one keyword, the
 * last counts.
 * @throws {HeaderError} for anything else
 */
export function readPax(bytes: Uint8Array): PaxRecords {
  const records: PaxRecords = new Map();
  const sparseMap: Uint8Array[] = [];
  let at = 0;
  while (at < bytes.length) {
    addWork(RECORD);
    let length = 0;
    let i = at;
    for (; bytes[i] !== SPACE; i++) {
      const digit = (bytes[i] ?? 0) - 0x30;
      if (digit < 0 || digit > 9 || i - at > 9) throw new HeaderError("a record has no length");
      length = length * 10 + digit;
    }
    const end = at + length;
    const equals = bytes.indexOf(EQUALS, i);
    if (end > bytes.length || equals < 0 || equals >= end - 1 || bytes[end - 1] !== NEWLINE) {
      throw new HeaderError("a record has the wrong length");
    }
    const keyword = decodeName(bytes.subarray(i + 1, equals));
    const value = bytes.subarray(equals + 1, end - 1);
    if (keyword === "" || keyword.includes("\0")) throw new HeaderError("a record has no keyword");
    if (keyword === "GNU.sparse.offset" || keyword === "GNU.sparse.numbytes") sparseMap.push(value, COMMA);
    else records.set(keyword, value);
    at = end;
  }
  if (sparseMap.length > 0) records.set(SPARSE_MAP, concat(sparseMap.slice(0, -1)));
  return records;
}

/** Writes records in the given order. */
export function writePax(
  records: Iterable<readonly [keyword: string, value: string | Uint8Array]>,
): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const [keyword, value] of records) {
    addWork(RECORD);
    const name = encodeName(keyword);
    const bytes = typeof value === "string" ? encodeName(value) : value;
    const rest = name.length + bytes.length + 3;
    // The length includes its own digits.
    let length = rest + String(rest).length;
    length = rest + String(length).length;
    parts.push(encodeName(`${length} ${keyword}=`), bytes, Uint8Array.of(NEWLINE));
  }
  return concat(parts);
}

/** Reads a path or link target; undefined when there is none. */
export function paxText(records: PaxRecords, keyword: string): string | undefined {
  const value = records.get(keyword);
  // An empty value cancels that of an earlier header.
  if (value === undefined || value.length === 0) return undefined;
  if (value.includes(0)) throw new HeaderError(`${keyword} contains NUL`);
  return decodeName(value);
}

/** Reads a non-negative integer; undefined when there is none. */
export function paxInteger(records: PaxRecords, keyword: string): number | undefined {
  const value = paxText(records, keyword);
  if (value === undefined) return undefined;
  if (!/^-?\d{1,16}$/.test(value) || !Number.isSafeInteger(Number(value))) {
    throw new HeaderError(`${keyword} is not a number`);
  }
  return Number(value);
}

/** Reads seconds with an optional fraction; undefined when there are none. */
export function paxTime(records: PaxRecords, keyword: string): number | undefined {
  const value = paxText(records, keyword);
  if (value === undefined) return undefined;
  if (!/^-?\d{1,15}(\.\d{0,40})?$/.test(value)) throw new HeaderError(`${keyword} is not a time`);
  return Number(value);
}

/** Reads extended attributes, sorted, with values in base64; undefined when there are none. */
export function paxXattrs(records: PaxRecords): Record<string, string> | undefined {
  const found: [string, string][] = [];
  for (const [keyword, value] of records) {
    if (!keyword.startsWith(XATTR)) continue;
    if (found.length === MAX_XATTRS) throw new HeaderError(`more than ${MAX_XATTRS} extended attributes`);
    addWork(RECORD);
    found.push([keyword.slice(XATTR.length), toBase64(value)]);
  }
  if (found.length === 0) return undefined;
  found.sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(found);
}

/** Formats seconds for pax, to the nanosecond, without trailing zeros. */
export function decimalTime(seconds: number): string {
  const shortest = String(seconds);
  if (/^-?\d+(\.\d{1,9})?$/.test(shortest)) return shortest;
  return trimEnd(trimEnd(seconds.toFixed(9), "0"), ".");
}

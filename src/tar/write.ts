import { fromBase64 } from "../streams/base64.ts";
import { concat } from "../streams/concat.ts";
import type { Entry, EntryType } from "./entry.ts";
import { paddingSize, sumBytes, TAR_BLOCK } from "./header.ts";
import { decimalTime, writePax, XATTR } from "./pax.ts";
import { encodeName, isAscii } from "./text.ts";

/** Largest numbers with 7 and 11 octal digits. */
const MAX_7 = 0o7777777;
const MAX_11 = 0o77777777777;

const TYPE_FLAGS: Readonly<Record<EntryType, number>> = {
  file: 0x30,
  hardlink: 0x31,
  symlink: 0x32,
  char: 0x33,
  block: 0x34,
  dir: 0x35,
  fifo: 0x36,
};
const PAX_FLAG = 0x78;

/** The constant parts of every header: terminating NULs, magic and version, no device. */
const TEMPLATE = template();

/**
 * The header blocks of a member, to be followed by its contents and `padding`. A plain ustar header when it can
 * represent everything, else preceded by a pax header. Deterministic.
 */
export function encodeMember(entry: Entry): Uint8Array {
  const records = paxRecords(entry);
  const header = ustar(entry);
  if (records.length === 0) return header;
  records.sort(([a], [b]) => (a < b ? -1 : 1));
  const body = writePax(records);
  return concat([paxHeader(entry, body.length), body, padding(body.length), header]);
}

/** Zeros that fill the last block of a file of `size` bytes. */
export function padding(size: number): Uint8Array {
  return ZEROS.subarray(0, paddingSize(size));
}

const ZEROS = new Uint8Array(TAR_BLOCK);

/** Two blocks of zeros. */
export const endOfArchive: Uint8Array = new Uint8Array(2 * TAR_BLOCK);

/** The fields that a plain header cannot represent. */
function paxRecords(entry: Entry): [keyword: string, value: string | Uint8Array][] {
  const records: [string, string | Uint8Array][] = [];
  const name = nameOf(entry);
  if (!isAscii(name) || splitAt(name) < 0) records.push(["path", name]);
  const { linkname } = entry;
  if (linkname !== undefined && (linkname.length > 100 || !isAscii(linkname)))
    records.push(["linkpath", linkname]);
  if (entry.size > MAX_11) records.push(["size", String(entry.size)]);
  if (entry.uid > MAX_7) records.push(["uid", String(entry.uid)]);
  if (entry.gid > MAX_7) records.push(["gid", String(entry.gid)]);
  if (!Number.isInteger(entry.mtime) || entry.mtime < 0 || entry.mtime > MAX_11) {
    records.push(["mtime", decimalTime(entry.mtime)]);
  }
  if (entry.device !== undefined && (entry.device.major > MAX_7 || entry.device.minor > MAX_7)) {
    records.push(
      ["SCHILY.devmajor", String(entry.device.major)],
      ["SCHILY.devminor", String(entry.device.minor)],
    );
  }
  if (entry.xattrs !== undefined) {
    for (const [key, value] of Object.entries(entry.xattrs)) records.push([XATTR + key, fromBase64(value)]);
  }
  return records;
}

function ustar(entry: Entry): Uint8Array {
  const block = TEMPLATE.slice();
  const name = nameOf(entry);
  const split = splitAt(name);
  if (split > 0) {
    putText(block, 345, 155, name.slice(0, split));
    putText(block, 0, 100, name.slice(split + 1));
  } else {
    putText(block, 0, 100, name);
  }
  if (entry.linkname !== undefined) putText(block, 157, 100, entry.linkname);
  putOctal(block, 100, 7, entry.mode);
  putOctal(block, 108, 7, entry.uid > MAX_7 ? 0 : entry.uid);
  putOctal(block, 116, 7, entry.gid > MAX_7 ? 0 : entry.gid);
  putOctal(block, 124, 11, entry.size > MAX_11 ? 0 : entry.size);
  putOctal(block, 136, 11, Math.min(Math.max(Math.floor(entry.mtime), 0), MAX_11));
  block[156] = TYPE_FLAGS[entry.type];
  if (entry.device !== undefined) {
    putOctal(block, 329, 7, entry.device.major > MAX_7 ? 0 : entry.device.major);
    putOctal(block, 337, 7, entry.device.minor > MAX_7 ? 0 : entry.device.minor);
  }
  return addChecksum(block);
}

/** The header of the extended header. Readers without pax support unpack a file of this name. */
function paxHeader(entry: Entry, size: number): Uint8Array {
  const block = TEMPLATE.slice();
  const last = entry.path.slice(entry.path.lastIndexOf("/") + 1).replace(/[^ -~]/gu, "_");
  putText(block, 0, 100, `PaxHeaders.0/${last.slice(0, 80)}`);
  putOctal(block, 100, 7, 0o644);
  putOctal(block, 124, 11, size);
  block[156] = PAX_FLAG;
  return addChecksum(block);
}

function template(): Uint8Array {
  const block = new Uint8Array(TAR_BLOCK);
  for (const at of [100, 108, 116, 329, 337]) putOctal(block, at, 7, 0);
  for (const at of [124, 136]) putOctal(block, at, 11, 0);
  putText(block, 257, 8, "ustar\x0000");
  return block;
}

/** Adds the checksum: six digits, NUL, space. */
function addChecksum(block: Uint8Array): Uint8Array {
  putOctal(block, 148, 6, sumBytes(block));
  block[155] = 0x20;
  return block;
}

/** The name with a trailing slash for directories. */
function nameOf(entry: Entry): string {
  if (entry.path === "") return "./";
  return entry.type === "dir" ? `${entry.path}/` : entry.path;
}

/** Position of the slash that splits a name into prefix and name: 0 for a short name, -1 when there is none. */
function splitAt(name: string): number {
  if (name.length <= 100) return 0;
  if (name.length > 256) return -1;
  const slash = name.lastIndexOf("/", Math.min(155, name.length - 2));
  return slash > 0 && name.length - slash - 1 <= 100 ? slash : -1;
}

function putText(block: Uint8Array, at: number, fieldLength: number, text: string): void {
  const length = Math.min(text.length, fieldLength);
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0x80) {
      block.set(encodeName(text).subarray(0, fieldLength), at);
      return;
    }
    block[at + i] = code;
  }
}

function putOctal(block: Uint8Array, at: number, digits: number, value: number): void {
  let rest = value;
  let i = at + digits - 1;
  // Bit operations are limited to 32 bits.
  for (; rest > 0x7fffffff; i--) {
    block[i] = 0x30 + (rest % 8);
    rest = Math.floor(rest / 8);
  }
  for (; i >= at; i--) {
    block[i] = 0x30 | (rest & 7);
    rest >>= 3;
  }
}

import type { Entry, EntryType } from "./entry.ts";
import { HeaderError, TarError } from "./error.ts";
import type { Extensions } from "./extensions.ts";
import type { Header } from "./header.ts";
import { checkLength, type EscapePolicy, entryPath, type NameLimits } from "./path.ts";
import { paxInteger, paxText, paxTime, paxXattrs } from "./pax.ts";

const TYPES: Readonly<Record<string, EntryType>> = {
  "\0": "file",
  "0": "file",
  "1": "hardlink",
  "2": "symlink",
  "3": "char",
  "4": "block",
  "5": "dir",
  "6": "fifo",
  // GNU: sparse file.
  S: "file",
};

/** Linux uses the lowest 32 bits of an owner. */
const IDS = 2 ** 32;
const MAX_DEVICE = 2 ** 32 - 1;

interface NameOptions extends NameLimits {
  escapes: EscapePolicy;
}

/** The name of a member as written. */
export function memberName(header: Header, extensions: Extensions): string {
  const { records } = extensions;
  return extensions.name ?? paxText(records, "GNU.sparse.name") ?? paxText(records, "path") ?? header.name;
}

/**
 * The entry for a header and its extensions. The size is that of the expanded file when it is stated, else the stored
 * size.
 */
export function toEntry(header: Header, extensions: Extensions, name: string, options: NameOptions): Entry {
  const type = typeOf(header, name);
  const { records } = extensions;
  const hasRecords = records.size > 0;
  const path = entryPath(name, options.escapes, options);
  const entry: Entry = {
    path,
    type,
    mode: header.mode & 0o7777,
    uid: id(paxInteger(records, "uid") ?? header.uid),
    gid: id(paxInteger(records, "gid") ?? header.gid),
    mtime: paxTime(records, "mtime") ?? header.mtime,
    size: 0,
  };
  if (path === "" && type !== "dir") throw new TarError("bad-name", name, "only a directory can be the root");
  if (type === "symlink" || type === "hardlink") {
    const target = extensions.linkname ?? paxText(records, "linkpath") ?? header.linkname;
    entry.linkname = linkTarget(type, target, name, options);
  } else if (type === "char" || type === "block") {
    entry.device = {
      major: device(paxInteger(records, "SCHILY.devmajor") ?? header.major),
      minor: device(paxInteger(records, "SCHILY.devminor") ?? header.minor),
    };
  }
  const xattrs = hasRecords ? paxXattrs(records) : undefined;
  if (xattrs !== undefined) entry.xattrs = xattrs;
  return entry;
}

/** Bytes of this member in the archive. Links, devices and directories have none; their size field is ignored. */
export function bodySize(header: Header, extensions: Extensions, type: EntryType): number {
  if (type !== "file") return 0;
  const size = paxInteger(extensions.records, "size") ?? header.size;
  if (size < 0) throw new HeaderError(`a size of ${size} bytes`);
  return size;
}

function typeOf(header: Header, name: string): EntryType {
  // Before tar had a directory type, a trailing slash marked directories.
  if (header.type === "\0" && name.endsWith("/")) return "dir";
  const type = Object.hasOwn(TYPES, header.type) ? TYPES[header.type] : undefined;
  if (type !== undefined) return type;
  throw new TarError("unsupported-type", name, `type ${JSON.stringify(header.type)} is unknown`);
}

function linkTarget(type: EntryType, target: string, name: string, options: NameOptions): string {
  if (target === "") throw new TarError("bad-name", name, "a link without a target");
  if (type === "hardlink") return entryPath(target, options.escapes, options, name);
  // The kernel's limit includes a NUL at the end.
  checkLength(target, options.maxNameBytes - 1, name);
  return target;
}

function id(value: number): number {
  return ((value % IDS) + IDS) % IDS;
}

function device(value: number): number {
  if (value < 0 || value > MAX_DEVICE) throw new HeaderError(`a device number of ${value}`);
  return value;
}

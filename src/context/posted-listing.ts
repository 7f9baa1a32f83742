import { type ListingRest, timedListingLine } from "../rootfs/listing-line.ts";
import type { Node } from "../rootfs/tree.ts";
import { parseJson } from "../streams/json.ts";
import { NO_BYTES } from "../streams/sha256.ts";
import type { EntryType } from "../tar/entry.ts";
import { entryPath, NAME_LIMITS } from "../tar/path.ts";
import { MAX_XATTRS } from "../tar/pax.ts";
import { decodeName, encodeName } from "../tar/text.ts";
import { ListingError } from "./listing-error.ts";

/** An entry of the base that the context does not have, with everything below it. */
interface Removal {
  path: string;
  removed: true;
}

export type ListingItem = Node | Removal;

const MAX_ID = 2 ** 32 - 1;
const MAX_BYTES = 2 ** 40;
const DIGEST = /^sha256:[0-9a-f]{64}$/;
const TYPES = new Set<EntryType>(["file", "dir", "symlink", "hardlink", "char", "block", "fifo"]);
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * Encodes an item as a line: for an entry the line of the canonical listing and the time, for a removal a list with its
 * path.
 */
export function encodeItem(item: ListingItem): string {
  return "removed" in item ? JSON.stringify([item.path]) : timedListingLine(item);
}

/**
 * Parses an untrusted line of a listing and checks that it is a possible entry. `ContextDraft` checks that it fits with
 * the other entries.
 * @throws {ListingError}
 */
export function parseItem(line: string): ListingItem {
  let columns: unknown;
  try {
    columns = parseJson(line);
  } catch (cause) {
    throw new ListingError(line, "it is not JSON", { cause });
  }
  if (!Array.isArray(columns)) throw new ListingError(line, "it is not a list");
  const path = checkPath(columns[0], line);
  if (columns.length === 1) return { path, removed: true };
  return entryOf(path, columns);
}

function entryOf(path: string, columns: readonly unknown[]): Node {
  const wrong = (reason: string) => new ListingError(path, reason);
  const [, type, mode, uid, gid, size, text, rest = {}] = columns;
  if (columns.length < 7 || columns.length > 8) throw wrong(`it has ${columns.length} columns`);
  if (!TYPES.has(type as EntryType)) throw wrong(`its type is ${quoteValue(type)}`);
  if (!isNumber(mode, 0o7777)) throw wrong(`its mode is ${quoteValue(mode)}`);
  if (!isNumber(uid, MAX_ID) || !isNumber(gid, MAX_ID)) throw wrong("its owner is not a 32-bit number");
  if (!isNumber(size, type === "file" ? MAX_BYTES : 0)) throw wrong(`its size is ${quoteValue(size)}`);
  if (typeof text !== "string") throw wrong("its digest or link target is not a text");
  const node: Node = { path, type: type as EntryType, mode, uid, gid, mtime: 0, size };
  switch (node.type) {
    case "file":
      if (!DIGEST.test(text)) throw wrong(`its digest is ${quoteValue(text)}`);
      if ((text === NO_BYTES) !== (size === 0)) throw wrong(`${text} is not the digest of ${size} bytes`);
      node.digest = text;
      break;
    case "symlink":
      node.linkname = checkTarget(text, path);
      break;
    case "hardlink":
      node.linkname = checkPath(text, path);
      break;
    default:
      if (text !== "") throw wrong(`a ${node.type} has no target and no digest`);
  }
  readRest(rest, node);
  return node;
}

function readRest(rest: unknown, node: Node): void {
  const wrong = (reason: string) => new ListingError(node.path, reason);
  if (typeof rest !== "object" || rest === null || Array.isArray(rest))
    throw wrong("its last column is not an object");
  const { device, xattrs, mtime, ...unknown } = rest as ListingRest;
  const [name] = Object.keys(unknown);
  if (name !== undefined) throw wrong(`${quoteValue(name)} is unknown`);
  if (mtime !== undefined) {
    if (typeof mtime !== "number" || Math.abs(mtime) > MAX_BYTES)
      throw wrong(`its time is ${quoteValue(mtime)}`);
    node.mtime = mtime;
  }
  const isDevice = node.type === "char" || node.type === "block";
  if (isDevice !== (device !== undefined)) throw wrong("a device, and nothing else, has device numbers");
  if (device !== undefined) {
    const [major, minor] = Array.isArray(device) ? device : [];
    if (!isNumber(major, MAX_ID) || !isNumber(minor, MAX_ID)) throw wrong("its device numbers are invalid");
    node.device = { major, minor };
  }
  if (xattrs !== undefined) node.xattrs = checkXattrs(xattrs, node.path);
}

function checkXattrs(xattrs: unknown, path: string): Record<string, string> {
  const wrong = (reason: string) => new ListingError(path, reason);
  if (typeof xattrs !== "object" || xattrs === null || Array.isArray(xattrs))
    throw wrong("its attributes are invalid");
  let last = "";
  if (Object.keys(xattrs).length > MAX_XATTRS) throw wrong("it has too many attributes");
  for (const [name, value] of Object.entries(xattrs)) {
    if (name <= last || name.length > 255)
      throw wrong(`attribute ${quoteValue(name)} is out of order or too long`);
    if (typeof value !== "string" || !BASE64.test(value))
      throw wrong(`attribute ${quoteValue(name)} is not in base64`);
    last = name;
  }
  if (last === "") throw wrong("its attributes are invalid");
  return xattrs as Record<string, string>;
}

/** Checks a path: relative, clean, and with valid names. */
function checkPath(path: unknown, entry: string): string {
  if (typeof path !== "string") throw new ListingError(entry, "its path is not a text");
  if (path === "" || path.includes("\0")) throw new ListingError(entry, `its path is ${quoteValue(path)}`);
  checkName(path, entry);
  let clean: string;
  try {
    clean = entryPath(path, "refuse", NAME_LIMITS);
  } catch (cause) {
    throw new ListingError(entry, (cause as Error).message, { cause });
  }
  if (clean !== path) throw new ListingError(entry, `its path ${quoteValue(path)} is not clean`);
  return path;
}

/** Checks the target of a symbolic link, which may be any text. */
function checkTarget(target: string, entry: string): string {
  if (target === "" || target.includes("\0"))
    throw new ListingError(entry, `its target is ${quoteValue(target)}`);
  checkName(target, entry);
  if (target.length > NAME_LIMITS.maxNameBytes) throw new ListingError(entry, "its target is too long");
  return target;
}

/** Checks a name: bytes that are not UTF-8 have exactly one spelling as text. */
function checkName(name: string, entry: string): void {
  if (name.isWellFormed()) return;
  let again: string | undefined;
  try {
    again = decodeName(encodeName(name));
  } catch (cause) {
    throw new ListingError(entry, `${quoteValue(name)} is not a name`, { cause });
  }
  if (again !== name)
    throw new ListingError(entry, `${quoteValue(name)} is another way to write ${quoteValue(again)}`);
}

function isNumber(value: unknown, max: number): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= max;
}

function quoteValue(value: unknown): string {
  return (JSON.stringify(value) ?? "missing").slice(0, 300);
}

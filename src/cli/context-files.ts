import { type BigIntStats, constants, lstatSync, readdirSync, readlinkSync } from "node:fs";
import type { IgnoreMatcher } from "../dockerignore/match.ts";
import type { EntryType } from "../tar/entry.ts";
import { comparePaths, decodeName, encodeName } from "../tar/text.ts";

/** An entry of a folder as it was found, nothing of its contents read. */
export interface FoundEntry {
  /** Entry path, see `Entry`. */
  path: string;
  type: Exclude<EntryType, "char" | "block">;
  /** As it stands in the listing: see `contextMode`. */
  mode: number;
  /** Bytes of a file, else 0. */
  size: number;
  linkname: string | undefined;
  /** Nanoseconds since 1970. */
  mtime: bigint;
  ctime: bigint;
  inode: bigint;
}

/** A folder cannot be read as a context. */
export class FolderError extends Error {
  override name = "FolderError";
}

export interface FolderOptions {
  ignore: IgnoreMatcher;
  /** Bits that this user's new files lack. Default: those of this process. */
  umask?: number;
}

/** What `lstat` calls the kinds of entries that a context can have. */
const TYPES: ReadonlyMap<number, FoundEntry["type"]> = new Map([
  [constants.S_IFREG, "file"],
  [constants.S_IFDIR, "dir"],
  [constants.S_IFLNK, "symlink"],
  [constants.S_IFIFO, "fifo"],
]);
/** What `readdir` puts in the place of bytes that are not UTF-8. */
const REPLACEMENT = "\ufffd";

/**
 * Everything in a folder that the ignore file lets in, in path order. The second and later names of a file are hard
 * links to the first. Sockets and devices are left out; so is what vanishes meanwhile. Throws `FolderError`.
 */
export function findContextFiles(
  folder: string,
  { ignore, umask = process.umask() }: FolderOptions,
): FoundEntry[] {
  const found: FoundEntry[] = [];
  const firstNames = new Map<string, string>();

  function visit(directory: string): void {
    const prefix = directory === "" ? "" : `${directory}/`;
    for (const name of namesIn(folder, directory)) {
      const path = prefix + name;
      const stats = attempt(path, () => lstatSync(placeOf(folder, path), STAT_OPTIONS));
      if (stats === undefined) continue;
      const entry = entryOf(path, stats, umask);
      if (entry === undefined) continue;
      const excluded = ignore.excludes(path);
      if (entry.type === "dir") visitDirectory(entry, excluded);
      else if (!excluded) take(entry, stats);
    }
  }

  /** One that is ignored is there when something below it is not. */
  function visitDirectory(entry: FoundEntry, excluded: boolean): void {
    if (excluded && !ignore.mayContainIncluded(entry.path)) return;
    const before = found.push(entry);
    visit(entry.path);
    if (excluded && found.length === before) found.pop();
  }

  function take(entry: FoundEntry, stats: BigIntStats): void {
    if (entry.type === "symlink") entry.linkname = readTarget(folder, entry.path);
    else if (entry.type === "file" && stats.nlink > 1n) {
      const identity = `${stats.dev}:${stats.ino}`;
      const first = firstNames.get(identity);
      if (first === undefined) firstNames.set(identity, entry.path);
      else Object.assign(entry, { type: "hardlink", size: 0, linkname: first });
    }
    found.push(entry);
  }

  visit("");
  return found;
}

const STAT_OPTIONS = { bigint: true, throwIfNoEntry: false } as const;

/** The name of an entry for the calls of the system. */
export function placeOf(folder: string, path: string): string | Buffer {
  const place = path === "" ? folder : `${folder}/${path}`;
  return path.isWellFormed() ? place : Buffer.from(encodeName(place));
}

/**
 * The mode of an entry in a listing. What a umask took away is given back, so that a checkout is the same context
 * whoever made it; every other mode was chosen by somebody and stays.
 */
export function contextMode(mode: number, type: FoundEntry["type"], umask: number): number {
  if (type === "symlink") return 0o777;
  const permissions = mode & 0o777;
  const special = mode & 0o7000;
  if (permissions === (0o777 & ~umask)) return special | 0o755;
  if (type !== "dir" && permissions === (0o666 & ~umask)) return special | 0o644;
  return mode & 0o7777;
}

function entryOf(path: string, stats: BigIntStats, umask: number): FoundEntry | undefined {
  const raw = Number(stats.mode);
  const type = TYPES.get(raw & constants.S_IFMT);
  if (type === undefined) return undefined;
  return {
    path,
    type,
    mode: contextMode(raw, type, umask),
    size: type === "file" ? Number(stats.size) : 0,
    linkname: undefined,
    mtime: stats.mtimeNs,
    ctime: stats.ctimeNs,
    inode: stats.ino,
  };
}

/** Names in a directory, in byte order. */
function namesIn(folder: string, directory: string): string[] {
  const place = placeOf(folder, directory);
  return attempt(directory, () => {
    const names = readdirSync(place);
    if (names.some((name) => name.includes(REPLACEMENT))) {
      return readdirSync(place, { encoding: "buffer" }).map(decodeName).sort(comparePaths);
    }
    return names.every(isAscii) ? names.sort() : names.sort(comparePaths);
  });
}

function isAscii(name: string): boolean {
  for (let i = 0; i < name.length; i++) if (name.charCodeAt(i) >= 0x80) return false;
  return true;
}

function readTarget(folder: string, path: string): string {
  return attempt(path, () => decodeName(readlinkSync(placeOf(folder, path), { encoding: "buffer" })));
}

function attempt<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw new FolderError(`Cannot read "${path || "."}" of the context: ${(cause as Error).message}`, {
      cause,
    });
  }
}

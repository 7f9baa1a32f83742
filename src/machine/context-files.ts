import { type BigIntStats, constants, lstatSync, readdirSync, readlinkSync } from "node:fs";
import type { PathJudge } from "../context/context-view.ts";
import type { ContextLinks } from "../context/follow-links.ts";
import { isBelow } from "../rootfs/path-parts.ts";
import { fileReason } from "../runner/file-reason.ts";
import type { EntryType } from "../tar/entry.ts";
import { comparePaths, decodeName, encodeName } from "../tar/text.ts";

export interface EntryKind {
  type: Exclude<EntryType, "char" | "block">;
  /** As it stands in the listing: see `contextMode`. */
  mode: number;
}

/** An entry of a folder as it was found, nothing of its contents read. */
export interface FoundEntry extends EntryKind {
  /** Entry path, see `Entry`. */
  path: string;
  /** Bytes of a file, else 0. */
  size: number;
  linkname: string | undefined;
  /** Nanoseconds since 1970. */
  mtime: bigint;
  ctime: bigint;
  inode: bigint;
  /** Number of the first earlier entry that does not come before this one. */
  earlier: number;
}

/** An entry that is as it was, by its number among the earlier ones, or one as it was found now. */
export type Found = number | FoundEntry;

/** A folder cannot be read as a context. */
export class FolderError extends Error {
  override name = "FolderError";
}

/** Entries that a folder had when it was read before, in path order. */
export interface EarlierEntries {
  readonly paths: readonly string[];
  /** The entry is still the very same, so far as times can tell. What a link says is not asked when it is not given. */
  isSame(number: number, kind: EntryKind, stats: BigIntStats, linkname?: string): boolean;
}

export interface FolderOptions {
  /** Selects the entries. */
  judge: PathJudge;
  /** Bits that this user's new files lack. Default: those of this process. */
  umask?: number | undefined;
  /** The entries of an earlier search. */
  earlier?: EarlierEntries | undefined;
  /** The names in an unchanged directory are not read: the selection is the same as in the earlier search. */
  trustsDirectories?: boolean;
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
 * The selected entries of a folder, in path order. The second and later names of a file are hard links to the first.
 * Sockets, devices, and entries that disappear during the search are left out.
 * @throws {FolderError}
 */
export function findContextFiles(folder: string, options: FolderOptions): Found[] {
  const search = new Search(folder, options);
  search.visit("");
  return search.found;
}

class Search {
  readonly found: Found[] = [];
  readonly #folder: string;
  readonly #judge: PathJudge;
  readonly #umask: number;
  readonly #earlier: EarlierEntries | undefined;
  /** Paths of the earlier entries, and the number of the first of them that was not passed by. */
  readonly #paths: readonly string[];
  #next = 0;
  readonly #trustsDirectories: boolean;
  /** Number of the file system. */
  readonly #device: bigint | undefined;
  /** Identity of a file that has several names → the first of them. */
  readonly #firstNames = new Map<string, string>();

  constructor(folder: string, options: FolderOptions) {
    const { judge, umask = process.umask(), earlier, trustsDirectories = false } = options;
    this.#folder = folder;
    this.#judge = judge;
    this.#umask = umask;
    this.#earlier = earlier;
    this.#paths = earlier?.paths ?? [];
    this.#trustsDirectories = trustsDirectories;
    this.#device = statsOf(folder, "")?.dev;
  }

  /** Adds the entries of a directory. */
  visit(directory: string): void {
    const prefix = directory === "" ? "" : `${directory}/`;
    for (const name of namesIn(this.#folder, directory)) {
      const path = prefix + name;
      const verdict = this.#judge(path);
      if (verdict === "drop") continue;
      const stats = statsOf(this.#folder, path);
      const type = stats && typeOf(stats);
      if (stats === undefined || type === undefined) continue;
      this.#passTo(path);
      if (type !== "dir") {
        if (verdict === "keep") this.#take(path, type, stats);
        continue;
      }
      const before = this.found.length + 1;
      this.#visitDirectory(path, stats, verdict === "keep");
      if (verdict === "enter" && this.found.length === before) this.found.pop();
    }
  }

  /** @param isSelected the directory is selected, and with it everything below that the ignore file does not exclude */
  #visitDirectory(path: string, stats: BigIntStats, isSelected: boolean): void {
    const number = this.#next;
    this.#take(path, "dir", stats);
    // The file system of a mounted directory may not change the times of directories.
    const trusts = this.#trustsDirectories && isSelected && stats.dev === this.#device;
    if (trusts && this.found.at(-1) === number) this.#visitAsBefore(path, number);
    else this.visit(path);
  }

  /** Takes what is in a directory that has the same names as before: they follow it among the earlier entries. */
  #visitAsBefore(directory: string, number: number): void {
    this.#next = number + 1;
    for (let path = this.#paths[this.#next]; path !== undefined && isBelow(path, directory); ) {
      const stats = statsOf(this.#folder, path);
      const type = stats && typeOf(stats);
      if (stats !== undefined && type === "dir") this.#visitDirectory(path, stats, true);
      else if (stats !== undefined && type !== undefined) this.#take(path, type, stats);
      const passed = path;
      path = this.#paths[this.#next];
      while (path !== undefined && (path === passed || isBelow(path, passed)))
        path = this.#paths[++this.#next];
    }
  }

  /** Passes by the earlier entries before a path. */
  #passTo(path: string): void {
    const paths = this.#paths;
    while (this.#next < paths.length && comparePaths(paths[this.#next] as string, path) < 0) this.#next++;
  }

  /** The earlier entries before this one were passed by. */
  #take(path: string, type: FoundEntry["type"], stats: BigIntStats): void {
    const number = this.#next;
    const mode = contextMode(Number(stats.mode), type, this.#umask);
    const isThere = this.#paths[number] === path;
    let linkname: string | undefined;
    if (type === "file" && stats.nlink > 1n) linkname = this.#firstName(path, stats);
    const kind: EntryKind = { type: linkname === undefined ? type : "hardlink", mode };
    if (isThere && this.#earlier?.isSame(number, kind, stats, linkname) === true) {
      this.found.push(number);
      return;
    }
    if (type === "symlink") linkname = targetOf(this.#folder, path);
    this.found.push({
      ...kind,
      path,
      size: kind.type === "file" ? Number(stats.size) : 0,
      linkname,
      mtime: stats.mtimeNs,
      ctime: stats.ctimeNs,
      inode: stats.ino,
      earlier: number,
    });
  }

  /** The first name of a file of several names, if this is not it. */
  #firstName(path: string, { dev, ino }: BigIntStats): string | undefined {
    const identity = `${dev}:${ino}`;
    const first = this.#firstNames.get(identity);
    if (first === undefined) this.#firstNames.set(identity, path);
    return first;
  }
}

/** The symbolic links of a folder. */
export function linksIn(folder: string): ContextLinks {
  return {
    target: (path) => (typeAt(folder, path) === "symlink" ? targetOf(folder, path) : undefined),
    names: (directory) => (typeAt(folder, directory) === "dir" ? namesIn(folder, directory) : []),
  };
}

/** Type of the entry at a path; undefined when there is none, as below a file. */
function typeAt(folder: string, path: string): FoundEntry["type"] | undefined {
  try {
    const stats = lstatSync(placeOf(folder, path), STAT_OPTIONS);
    return stats && typeOf(stats);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOTDIR") return undefined;
    throw unreadable(path, error);
  }
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

function typeOf({ mode }: BigIntStats): FoundEntry["type"] | undefined {
  return TYPES.get(Number(mode) & constants.S_IFMT);
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

function statsOf(folder: string, path: string): BigIntStats | undefined {
  return attempt(path, () => lstatSync(placeOf(folder, path), STAT_OPTIONS));
}

function targetOf(folder: string, path: string): string {
  return attempt(path, () => decodeName(readlinkSync(placeOf(folder, path), { encoding: "buffer" })));
}

function attempt<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

/** What to do about a file that its owner alone may read. */
export function accessHint(cause: unknown): string {
  const { code } = cause as NodeJS.ErrnoException;
  return code === "EACCES" ? "; change its permissions, or exclude it in .dockerignore" : "";
}

function unreadable(path: string, cause: unknown): FolderError {
  const message = `Cannot read "${path || "."}" of the context: ${fileReason(cause)}${accessHint(cause)}`;
  return new FolderError(message, { cause });
}

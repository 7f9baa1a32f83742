import { type BigIntStats, constants, lstatSync, readdirSync, readlinkSync } from "node:fs";
import type { IgnoreMatcher } from "../dockerignore/match.ts";
import { isBelow } from "../rootfs/path-parts.ts";
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

/** Entries that a folder had when it was read before, in path order. */
export interface EarlierEntries {
  readonly paths: readonly string[];
  /** The entry is still the very same, so far as times can tell. */
  isSame(number: number, entry: FoundEntry): boolean;
}

export interface FolderOptions {
  ignore: IgnoreMatcher;
  /** Bits that this user's new files lack. Default: those of this process. */
  umask?: number | undefined;
  /** What was found before with the same ignore file: what a directory holds is not asked when it is unchanged. */
  earlier?: EarlierEntries | undefined;
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
export function findContextFiles(folder: string, options: FolderOptions): FoundEntry[] {
  const search = new Search(folder, options);
  search.visit("");
  return search.found;
}

class Search {
  readonly found: FoundEntry[] = [];
  readonly #folder: string;
  readonly #ignore: IgnoreMatcher;
  readonly #umask: number;
  readonly #earlier: EarlierEntries | undefined;
  /** Number of the file system. */
  readonly #device: bigint | undefined;
  /** Identity of a file that has several names → the first of them. */
  readonly #firstNames = new Map<string, string>();

  constructor(folder: string, { ignore, umask = process.umask(), earlier }: FolderOptions) {
    this.#folder = folder;
    this.#ignore = ignore;
    this.#umask = umask;
    this.#earlier = earlier;
    this.#device = statsOf(folder, "")?.dev;
  }

  /** Takes what is in a directory, by asking for its names. */
  visit(directory: string): void {
    const prefix = directory === "" ? "" : `${directory}/`;
    for (const name of namesIn(this.#folder, directory)) {
      const path = prefix + name;
      const excluded = this.#ignore.excludes(path);
      if (excluded && !this.#ignore.mayContainIncluded(path)) continue;
      const stats = statsOf(this.#folder, path);
      if (stats === undefined) continue;
      const entry = entryOf(path, stats, this.#umask);
      if (entry?.type === "dir") this.#visitDirectory(entry, stats, excluded);
      else if (entry !== undefined && !excluded) this.#take(entry, stats);
    }
  }

  /** One that is ignored is there when something below it is not. */
  #visitDirectory(entry: FoundEntry, stats: BigIntStats, excluded: boolean): void {
    const before = this.found.push(entry);
    const number = this.#earlier === undefined ? -1 : indexOfPath(this.#earlier.paths, entry.path);
    if (number >= 0 && this.#isUnchanged(number, entry, stats)) this.#visitAsBefore(entry.path, number);
    else this.visit(entry.path);
    if (excluded && this.found.length === before) this.found.pop();
  }

  /**
   * Takes what is in a directory that has the same names as before: they follow it among the earlier entries. Gives the
   * number of the first entry that is not below it.
   */
  #visitAsBefore(directory: string, number: number): number {
    const { paths } = this.#earlier as EarlierEntries;
    let next = number + 1;
    while (next < paths.length && isBelow(paths[next] as string, directory)) {
      const path = paths[next] as string;
      const stats = statsOf(this.#folder, path);
      const entry = stats && entryOf(path, stats, this.#umask);
      if (entry?.type === "dir" && this.#isUnchanged(next, entry, stats as BigIntStats)) {
        this.found.push(entry);
        next = this.#visitAsBefore(path, next);
        continue;
      }
      if (entry?.type === "dir") {
        this.found.push(entry);
        this.visit(path);
      } else if (entry !== undefined) {
        this.#take(entry, stats as BigIntStats);
      }
      next++;
      while (next < paths.length && isBelow(paths[next] as string, path)) next++;
    }
    return next;
  }

  /** A directory of another file system, which is mounted here, may not tell. */
  #isUnchanged(number: number, entry: FoundEntry, { dev }: BigIntStats): boolean {
    return dev === this.#device && this.#earlier?.isSame(number, entry) === true;
  }

  #take(entry: FoundEntry, stats: BigIntStats): void {
    if (entry.type === "symlink") entry.linkname = targetOf(this.#folder, entry.path);
    else if (entry.type === "file" && stats.nlink > 1n) {
      const identity = `${stats.dev}:${stats.ino}`;
      const first = this.#firstNames.get(identity);
      if (first === undefined) this.#firstNames.set(identity, entry.path);
      else Object.assign(entry, { type: "hardlink", size: 0, linkname: first });
    }
    this.found.push(entry);
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
    throw new FolderError(`Cannot read "${path || "."}" of the context: ${(cause as Error).message}`, {
      cause,
    });
  }
}

/** The number of a path among paths in order, or -1. */
function indexOfPath(paths: readonly string[], path: string): number {
  let low = 0;
  let high = paths.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const order = comparePaths(paths[middle] as string, path);
    if (order === 0) return middle;
    if (order < 0) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

import { type BigIntStats, constants, lstatSync, readdirSync, readlinkSync } from "node:fs";
import type { PathJudge } from "../context/context-view.ts";
import type { ContextLinks } from "../context/follow-links.ts";
import { isBelow } from "../rootfs/path-parts.ts";
import { fileReason } from "../runner/files/file-reason.ts";
import type { EntryType } from "../tar/entry.ts";
import { comparePaths, decodeName, encodeName, isAscii } from "../tar/text.ts";
import { MachineError } from "./machine-error.ts";
import { Pauses } from "./pauses.ts";

export interface EntryKind {
  type: Exclude<EntryType, "char" | "block">;
  /** The mode in the listing: see `contextMode`. */
  mode: number;
}

/** An entry found in a folder; its contents were not read. */
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

/** The number of an unchanged earlier entry, or a new or changed entry. */
type Found = number | FoundEntry;

/** Entries that a folder had in an earlier search, in path order. */
export interface EarlierEntries {
  readonly paths: readonly string[];
  /** Whether the entry is unchanged, as far as timestamps show. The target of a link is compared only when given. */
  isSame(number: number, kind: EntryKind, stats: BigIntStats, linkname?: string): boolean;
}

interface FolderOptions {
  /** Selects the entries. */
  judge: PathJudge;
  /** The user's umask; by default that of this process. */
  umask?: number | undefined;
  /** The entries of an earlier search. */
  earlier?: EarlierEntries | undefined;
  /**
   * Whether names in unchanged directories need not be read, because the selection equals that of the earlier search.
   */
  trustsDirectories?: boolean;
  pauses?: Pauses;
}

/** `lstat`'s types of the entries that a context can have. */
const TYPES: ReadonlyMap<number, FoundEntry["type"]> = new Map([
  [constants.S_IFREG, "file"],
  [constants.S_IFDIR, "dir"],
  [constants.S_IFLNK, "symlink"],
  [constants.S_IFIFO, "fifo"],
]);
/** `readdir` replaces bytes that are not UTF-8 with this. */
const REPLACEMENT = "\ufffd";

/**
 * Finds the selected entries of a folder, in path order. Further names of a file are hard links to the first. Skips
 * sockets, devices, and entries that disappear during the search.
 * @throws {MachineError} when the folder cannot be read
 */
export async function findContextFiles(folder: string, options: FolderOptions): Promise<Found[]> {
  const { pauses = new Pauses() } = options;
  const search = new Search(folder, pauses, options);
  await pauses.run(search.visit(""));
  return search.found;
}

class Search {
  readonly found: Found[] = [];
  readonly #folder: string;
  readonly #judge: PathJudge;
  readonly #umask: number;
  readonly #earlier: EarlierEntries | undefined;
  /** Paths of the earlier entries, and the number of the first unprocessed one. */
  readonly #paths: readonly string[];
  #next = 0;
  readonly #trustsDirectories: boolean;
  readonly #pauses: Pauses;
  /** Device number of the file system. */
  readonly #device: bigint | undefined;
  /** Identity of a file with several names → the first of them. */
  readonly #firstNames = new Map<string, string>();

  constructor(folder: string, pauses: Pauses, options: FolderOptions) {
    const { judge, umask = process.umask(), earlier, trustsDirectories = false } = options;
    this.#folder = folder;
    this.#judge = judge;
    this.#umask = umask;
    this.#earlier = earlier;
    this.#paths = earlier?.paths ?? [];
    this.#trustsDirectories = trustsDirectories;
    this.#pauses = pauses;
    this.#device = statsOf(folder, "")?.dev;
  }

  /** Adds the entries of a directory. */
  *visit(directory: string): Generator<void> {
    const prefix = directory === "" ? "" : `${directory}/`;
    for (const name of namesIn(this.#folder, directory)) {
      if (this.#pauses.isDue) yield;
      const path = prefix + name;
      const verdict = this.#judge(path);
      if (verdict === "drop") continue;
      const stats = statsOf(this.#folder, path);
      const type = stats && typeOf(stats);
      if (stats === undefined || type === undefined) continue;
      this.#passTo(path);
      if (type !== "dir") {
        if (verdict === "keep") this.#addEntry(path, type, stats);
        continue;
      }
      const before = this.found.length + 1;
      yield* this.#visitDirectory(path, stats, verdict === "keep");
      if (verdict === "enter" && this.found.length === before) this.found.pop();
    }
  }

  /**
   * @param isSelected whether the directory is selected, with everything below it that the ignore file does not exclude
   */
  #visitDirectory(path: string, stats: BigIntStats, isSelected: boolean): Generator<void> {
    const number = this.#next;
    this.#addEntry(path, "dir", stats);
    // A mounted file system may not update the times of directories.
    const trusts = this.#trustsDirectories && isSelected && stats.dev === this.#device;
    return trusts && this.found.at(-1) === number ? this.#visitAsBefore(path, number) : this.visit(path);
  }

  /** Adds the entries of a directory with unchanged names, which follow it among the earlier entries. */
  *#visitAsBefore(directory: string, number: number): Generator<void> {
    this.#next = number + 1;
    for (let path = this.#paths[this.#next]; path !== undefined && isBelow(path, directory); ) {
      if (this.#pauses.isDue) yield;
      const stats = statsOf(this.#folder, path);
      const type = stats && typeOf(stats);
      if (stats !== undefined && type === "dir") yield* this.#visitDirectory(path, stats, true);
      else if (stats !== undefined && type !== undefined) this.#addEntry(path, type, stats);
      const passed = path;
      path = this.#paths[this.#next];
      while (path !== undefined && (path === passed || isBelow(path, passed)))
        path = this.#paths[++this.#next];
    }
  }

  /** Skips the earlier entries before a path. */
  #passTo(path: string): void {
    const paths = this.#paths;
    while (this.#next < paths.length && comparePaths(paths[this.#next] as string, path) < 0) this.#next++;
  }

  /** Adds an entry. The earlier entries before it must have been skipped. */
  #addEntry(path: string, type: FoundEntry["type"], stats: BigIntStats): void {
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

  /** The first name of a file with several names, unless this is it. */
  #firstName(path: string, { dev, ino }: BigIntStats): string | undefined {
    const identity = `${dev}:${ino}`;
    const first = this.#firstNames.get(identity);
    if (first === undefined) this.#firstNames.set(identity, path);
    return first;
  }
}

/** Reads the symbolic links of a folder. */
export function linksIn(folder: string): ContextLinks {
  return {
    target: (path) => (typeAt(folder, path) === "symlink" ? targetOf(folder, path) : undefined),
    names: (directory) => (typeAt(folder, directory) === "dir" ? namesIn(folder, directory) : []),
  };
}

/** Type of the entry at a path; undefined when there is none, for example below a file. */
function typeAt(folder: string, path: string): FoundEntry["type"] | undefined {
  try {
    const stats = lstatSync(localPath(folder, path), STAT_OPTIONS);
    return stats && typeOf(stats);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOTDIR") return undefined;
    throw unreadable(path, error);
  }
}

const STAT_OPTIONS = { bigint: true, throwIfNoEntry: false } as const;

/** The name of an entry for system calls. */
export function localPath(folder: string, path: string): string | Buffer {
  const place = path === "" ? folder : `${folder}/${path}`;
  return path.isWellFormed() ? place : Buffer.from(encodeName(place));
}

/**
 * The mode of an entry in a listing. Restores the bits that a umask removes, so that a checkout gives the same context
 * for every user; other modes are kept.
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
  const place = localPath(folder, directory);
  return attempt(directory, () => {
    const names = readdirSync(place);
    if (names.some((name) => name.includes(REPLACEMENT))) {
      return readdirSync(place, { encoding: "buffer" }).map(decodeName).sort(comparePaths);
    }
    return names.every(isAscii) ? names.sort() : names.sort(comparePaths);
  });
}

function statsOf(folder: string, path: string): BigIntStats | undefined {
  return attempt(path, () => lstatSync(localPath(folder, path), STAT_OPTIONS));
}

function targetOf(folder: string, path: string): string {
  return attempt(path, () => decodeName(readlinkSync(localPath(folder, path), { encoding: "buffer" })));
}

function attempt<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

/** A hint for a file that only its owner may read. */
export function accessHint(cause: unknown): string {
  const { code } = cause as NodeJS.ErrnoException;
  return code === "EACCES" ? "; change its permissions, or exclude it in .dockerignore" : "";
}

function unreadable(path: string, cause: unknown): MachineError {
  const message = `Cannot read "${path || "."}" of the context: ${fileReason(cause)}${accessHint(cause)}`;
  return new MachineError(message, { cause });
}

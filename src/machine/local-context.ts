import { closeSync, createReadStream, openSync, readFileSync, readSync, statfsSync } from "node:fs";
import type { SentFile } from "../client/make-packs.ts";
import type { LocalContext } from "../client/upload-context.ts";
import { ListingDigester } from "../context/listing.ts";
import type { ListingItem } from "../context/posted-listing.ts";
import { ignoreMatcher } from "../dockerignore/match.ts";
import { isBelow } from "../rootfs/path-parts.ts";
import type { Node } from "../rootfs/tree.ts";
import { Digester } from "../streams/sha256.ts";
import { comparePaths } from "../tar/text.ts";
import { FolderError, findContextFiles, placeOf } from "./context-files.ts";
import {
  type KnownEntries,
  type KnownEntry,
  type KnownFolder,
  loadStatCache,
  saveStatCache,
} from "./stat-cache.ts";

export interface LocalContextOptions {
  /** Lines of the ignore file, as `readIgnoreFile` gives them. */
  ignore: readonly string[];
  /** File that keeps what is known of this folder between two runs; nothing is kept without one. */
  cache?: string | undefined;
  umask?: number;
  /** Milliseconds since 1970. */
  now?: number;
}

/** What reading a folder took. */
export interface ReadCost {
  entries: number;
  /** Files that had to be read, and their bytes. */
  hashedFiles: number;
  hashedBytes: number;
}

/**
 * Time stamps this much older than now are not given again: the coarsest are those of FAT. A file that was changed since
 * may be changed again and look the same.
 */
const CLOCK_RESOLUTION = 2_000_000_000n;
/** Larger files are streamed. */
const SMALL = 4 * 1024 * 1024;
const READ = 1024 * 1024;
/** Seconds have so many nanoseconds. */
const NANOSECONDS = 1_000_000_000n;

/** A folder of this machine as a context. Reads only files that changed since the last time. Throws `FolderError`. */
export class FolderContext implements LocalContext {
  /** Something is not as it was when the folder was read before; undefined when it was not. */
  readonly isChanged: boolean | undefined;
  readonly changes: LocalContext["changes"];
  readonly cost: ReadCost;
  readonly #folder: string;
  readonly #entries: readonly KnownEntry[];
  #digest: string | undefined;
  /** Keeps what is known of the folder now, when that is worth it. */
  readonly #save: (digest: string) => void;

  constructor(folder: string, { ignore, cache, umask, now = Date.now() }: LocalContextOptions) {
    const known = cache === undefined ? undefined : loadStatCache(cache);
    const earlier = known !== undefined && saysWhatIsThere(known, ignore, folder) ? known.entries : undefined;
    const found = findContextFiles(folder, { ignore: ignoreMatcher(ignore), umask, earlier });
    const { entries, isSame, cost } = readEntries(folder, found as KnownEntry[], known?.entries);
    this.#folder = folder;
    this.#entries = entries;
    this.cost = cost;
    this.isChanged = known && !isSame;
    let changes: ListingItem[] | undefined;
    this.changes = known && {
      base: known.digest,
      items: () => {
        changes ??= [...changesOf(known, entries)];
        return changes;
      },
    };
    const before = BigInt(now) * 1_000_000n - CLOCK_RESOLUTION;
    this.#save = (digest) => {
      if (cache !== undefined && (cost.hashedFiles > 0 || !isSame))
        saveStatCache(cache, { digest, ignore, entries }, before);
    };
    // Of a changed folder it takes a while, and so it waits until somebody asks.
    if (known !== undefined && isSame) {
      this.#digest = known.digest;
      this.#save(known.digest);
    }
  }

  get digest(): string {
    if (this.#digest === undefined) {
      this.#digest = digestOf(this.#entries);
      this.#save(this.#digest);
    }
    return this.#digest;
  }

  *entries(): Generator<Node> {
    for (const entry of this.#entries) yield nodeOf(entry);
  }

  *files(digests: readonly string[]): Generator<SentFile> {
    const wanted = new Set(digests);
    for (const { path, digest, size } of this.#entries) {
      if (digest === undefined || !wanted.delete(digest)) continue;
      yield { path, digest, size, read: () => this.#read(path, size) };
    }
  }

  #read(path: string, size: number): Uint8Array | AsyncIterable<Uint8Array> {
    const place = placeOf(this.#folder, path);
    return size <= SMALL ? readFileSync(place) : createReadStream(place, { highWaterMark: READ });
  }
}

/**
 * Whether an unchanged directory is known to hold what it held: the ignore file hides the same, and hides nothing that
 * something else below it could show; and the file system notes in a directory when names come and go.
 */
function saysWhatIsThere(
  { ignore: before }: KnownFolder,
  ignore: readonly string[],
  folder: string,
): boolean {
  if (before.length !== ignore.length || ignore.some((line, i) => line !== before[i])) return false;
  return !ignore.some((line) => line.startsWith("!")) && datesDirectories.has(statfsSync(folder).type);
}

/** Types of file systems, as Linux numbers them: ext4, xfs, btrfs, tmpfs, overlay. */
const datesDirectories = new Set([0xef53, 0x58465342, 0x9123683e, 0x01021994, 0x794c7630]);

/** Finds the digests of files: where nothing has changed, by what is known. */
function readEntries(folder: string, entries: KnownEntry[], known: KnownEntries | undefined) {
  const cost: ReadCost = { entries: entries.length, hashedFiles: 0, hashedBytes: 0 };
  let isSame = known !== undefined && known.length === entries.length;
  const paths = known?.paths ?? [];
  let number = 0;
  for (const entry of entries) {
    number = skipTo(paths, number, entry.path);
    const isThere = known !== undefined && paths[number] === entry.path;
    if (isThere && known.isSame(number, entry)) {
      if (entry.type === "file") entry.digest = known.digest(number);
      continue;
    }
    if (entry.type === "file") {
      hash(folder, entry);
      cost.hashedFiles++;
      cost.hashedBytes += entry.size;
    }
    isSame &&= isThere && known.isListedAs(number, entry);
  }
  return { entries, isSame, cost };
}

/** The number of the first path from `from` on that does not come before this one. Both sides are in path order. */
function skipTo(paths: readonly string[], from: number, path: string): number {
  let number = from;
  while (number < paths.length && paths[number] !== path && comparePaths(paths[number] as string, path) < 0)
    number++;
  return number;
}

const buffer = Buffer.allocUnsafeSlow(READ);

/** Sets the digest, and the size if it is another one now. */
function hash(folder: string, entry: KnownEntry): void {
  try {
    const digester = new Digester();
    let size = 0;
    const file = openSync(placeOf(folder, entry.path), "r");
    try {
      for (let length = READ; length === READ || size < entry.size; size += length) {
        length = readSync(file, buffer, 0, READ, null);
        if (length === 0) break;
        digester.update(buffer.subarray(0, length));
      }
    } finally {
      closeSync(file);
    }
    entry.digest = digester.digest();
    entry.size = size;
  } catch (cause) {
    throw new FolderError(`Cannot read "${entry.path}" of the context: ${(cause as Error).message}`, {
      cause,
    });
  }
}

function digestOf(entries: readonly KnownEntry[]): string {
  const digester = new ListingDigester();
  for (const entry of entries) digester.add(nodeOf(entry));
  return digester.digest();
}

/** In the listing, everything belongs to root, as when docker sends it. */
function nodeOf({ path, type, mode, size, mtime, digest, linkname }: KnownEntry): Node {
  return {
    path,
    type,
    mode,
    uid: 0,
    gid: 0,
    mtime: Number(mtime / NANOSECONDS),
    size,
    ...(digest !== undefined && { digest }),
    ...(linkname !== undefined && { linkname }),
  };
}

/** What a listing has that is not in the known one or is different there, and what it has no more. */
function* changesOf({ entries: known }: KnownFolder, entries: readonly KnownEntry[]): Generator<ListingItem> {
  const { paths } = known;
  let number = 0;
  let removed: string | undefined;
  const isRemoved = (path: string) => removed !== undefined && isBelow(path, removed);
  for (const entry of entries) {
    for (; number < paths.length; number++) {
      const path = paths[number] as string;
      if (comparePaths(path, entry.path) >= 0) break;
      if (isRemoved(path)) continue;
      removed = path;
      yield { path, removed: true };
    }
    const isThere = paths[number] === entry.path;
    const isListed = isThere && known.isListedAs(number, entry);
    if (isThere) number++;
    if (!isListed) {
      yield nodeOf(entry);
      // What was below a directory goes with it.
      if (entry.type !== "dir") removed = entry.path;
    }
  }
  for (; number < paths.length; number++) {
    const path = paths[number] as string;
    if (isRemoved(path)) continue;
    removed = path;
    yield { path, removed: true };
  }
}

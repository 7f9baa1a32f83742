import { closeSync, createReadStream, openSync, readSync, statfsSync } from "node:fs";
import type { SentFile } from "../client/make-packs.ts";
import type { ListingChanges, LocalContext } from "../client/upload-context.ts";
import { type ContextSelection, pathJudge } from "../context/context-view.ts";
import { followLinks } from "../context/follow-links.ts";
import { ListingDigester } from "../context/listing.ts";
import type { ListingItem } from "../context/posted-listing.ts";
import { formatListingLine } from "../rootfs/listing-line.ts";
import { isBelow } from "../rootfs/path-parts.ts";
import type { Node } from "../rootfs/tree.ts";
import { fileReason } from "../runner/files/file-reason.ts";
import { Digester } from "../streams/sha256.ts";
import { accessHint, findContextFiles, linksIn, localPath } from "./context-files.ts";
import { MachineError } from "./machine-error.ts";
import { Pauses } from "./pauses.ts";
import {
  type FolderSelection,
  type KnownEntries,
  type KnownFolder,
  nodeOf,
  type ReadEntry,
  runsOf,
  saveStatCache,
} from "./stat-cache.ts";

interface LocalContextOptions {
  /** Lines of the ignore file, from `readIgnoreFile`. */
  ignore: readonly string[];
  /** The paths that a build reads, as for `followLinks`; undefined for the whole folder. */
  paths?: readonly string[] | undefined;
  /** The folder as it was last read. */
  known?: KnownFolder | undefined;
  /** File in which `remember` stores the state of the folder for the next run. */
  cache?: string | undefined;
  umask?: number;
  /** Milliseconds since 1970. */
  now?: number;
  /** Ends the reading, with its reason as the error. */
  signal?: AbortSignal | undefined;
}

/** The cost of reading a folder. */
interface ReadCost {
  entries: number;
  /** Number of files that were read, and their bytes. */
  hashedFiles: number;
  hashedBytes: number;
}

/**
 * Timestamps older than this can no longer repeat: the resolution of FAT, the coarsest. A file changed more recently
 * may be changed again without a new timestamp.
 */
const CLOCK_RESOLUTION = 2_000_000_000n;
/** Larger files are streamed. */
const SMALL = 4 * 1024 * 1024;
const READ = 1024 * 1024;

/** The selected part of a local folder as a context. */
export class FolderContext implements LocalContext {
  /** Whether the context differs from that of the last run, if only in times; undefined when unknown. */
  readonly isChanged: boolean | undefined;
  readonly changes: FolderChanges | undefined;
  readonly cost: ReadCost;
  readonly #folder: string;
  readonly #options: LocalContextOptions;
  readonly #selection: FolderSelection;
  readonly #known: KnownEntries | undefined;
  readonly #entries: readonly ReadEntry[];
  #digest: string | undefined;

  /**
   * Reads the files that changed since the last run.
   * @throws {MachineError}
   */
  static async read(folder: string, options: LocalContextOptions): Promise<FolderContext> {
    const { ignore, paths, known, umask, signal } = options;
    const selection = { ignore, paths, include: paths && followLinks(paths, linksIn(folder)) };
    const pauses = new Pauses(signal);
    const entries: ReadEntry[] = await findContextFiles(folder, {
      judge: pathJudge(selection),
      umask,
      earlier: known?.entries,
      trustsDirectories: known !== undefined && areNamesKnown(known, selection, folder),
      pauses,
    });
    const cost: ReadCost = { entries: entries.length, hashedFiles: 0, hashedBytes: 0 };
    await pauses.run(readFiles(folder, entries, cost, pauses));
    return new FolderContext(folder, options, { selection, entries, cost });
  }

  private constructor(
    folder: string,
    options: LocalContextOptions,
    { selection, entries, cost }: { selection: FolderSelection; entries: ReadEntry[]; cost: ReadCost },
  ) {
    const { known } = options;
    this.#folder = folder;
    this.#options = options;
    this.#selection = selection;
    this.#known = known?.entries;
    this.#entries = entries;
    this.cost = cost;
    this.changes = known && changesOf(known, this.#entries);
    this.isChanged = this.changes && this.changes.count > 0;
    // The digest of a changed folder takes time, so it is computed on first use.
    if (this.isChanged === false) this.#digest = known?.digest;
  }

  /** The ignore file and the include patterns. */
  get selection(): ContextSelection {
    return this.#selection;
  }

  get digest(): string {
    this.#digest ??= this.#digestOfAll();
    return this.#digest;
  }

  *entries(): Generator<Node> {
    for (const entry of this.#entries) yield this.#nodeOf(entry);
  }

  *files(digests: readonly string[]): Generator<SentFile> {
    const wanted = new Set(digests);
    for (const entry of this.#holding(wanted)) {
      const { path, digest, size } = this.#nodeOf(entry);
      if (digest === undefined || !wanted.delete(digest)) continue;
      yield { path, digest, size, read: () => this.#read(path, size) };
    }
  }

  /** Stores the state of the folder for the next run, unless it is already stored. */
  remember(): void {
    const { cache, known, now = Date.now() } = this.#options;
    const isKnown = this.isChanged === false && isSame(known?.selection, this.#selection);
    if (cache === undefined || (isKnown && this.cost.hashedFiles === 0)) return;
    const before = BigInt(now) * 1_000_000n - CLOCK_RESOLUTION;
    const { digest } = this;
    saveStatCache(cache, { digest, selection: this.#selection, entries: this.#entries }, this.#known, before);
  }

  #nodeOf(entry: ReadEntry): Node {
    return typeof entry === "number" ? (this.#known as KnownEntries).node(entry) : nodeOf(entry);
  }

  #digestOfAll(): string {
    const digester = new ListingDigester();
    for (const run of runsOf(this.#entries)) {
      if ("path" in run) digester.add(nodeOf(run));
      else digester.addLines((this.#known as KnownEntries).lines(run.from, run.to));
    }
    return digester.digest();
  }

  /** Entries that include these digests: usually the changed ones. */
  #holding(digests: ReadonlySet<string>): readonly ReadEntry[] {
    const read = this.#entries.filter((entry) => typeof entry !== "number");
    const found = new Set(read.map(({ digest }) => digest));
    return [...digests].every((digest) => found.has(digest)) ? read : this.#entries;
  }

  #read(path: string, size: number): Uint8Array | AsyncIterable<Uint8Array> {
    const place = localPath(this.#folder, path);
    return size <= SMALL ? readSmall(place, size) : createReadStream(place, { highWaterMark: READ });
  }
}

/**
 * Whether an unchanged directory implies unchanged names: the selection is the same, no exception can include something
 * below an ignored directory, and the file system updates the times of directories.
 */
function areNamesKnown(
  { selection: before }: KnownFolder,
  selection: FolderSelection,
  folder: string,
): boolean {
  if (!isSame(before, selection)) return false;
  const { ignore } = selection;
  return !ignore.some((line) => line.startsWith("!")) && datesDirectories.has(statfsSync(folder).type);
}

function isSame(before: FolderSelection | undefined, now: FolderSelection): boolean {
  const textOf = ({ ignore, paths, include }: FolderSelection) => JSON.stringify([ignore, paths, include]);
  return before !== undefined && textOf(before) === textOf(now);
}

/** Linux's numbers of file system types: ext4, xfs, btrfs, tmpfs, overlay. */
const datesDirectories = new Set([0xef53, 0x58465342, 0x9123683e, 0x01021994, 0x794c7630]);

/** Computes the digests of changed files. */
function* readFiles(
  folder: string,
  entries: readonly ReadEntry[],
  cost: ReadCost,
  pauses: Pauses,
): Generator<void> {
  for (const entry of entries) {
    if (typeof entry === "number" || entry.type !== "file") continue;
    yield* hash(folder, entry, pauses);
    cost.hashedFiles++;
    cost.hashedBytes += entry.size;
  }
}

const buffer = Buffer.allocUnsafeSlow(READ);
/** For the contents of a small file. One for all: memory for each of them would cost garbage collections. */
const contents = Buffer.allocUnsafeSlow(SMALL + 1);

/** The contents of a file, with one more byte if it is larger than it was. They are valid until the next call. */
function readSmall(place: string | Buffer, size: number): Uint8Array {
  const file = openSync(place, "r");
  try {
    let filled = 0;
    while (filled <= size) {
      const length = readSync(file, contents, filled, size + 1 - filled, null);
      if (length === 0) break;
      filled += length;
    }
    return contents.subarray(0, filled);
  } finally {
    closeSync(file);
  }
}

/** Sets the digest, and the size if it has changed. */
function* hash(folder: string, entry: Exclude<ReadEntry, number>, pauses: Pauses): Generator<void> {
  try {
    const digester = new Digester();
    let size = 0;
    const file = openSync(localPath(folder, entry.path), "r");
    try {
      for (let length = READ; length === READ || size < entry.size; size += length) {
        length = readSync(file, buffer, 0, READ, null);
        if (length === 0) break;
        digester.update(buffer.subarray(0, length));
        if (pauses.isDue) yield;
      }
    } finally {
      closeSync(file);
    }
    entry.digest = digester.digest();
    entry.size = size;
  } catch (cause) {
    throw new MachineError(
      `Cannot read "${entry.path}" of the context: ${fileReason(cause)}${accessHint(cause)}`,
      {
        cause,
      },
    );
  }
}

interface FolderChanges extends ListingChanges {
  /** Number of items. */
  readonly count: number;
}

function changesOf({ digest, entries: known }: KnownFolder, entries: readonly ReadEntry[]): FolderChanges {
  const retimed = new Set<string>();
  const items = [...differences(known, entries, retimed)];
  return { base: digest, items: () => items, count: items.length, retimed };
}

/**
 * The differences between a listing and the known one.
 * @param retimed receives the paths of entries that differ only in time
 */
function* differences(
  known: KnownEntries,
  entries: readonly ReadEntry[],
  retimed: Set<string>,
): Generator<ListingItem> {
  let next = 0;
  /** Everything below it is removed too. */
  let removed: string | undefined;
  function* removeTo(end: number): Generator<ListingItem> {
    for (; next < end; next++) {
      const path = known.paths[next] as string;
      if (removed !== undefined && isBelow(path, removed)) continue;
      removed = path;
      yield { path, removed: true };
    }
  }
  for (const entry of entries) {
    const number = typeof entry === "number" ? entry : entry.earlier;
    if (next < number) yield* removeTo(number);
    if (typeof entry === "number" || known.paths[number] === entry.path) next++;
    if (typeof entry === "number") continue;
    const node = nodeOf(entry);
    const before = next > number ? known.node(number) : undefined;
    if (before !== undefined && formatListingLine(before) === formatListingLine(node)) {
      if (before.mtime === node.mtime) continue;
      retimed.add(entry.path);
    }
    yield node;
    if (entry.type !== "dir") removed = entry.path;
  }
  yield* removeTo(known.length);
}

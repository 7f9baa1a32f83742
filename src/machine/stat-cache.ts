import { type BigIntStats, readFileSync } from "node:fs";
import { dirname } from "node:path";
import type { ContextSelection } from "../context/context-view.ts";
import { parseItem } from "../context/posted-listing.ts";
import { formatListingLine } from "../rootfs/listing-line.ts";
import type { Node } from "../rootfs/tree.ts";
import { makeFolder } from "../runner/files/make-folder.ts";
import { decodeName, encodeName } from "../tar/text.ts";
import type { EarlierEntries, EntryKind, FoundEntry } from "./context-files.ts";
import { replaceFile } from "./replace-file.ts";

/** The number of an unchanged known entry, or an entry that was read. */
export type ReadEntry = number | (FoundEntry & { digest?: string });

/** Selection of the entries of a folder. */
export interface FolderSelection extends ContextSelection {
  /** The paths from which the include patterns were made; undefined for the whole folder. */
  paths?: readonly string[] | undefined;
}

/** A folder as it was last read. */
export interface KnownFolder {
  /** Digest of the listing. */
  digest: string;
  selection: FolderSelection;
  entries: KnownEntries;
}

/**
 * The first line of the file. It is followed by a line of JSON, columns of numbers in native byte order, aligned to 8
 * bytes, the paths, each followed by a zero byte, and the canonical listing.
 */
const MAGIC = "varve stat cache 3\n";
const TYPES: readonly FoundEntry["type"][] = ["file", "dir", "symlink", "hardlink", "fifo"];
const NANOSECONDS = 1_000_000_000n;

/** Whole seconds since 1970, as in the times of layers. */
function wholeSeconds(nanoseconds: bigint): number {
  const seconds = nanoseconds / NANOSECONDS;
  return Number(seconds * NANOSECONDS > nanoseconds ? seconds - 1n : seconds);
}
const NEWLINE = 0x0a;

interface Header {
  /** Digest of the listing. */
  digest: string;
  selection: FolderSelection;
  entries: number;
  /** Size of the paths in bytes. */
  paths: number;
  listing: number;
}

/** The numeric fields of entries, in path order. */
class Columns {
  readonly bytes: Uint8Array;
  /** Nanoseconds since 1970. */
  readonly mtimes: BigInt64Array;
  readonly ctimes: BigInt64Array;
  readonly inodes: BigInt64Array;
  readonly sizes: Float64Array;
  /** Offset of the entry's line in the listing. */
  readonly starts: Uint32Array;
  readonly kinds: Uint16Array;

  /** @param bytes are copied, because they may be unaligned */
  constructor(length: number, bytes?: Uint8Array) {
    const buffer = bytes?.slice().buffer ?? new ArrayBuffer(Columns.size(length));
    this.bytes = new Uint8Array(buffer);
    this.mtimes = new BigInt64Array(buffer, 0, length);
    this.ctimes = new BigInt64Array(buffer, length * 8, length);
    this.inodes = new BigInt64Array(buffer, length * 16, length);
    this.sizes = new Float64Array(buffer, length * 24, length);
    this.starts = new Uint32Array(buffer, length * 32, length);
    this.kinds = new Uint16Array(buffer, length * 36, length);
  }

  /** Size of the columns in bytes. */
  static size(length: number): number {
    return length * 38;
  }

  /** Copies a range of entries of other columns to position `at`. */
  copyFrom(other: Columns, from: number, to: number, at: number): void {
    this.mtimes.set(other.mtimes.subarray(from, to), at);
    this.ctimes.set(other.ctimes.subarray(from, to), at);
    this.inodes.set(other.inodes.subarray(from, to), at);
    this.sizes.set(other.sizes.subarray(from, to), at);
    this.kinds.set(other.kinds.subarray(from, to), at);
  }
}

/** The entries of a folder, and their canonical listing. */
export class KnownEntries implements EarlierEntries {
  readonly paths: readonly string[];
  readonly columns: Columns;
  readonly #listing: Uint8Array;

  constructor(columns: Columns, paths: readonly string[], listing: Uint8Array) {
    this.columns = columns;
    this.paths = paths;
    this.#listing = listing;
  }

  get length(): number {
    return this.paths.length;
  }

  isSame(number: number, { type, mode }: EntryKind, stats: BigIntStats, linkname?: string): boolean {
    const { ctimes, mtimes, sizes, inodes, kinds } = this.columns;
    return (
      ctimes[number] === stats.ctimeNs &&
      mtimes[number] === stats.mtimeNs &&
      (type !== "file" || sizes[number] === Number(stats.size)) &&
      inodes[number] === stats.ino &&
      kinds[number] === kindOf(type, mode) &&
      (linkname === undefined || this.node(number).linkname === linkname)
    );
  }

  /** The node of an entry, with its time. */
  node(number: number): Node {
    const line = this.lines(number, number + 1).subarray(0, -1);
    const mtime = wholeSeconds(this.columns.mtimes[number] as bigint);
    return { ...(parseItem(decodeName(line)) as Node), mtime };
  }

  /** A range of lines of the canonical listing, with their ends. */
  lines(from: number, to: number): Uint8Array {
    return this.#listing.subarray(this.start(from), this.start(to));
  }

  /** Offset of a line in the listing. */
  start(number: number): number {
    return number < this.length ? (this.columns.starts[number] as number) : this.#listing.length;
  }
}

/** Reads the stored state of a folder; undefined when there is none. */
export function loadStatCache(file: string): KnownFolder | undefined {
  let bytes: Uint8Array;
  try {
    const read = readFileSync(file);
    // Copy: the `slice` of a Buffer shares its memory.
    bytes = new Uint8Array(read.buffer, read.byteOffset, read.length);
  } catch {
    return undefined;
  }
  try {
    const end = bytes.indexOf(NEWLINE, MAGIC.length);
    if (end < 0 || decodeName(bytes.subarray(0, MAGIC.length)) !== MAGIC) return undefined;
    const header = JSON.parse(decodeName(bytes.subarray(MAGIC.length, end))) as Header;
    const pathsStart = end + 1 + Columns.size(header.entries);
    const listingStart = pathsStart + header.paths;
    if (listingStart + header.listing !== bytes.length) return undefined;
    const columns = new Columns(header.entries, bytes.subarray(end + 1, pathsStart));
    const paths = texts(bytes.subarray(pathsStart, listingStart));
    if (paths.length !== header.entries) return undefined;
    const entries = new KnownEntries(columns, paths, bytes.subarray(listingStart));
    return { digest: header.digest, selection: header.selection, entries };
  } catch {
    // A damaged cache is ignored.
    return undefined;
  }
}

/** Ranges of consecutive unchanged entries, and other entries individually. */
export function* runsOf(
  entries: readonly ReadEntry[],
): Generator<{ from: number; to: number } | Exclude<ReadEntry, number>> {
  for (let i = 0; i < entries.length; i++) {
    const from = entries[i] as ReadEntry;
    if (typeof from !== "number") {
      yield from;
      continue;
    }
    let to = from + 1;
    for (; entries[i + 1] === to; i++) to++;
    yield { from, to };
  }
}

/**
 * Stores the state of a folder. Entries that changed at `before` (nanoseconds since 1970) or later may change again
 * without a new timestamp, so they will be read again. A failed write is ignored.
 * @param earlier the entries that numbers refer to
 */
export function saveStatCache(
  file: string,
  folder: { digest: string; selection: FolderSelection; entries: readonly ReadEntry[] },
  earlier: KnownEntries | undefined,
  before: bigint,
): void {
  const { digest, selection, entries } = folder;
  const columns = new Columns(entries.length);
  const paths: string[] = [];
  const listing: Uint8Array[] = [];
  let start = 0;
  let at = 0;
  for (const run of runsOf(entries)) {
    if (!("path" in run)) {
      const { from, to } = run;
      const known = earlier as KnownEntries;
      columns.copyFrom(known.columns, from, to, at);
      for (let number = from; number < to; number++) {
        columns.starts[at++] = start + known.start(number) - known.start(from);
        paths.push(known.paths[number] as string);
      }
      const lines = known.lines(from, to);
      listing.push(lines);
      start += lines.length;
      continue;
    }
    const settled = run.mtime < before && run.ctime < before;
    columns.kinds[at] = kindOf(run.type, run.mode);
    columns.sizes[at] = run.size;
    columns.mtimes[at] = run.mtime;
    columns.ctimes[at] = settled ? run.ctime : NEVER;
    columns.inodes[at] = run.inode;
    columns.starts[at++] = start;
    paths.push(run.path);
    const line = encodeName(`${formatListingLine(nodeOf(run))}\n`);
    listing.push(line);
    start += line.length;
  }
  const pathBytes = encodeName(paths.map((path) => `${path}\0`).join(""));
  const header: Header = {
    digest,
    selection,
    entries: entries.length,
    paths: pathBytes.length,
    listing: start,
  };
  write(file, [encodeName(`${MAGIC}${JSON.stringify(header)}\n`), columns.bytes, pathBytes, ...listing]);
}

/** In the listing, everything belongs to root, as when docker sends it. */
export function nodeOf({
  path,
  type,
  mode,
  size,
  mtime,
  digest,
  linkname,
}: Exclude<ReadEntry, number>): Node {
  return {
    path,
    type,
    mode,
    uid: 0,
    gid: 0,
    mtime: wholeSeconds(mtime),
    size,
    ...(digest !== undefined && { digest }),
    ...(linkname !== undefined && { linkname }),
  };
}

/** A time that no entry has. */
const NEVER = -(2n ** 63n);

function write(file: string, parts: readonly Uint8Array[]): void {
  try {
    makeFolder(dirname(file), 0o700);
    replaceFile(file, Buffer.concat(parts));
  } catch {
    // The cache is optional, so a failed write is ignored.
  }
}

function kindOf(type: FoundEntry["type"], mode: number): number {
  return (TYPES.indexOf(type) << 12) | mode;
}

function texts(bytes: Uint8Array): string[] {
  return bytes.length === 0 ? [] : decodeName(bytes).slice(0, -1).split("\0");
}

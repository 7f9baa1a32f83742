import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { decodeName, encodeName } from "../tar/text.ts";
import type { FoundEntry } from "./context-files.ts";

/** An entry with what was read of it. */
export interface KnownEntry extends FoundEntry {
  /** Of a file. */
  digest: string | undefined;
}

/** What was known of a folder when it was last read. */
export interface KnownFolder {
  /** Of the listing. */
  digest: string;
  /** Lines of the ignore file. */
  ignore: readonly string[];
  entries: KnownEntries;
}

/**
 * The file begins with this line, then comes a line of JSON, then columns of numbers in the order of the machine, each
 * beginning at a multiple of 8, then the texts.
 */
const MAGIC = "varve stat cache 1\n";
const TYPES: readonly FoundEntry["type"][] = ["file", "dir", "symlink", "hardlink", "fifo"];
const DIGEST_BYTES = 32;
const HEX = "sha256:".length;

interface Header {
  /** Digest of the listing. */
  digest: string;
  ignore: readonly string[];
  entries: number;
  /** Entries of type file, and so digests. */
  files: number;
  /** Bytes of texts: paths, then targets of links, each followed by a zero byte. */
  paths: number;
  targets: number;
}

/** Entries in path order as columns. */
export class KnownEntries {
  readonly paths: readonly string[];
  readonly #kinds: Float64Array;
  readonly #sizes: Float64Array;
  readonly #mtimes: BigInt64Array;
  readonly #ctimes: BigInt64Array;
  readonly #inodes: BigInt64Array;
  /** For a file the number of its digest, for a link that of its target. */
  readonly #numbers: Float64Array;
  readonly #digests: Uint8Array;
  readonly #targets: readonly string[];

  constructor(bytes: Uint8Array, at: number, header: Header) {
    const { entries, files, paths, targets } = header;
    const columns = bytes.slice(at, at + entries * 48).buffer;
    this.#kinds = new Float64Array(columns, 0, entries);
    this.#sizes = new Float64Array(columns, entries * 8, entries);
    this.#mtimes = new BigInt64Array(columns, entries * 16, entries);
    this.#ctimes = new BigInt64Array(columns, entries * 24, entries);
    this.#inodes = new BigInt64Array(columns, entries * 32, entries);
    this.#numbers = new Float64Array(columns, entries * 40, entries);
    const digestsEnd = at + entries * 48 + files * DIGEST_BYTES;
    this.#digests = bytes.subarray(at + entries * 48, digestsEnd);
    this.paths = texts(bytes.subarray(digestsEnd, digestsEnd + paths));
    this.#targets = texts(bytes.subarray(digestsEnd + paths, digestsEnd + paths + targets));
    if (this.paths.length !== entries) throw new TypeError("Cannot read the stat cache: paths are missing");
  }

  get length(): number {
    return this.paths.length;
  }

  /** Nothing about the entry has changed since, as far as can be told without reading it. */
  isSame(number: number, { type, mode, size, mtime, ctime, inode, linkname }: FoundEntry): boolean {
    return (
      this.#ctimes[number] === ctime &&
      this.#mtimes[number] === mtime &&
      this.#sizes[number] === size &&
      this.#inodes[number] === inode &&
      this.#kinds[number] === kindOf(type, mode) &&
      (linkname === undefined || this.#target(number) === linkname)
    );
  }

  /** The entry stands in a listing as this one does. */
  isListedAs(number: number, { type, mode, size, digest, linkname }: KnownEntry): boolean {
    return (
      this.#kinds[number] === kindOf(type, mode) &&
      this.#sizes[number] === size &&
      (linkname === undefined || this.#target(number) === linkname) &&
      (digest === undefined || this.digest(number) === digest)
    );
  }

  /** Of a file. */
  digest(number: number): string {
    const at = (this.#numbers[number] as number) * DIGEST_BYTES;
    return `sha256:${Buffer.from(this.#digests.subarray(at, at + DIGEST_BYTES)).toString("hex")}`;
  }

  isFile(number: number): boolean {
    return TYPES[(this.#kinds[number] as number) >>> 12] === "file";
  }

  #target(number: number): string | undefined {
    return this.#targets[this.#numbers[number] as number];
  }
}

/** What is known of a folder; undefined when nothing is, or what is cannot be read. */
export function loadStatCache(file: string): KnownFolder | undefined {
  let bytes: Uint8Array;
  try {
    const read = readFileSync(file);
    // As a plain array: the `slice` of a Buffer copies nothing.
    bytes = new Uint8Array(read.buffer, read.byteOffset, read.length);
  } catch {
    return undefined;
  }
  try {
    const end = bytes.indexOf(0x0a, MAGIC.length);
    if (end < 0 || decodeName(bytes.subarray(0, MAGIC.length)) !== MAGIC) return undefined;
    const header = JSON.parse(decodeName(bytes.subarray(MAGIC.length, end))) as Header;
    const at = aligned(end + 1);
    const { entries, files, paths, targets } = header;
    if (at + entries * 48 + files * DIGEST_BYTES + paths + targets !== bytes.length) return undefined;
    return { digest: header.digest, ignore: header.ignore, entries: new KnownEntries(bytes, at, header) };
  } catch {
    // A damaged cache is no cache.
    return undefined;
  }
}

/**
 * Keeps what is known of a folder. What changed at `before` (nanoseconds since 1970) or later may change again without
 * its times telling, so it will be read again. A cache that cannot be written is none, and no error.
 */
export function saveStatCache(
  file: string,
  { digest, ignore, entries }: { digest: string; ignore: readonly string[]; entries: readonly KnownEntry[] },
  before: bigint,
): void {
  const { length } = entries;
  const columns = new ArrayBuffer(length * 48);
  const kinds = new Float64Array(columns, 0, length);
  const sizes = new Float64Array(columns, length * 8, length);
  const mtimes = new BigInt64Array(columns, length * 16, length);
  const ctimes = new BigInt64Array(columns, length * 24, length);
  const inodes = new BigInt64Array(columns, length * 32, length);
  const numbers = new Float64Array(columns, length * 40, length);
  const digests: string[] = [];
  const targets: string[] = [];
  for (const [number, entry] of entries.entries()) {
    const settled = entry.mtime < before && entry.ctime < before;
    kinds[number] = kindOf(entry.type, entry.mode);
    sizes[number] = entry.size;
    mtimes[number] = entry.mtime;
    ctimes[number] = settled ? entry.ctime : NEVER;
    inodes[number] = entry.inode;
    if (entry.digest !== undefined) numbers[number] = digests.push(entry.digest.slice(HEX)) - 1;
    else if (entry.linkname !== undefined) numbers[number] = targets.push(entry.linkname) - 1;
  }
  const paths = textBytes(entries.map(({ path }) => path));
  const targetBytes = textBytes(targets);
  const header: Header = {
    digest,
    ignore,
    entries: length,
    files: digests.length,
    paths: paths.length,
    targets: targetBytes.length,
  };
  const start = encodeName(`${MAGIC}${JSON.stringify(header)}\n`);
  const padding = new Uint8Array(aligned(start.length) - start.length);
  const hashes = Buffer.from(digests.join(""), "hex");
  write(file, [start, padding, new Uint8Array(columns), hashes, paths, targetBytes]);
}

/** No entry has such a time. */
const NEVER = -(2n ** 63n);

function write(file: string, parts: readonly Uint8Array[]): void {
  const temporary = `${file}.${process.pid}-${Date.now()}`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(temporary, Buffer.concat(parts), { mode: 0o600 });
    renameSync(temporary, file);
  } catch {
    try {
      rmSync(temporary, { force: true });
    } catch {
      // Where nothing can be written, nothing was.
    }
  }
}

function kindOf(type: FoundEntry["type"], mode: number): number {
  return (TYPES.indexOf(type) << 12) | mode;
}

function aligned(at: number): number {
  return Math.ceil(at / 8) * 8;
}

function textBytes(all: readonly string[]): Uint8Array {
  return encodeName(all.map((text) => `${text}\0`).join(""));
}

function texts(bytes: Uint8Array): string[] {
  return bytes.length === 0 ? [] : decodeName(bytes).slice(0, -1).split("\0");
}

import { type LineChunk, LineStore } from "./line-store.ts";
import { measureTable } from "./measure-table.ts";
import {
  type ContentsAt,
  decodeNode,
  decodePlaced,
  type Place,
  type PlacedNode,
  SEPARATOR,
} from "./node-line.ts";
import { Origin } from "./origin.ts";
import { PathIndex } from "./path-index.ts";
import { pathText, rawPath } from "./raw-path.ts";
import { settleLinks } from "./settle-links.ts";
import { type TableParts, TablePatch } from "./table-patch.ts";
import { type Node, readContents, type Tree } from "./tree.ts";

/** A line begins with `[`, followed by the listing line up to a comma before the separator. */
const LISTED_START = 1;
const SEPARATOR_BYTE = SEPARATOR.charCodeAt(0);
const NEWLINE = 0x0a;
/** Bytes of the canonical listing per chunk. */
const LISTING_CHUNK = 64 * 1024;

/** Decision about an entry: `drop` also drops everything below it, `enter` keeps it if something below it is kept. */
export type Verdict = "keep" | "drop" | "enter";

/**
 * A tree stored as JSON lines in path order, parsed on demand: about 150 bytes of memory per entry. The format in
 * memory equals the stored format.
 */
export class EntryTable implements Tree {
  readonly #parts: TableParts;
  readonly #contentsAt: ContentsAt | undefined;
  /** The relation to the table that this one was patched from. */
  readonly origin: Origin | undefined;
  /** The table that this one was filtered from. */
  #whole: EntryTable | undefined;
  /** Cached fingerprints by path. */
  readonly #fingerprints: Map<string, string>;

  /**
   * Creates a table from `lines` in path order without duplicates, each after its parent, the root first: see
   * `TableBuilder`. Works in pieces: see `inTurns`.
   */
  static *making(
    lines: LineStore,
    index: PathIndex,
    contentsAt?: ContentsAt,
  ): Generator<number, EntryTable, undefined> {
    return new EntryTable({ lines, index, ...(yield* measureTable(lines)) }, contentsAt);
  }

  private constructor(
    parts: TableParts,
    contentsAt: ContentsAt | undefined,
    origin?: Origin,
    fingerprints = new Map<string, string>(),
  ) {
    this.#parts = parts;
    this.#contentsAt = contentsAt;
    this.origin = origin;
    this.#fingerprints = fingerprints;
  }

  /** Creates a table from lines written by `chunks`, without checking their order. Works in pieces: see `inTurns`. */
  static *fromLines(
    chunks: Iterable<Uint8Array>,
    contentsAt?: ContentsAt,
  ): Generator<number, EntryTable, undefined> {
    const lines = new LineStore();
    for (const chunk of chunks) {
      lines.pushAll(chunk);
      yield 4 * chunk.length;
    }
    const index = new PathIndex(lines);
    yield* index.rebuildInPieces();
    return yield* EntryTable.making(lines, index, contentsAt);
  }

  /** An object that all tables with these entries share, regardless of their contents. */
  get entries(): object {
    return this.#parts.lines;
  }

  /** Whether some name begins with `.wh.`, here or in a table that this one was patched from. */
  get hasWhiteouts(): boolean {
    return this.#parts.hasWhiteouts;
  }

  /** Whether some entry is a hard link. */
  get hasHardLinks(): boolean {
    return this.#parts.hardLinks.length > 0;
  }

  /** This table with contents read by `contentsAt`; without it, files have no contents. */
  withContents(contentsAt?: ContentsAt): EntryTable {
    const table = new EntryTable(this.#parts, contentsAt, this.origin, this.#fingerprints);
    table.#whole = this.#whole;
    return table;
  }

  /** This table with the contents of another one. */
  withContentsOf(other: EntryTable): EntryTable {
    return this.withContents(other.#contentsAt);
  }

  /** Bytes in memory. Bytes that are shared with other tables count in each of them. */
  get memory(): number {
    const { lines, index, spans } = this.#parts;
    return lines.memory + index.memory + spans.byteLength;
  }

  /** Number of entries, including the root. */
  get size(): number {
    return this.#parts.lines.count;
  }

  /** Number of entries at and below a path. */
  sizeAt(path: string): number {
    const number = this.#parts.index.find(path);
    return number < 0 ? 0 : (this.#parts.spans[number] as number);
  }

  lookup(path: string): Node | undefined {
    const number = this.#parts.index.find(path);
    return number < 0 ? undefined : this.#node(number);
  }

  /** The number of an entry in this table, for `at`. */
  numberOf(path: string): number | undefined {
    const number = this.#parts.index.find(path);
    return number < 0 ? undefined : number;
  }

  /** The entry with a number. */
  at(number: number): Node {
    return this.#node(number);
  }

  /** The hard links, in path order. */
  *hardLinks(): Generator<Node> {
    for (const number of this.#parts.hardLinks) yield this.#node(number);
  }

  /**
   * `sha256:<hex>` of everything stored about the entries at and below a path, including times and places. Undefined
   * when the path does not exist.
   */
  fingerprint(path: string): string | undefined {
    const known = this.#fingerprints.get(path);
    if (known !== undefined) return known;
    const first = this.#parts.index.find(path);
    if (first < 0) return undefined;
    const fingerprint = this.#parts.lines.digest(first, this.#endOf(first));
    this.#fingerprints.set(path, fingerprint);
    return fingerprint;
  }

  *children(path: string): Generator<Node> {
    const parent = this.#parts.index.find(path);
    if (parent < 0) return;
    const end = this.#endOf(parent);
    for (let number = parent + 1; number < end; number = this.#endOf(number)) yield this.#node(number);
  }

  *walk(path: string): Generator<Node> {
    const parent = this.#parts.index.find(path);
    if (parent < 0) return;
    const end = this.#endOf(parent);
    for (let number = parent + 1; number < end; number++) yield this.#node(number);
  }

  read(node: Node): AsyncIterable<Uint8Array> {
    return readContents(node);
  }

  /**
   * A table of some of the entries, including the root, which shares the lines of this one. A hard link to an excluded
   * entry becomes a file. Works in pieces: see `inTurns`.
   * @param judge decides about each entry; also works in pieces
   */
  *filter(
    judge: (path: string) => Generator<number, Verdict, undefined>,
  ): Generator<number, EntryTable, undefined> {
    const kept: number[] = [];
    /** Nested directories that are kept only if something below them is. */
    let waiting: number[] = [];
    for (let number = 0; number < this.#parts.lines.count; ) {
      const verdict = number === 0 ? "keep" : yield* judge(pathText(rawPath(this.#parts.lines, number)));
      if (verdict === "drop") {
        number = this.#endOf(number);
        continue;
      }
      while (waiting.length > 0 && this.#endOf(waiting.at(-1) as number) <= number) waiting.pop();
      if (verdict === "keep") {
        for (const directory of waiting) kept.push(directory);
        kept.push(number);
        waiting = [];
      } else {
        waiting.push(number);
      }
      number++;
    }
    if (kept.length === this.size) return this;
    const lines = this.#parts.lines.select(Uint32Array.from(kept));
    const index = new PathIndex(lines);
    yield* index.rebuildInPieces();
    yield* settleLinks(lines, index);
    const part = yield* EntryTable.making(lines, index, this.#contentsAt);
    part.#whole = this.whole;
    return part;
  }

  /** The table that this one was filtered from, or else this one. */
  get whole(): EntryTable {
    return this.#whole ?? this;
  }

  /** The paths of a range of lines. */
  *paths(from: number, to: number): Generator<string> {
    for (let number = from; number < to; number++) yield pathText(rawPath(this.#parts.lines, number));
  }

  /** Starts a patch of this table. @throws {TypeError} when it has hard links */
  patch(): TablePatch {
    if (this.hasHardLinks) throw new TypeError("Cannot patch a table that has hard links");
    return new TablePatch(this.#parts);
  }

  /** The table that results from a patch of this one. */
  applyPatch(patch: TablePatch, contentsAt?: ContentsAt): EntryTable {
    const { parts, shared } = patch.finish();
    const origin = new Origin(this.entries, shared);
    const fingerprints = new Map(this.#fingerprints);
    for (const path of fingerprints.keys()) {
      const first = this.#parts.index.find(path);
      const span = this.#parts.spans[first] as number;
      const now = origin.find(first, first + span);
      if (now === undefined || parts.spans[now] !== span) fingerprints.delete(path);
    }
    return new EntryTable(parts, contentsAt, origin, fingerprints);
  }

  /** The canonical listing: the lines of all entries except the root, in path order, each ended by a line feed. */
  *listingChunks(): Generator<Uint8Array> {
    let chunk = new Uint8Array(LISTING_CHUNK);
    let used = 0;
    for (let number = 1; number < this.#parts.lines.count; number++) {
      const { bytes, start } = this.#parts.lines.locate(number);
      const listed = bytes.subarray(start + LISTED_START, bytes.indexOf(SEPARATOR_BYTE, start) - 1);
      if (used + listed.length + 1 > chunk.length) {
        yield chunk.subarray(0, used);
        chunk = new Uint8Array(Math.max(LISTING_CHUNK, listed.length + 1));
        used = 0;
      }
      chunk.set(listed, used);
      used += listed.length;
      chunk[used++] = NEWLINE;
    }
    yield chunk.subarray(0, used);
  }

  /** All entries except the root, or a range of them, in path order, with the places of their contents. */
  *placed(from = 1, to = this.size): Generator<PlacedNode> {
    for (let number = from; number < to; number++) yield decodePlaced(this.#parts.lines.text(number));
  }

  /** Digests, places and sizes of all non-empty files. */
  *places(): Generator<{ digest: string; place: Place; size: number }> {
    for (const { node, place } of this.placed()) {
      const { digest, type, size } = node;
      if (type === "file" && digest !== undefined && place !== undefined) yield { digest, place, size };
    }
  }

  /** The lines, or a range of them, for `fromLines`. */
  chunks(from?: number, to?: number): Generator<LineChunk> {
    return this.#parts.lines.chunks(from, to);
  }

  /** The number of the first line after those below a line. */
  #endOf(number: number): number {
    return number + (this.#parts.spans[number] as number);
  }

  #node(number: number): Node {
    return decodeNode(this.#parts.lines.text(number), this.#contentsAt);
  }
}

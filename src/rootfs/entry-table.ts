import { type LineChunk, LineStore } from "./line-store.ts";
import { type ContentsAt, decodeNode, NO_CONTENTS, type Place, SEPARATOR } from "./node-line.ts";
import { Origin } from "./origin.ts";
import { PathIndex } from "./path-index.ts";
import { isBelow, isHardLink, isWhiteout, pathText, type RawPath, rawPath } from "./raw-path.ts";
import { settleLinks } from "./settle-links.ts";
import { type TableParts, TablePatch } from "./table-patch.ts";
import type { Node, Tree } from "./tree.ts";

/** A line begins with `[`, then comes that of the listing up to a comma before the separator. */
const LISTED_START = 1;
const SEPARATOR_BYTE = SEPARATOR.charCodeAt(0);
const NEWLINE = 0x0a;
/** Bytes of the canonical listing given at a time. */
const LISTING_CHUNK = 64 * 1024;

/** What a line costs besides the bytes of its path, and of how much work a piece is. */
const LINE = 128;
const PIECE = 1 << 18;

/** What becomes of an entry: `drop` also drops what is below it, `enter` keeps it if something below it is kept. */
export type Verdict = "keep" | "drop" | "enter";

/**
 * A tree whose entries are lines of JSON in path order, each read only when it is asked for: about 150 bytes of
 * memory an entry, and what lies in memory is what is stored.
 */
export class EntryTable implements Tree {
  readonly #parts: TableParts;
  readonly #contentsAt: ContentsAt | undefined;
  /** Of the table that this one was patched from. */
  readonly origin: Origin | undefined;
  /** The table that this one is a part of. */
  #whole: EntryTable | undefined;
  /** Fingerprints that were asked for, by path. */
  readonly #fingerprints: Map<string, string>;

  /**
   * The table of `lines`, which are in path order, no path twice, each after its parent, the root first: see
   * `TableBuilder`. Work in pieces: see `inTurns`.
   */
  static *making(
    lines: LineStore,
    index: PathIndex,
    contentsAt?: ContentsAt,
  ): Generator<number, EntryTable, undefined> {
    return new EntryTable({ lines, index, ...(yield* measure(lines)) }, contentsAt);
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

  /**
   * The table of lines as `chunks` wrote them, whose order is not checked. Work in pieces: see `inTurns`.
   */
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
    yield* index.rebuilding();
    return yield* EntryTable.making(lines, index, contentsAt);
  }

  /** The same object for all tables of these very entries, however their contents are read. */
  get entries(): object {
    return this.#parts.lines;
  }

  /** Some name begins with `.wh.`, or one did in a table that this one was patched from. */
  get hasWhiteouts(): boolean {
    return this.#parts.hasWhiteouts;
  }

  /** Some entry is a hard link. */
  get hasHardLinks(): boolean {
    return this.#parts.hasHardLinks;
  }

  /** This table with contents that are read so; without them its files have none. */
  withContents(contentsAt?: ContentsAt): EntryTable {
    const table = new EntryTable(this.#parts, contentsAt, this.origin, this.#fingerprints);
    table.#whole = this.#whole;
    return table;
  }

  /** This table with contents that are read as those of another one. */
  withContentsOf(other: EntryTable): EntryTable {
    return this.withContents(other.#contentsAt);
  }

  /** Number of entries, the root included. */
  get size(): number {
    return this.#parts.lines.count;
  }

  lookup(path: string): Node | undefined {
    const number = this.#parts.index.find(path);
    return number < 0 ? undefined : this.#node(number);
  }

  /** The hard links, in path order. */
  *hardLinks(): Generator<Node> {
    if (!this.hasHardLinks) return;
    for (let number = 0; number < this.size; number++) {
      if (isHardLink(rawPath(this.#parts.lines, number))) yield this.#node(number);
    }
  }

  /**
   * `sha256:<hex>` of all that is stored of the entries from a path on down, times and places included: where it is equal,
   * everything is. Undefined when nothing is at the path.
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
    if (node.contents === undefined)
      throw new TypeError(`Cannot read "${node.path}": it is no file of a tree`);
    return node.contents.read();
  }

  /**
   * The table of some of the entries; the root is always one of them. It shares the lines of this one. A hard link to
   * an entry that is left out is a file. Work in pieces: see `inTurns`.
   *
   * @param judge returns what becomes of an entry; work in pieces as well
   */
  *filter(
    judge: (path: string) => Generator<number, Verdict, undefined>,
  ): Generator<number, EntryTable, undefined> {
    const kept: number[] = [];
    /** Directories that are there if something below them is, each below the one before. */
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
    yield* index.rebuilding();
    yield* settleLinks(lines, index);
    const part = yield* EntryTable.making(lines, index, this.#contentsAt);
    part.#whole = this.whole;
    return part;
  }

  /** The table that this one was filtered from; otherwise this one. */
  get whole(): EntryTable {
    return this.#whole ?? this;
  }

  /** The paths of lines from one number up to another. */
  *paths(from: number, to: number): Generator<string> {
    for (let number = from; number < to; number++) yield pathText(rawPath(this.#parts.lines, number));
  }

  /** Begins a table that is made of this one. @throws {TypeError} when this one has hard links */
  patch(): TablePatch {
    if (this.hasHardLinks) throw new TypeError("Cannot patch a table that has hard links");
    return new TablePatch(this.#parts);
  }

  /** The table that a patch of this one made. */
  patched(patch: TablePatch, contentsAt?: ContentsAt): EntryTable {
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

  /** The canonical listing: the lines of all entries but the root, in path order, each with `\n`. */
  *listing(): Generator<Uint8Array> {
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

  /** All entries but the root, in path order, and where the contents of each lie; or those of some of the lines. */
  *placed(from = 1, to = this.size): Generator<{ node: Node; place: Place | undefined }> {
    let place: Place | undefined;
    const note = (at: Place) => {
      place = at;
      return NO_CONTENTS;
    };
    for (let number = from; number < to; number++) {
      place = undefined;
      const node = decodeNode(this.#parts.lines.text(number), note);
      yield { node, place };
    }
  }

  /** Digests, places and sizes of all files that have bytes. */
  *places(from?: number, to?: number): Generator<{ digest: string; place: Place; size: number }> {
    for (const { node, place } of this.placed(from, to)) {
      const { digest, type, size } = node;
      if (type === "file" && digest !== undefined && place !== undefined) yield { digest, place, size };
    }
  }

  /** The lines, or some of them, for `fromLines`. */
  chunks(from?: number, to?: number): Generator<LineChunk> {
    return this.#parts.lines.chunks(from, to);
  }

  /** The number of the first line that is not below a line. */
  #endOf(number: number): number {
    return number + (this.#parts.spans[number] as number);
  }

  #node(number: number): Node {
    return decodeNode(this.#parts.lines.text(number), this.#contentsAt);
  }
}

function* measure(
  lines: LineStore,
): Generator<number, Pick<TableParts, "spans" | "hasWhiteouts" | "hasHardLinks">, undefined> {
  const spans = new Uint32Array(lines.count);
  /** Lines whose end is not known yet, each below the one before. */
  const open: { number: number; path: RawPath }[] = [];
  let hasWhiteouts = false;
  let hasHardLinks = false;
  let cost = 0;
  for (let number = 0; number < lines.count; number++) {
    const path = rawPath(lines, number);
    cost += LINE + path.to - path.from;
    if (cost > PIECE) {
      yield cost;
      cost = 0;
    }
    for (let top = open.at(-1); top !== undefined && !isBelow(path, top.path); top = open.at(-1)) {
      spans[top.number] = number - top.number;
      open.pop();
    }
    hasWhiteouts ||= isWhiteout(path);
    hasHardLinks ||= isHardLink(path);
    open.push({ number, path });
  }
  for (const { number } of open) spans[number] = lines.count - number;
  return { spans, hasWhiteouts, hasHardLinks };
}

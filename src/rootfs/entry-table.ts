import { LineStore } from "./line-store.ts";
import { type ContentsAt, decodeNode, NO_CONTENTS, type Place } from "./node-line.ts";
import { PathIndex } from "./path-index.ts";
import { isBelow, isHardLink, isWhiteout, pathText, type RawPath, rawPath } from "./raw-path.ts";
import { settleLinks } from "./settle-links.ts";
import type { Node, Tree } from "./tree.ts";

/** What becomes of an entry: `drop` also drops what is below it, `enter` keeps it if something below it is kept. */
export type Verdict = "keep" | "drop" | "enter";

/**
 * A tree whose entries are lines of JSON in path order, each read only when it is asked for: about 150 bytes of
 * memory an entry, and what lies in memory is what is stored.
 */
export class EntryTable implements Tree {
  readonly #lines: LineStore;
  readonly #index: PathIndex;
  readonly #contentsAt: ContentsAt | undefined;
  /** For each line, the number of the first line that is not below it. */
  readonly #ends: Uint32Array;
  /** Some name begins with `.wh.`. */
  readonly hasWhiteouts: boolean;
  /** Some entry is a hard link. */
  readonly hasHardLinks: boolean;

  /** `lines` are in path order, no path twice, each after its parent, the root first: see `TableBuilder`. */
  constructor(
    lines: LineStore,
    index: PathIndex,
    contentsAt?: ContentsAt,
    { ends, hasWhiteouts, hasHardLinks } = measure(lines),
  ) {
    this.#lines = lines;
    this.#index = index;
    this.#contentsAt = contentsAt;
    this.#ends = ends;
    this.hasWhiteouts = hasWhiteouts;
    this.hasHardLinks = hasHardLinks;
  }

  /**
   * The table of lines as `chunks` wrote them. They are ours, so their order is believed.
   */
  static fromLines(chunks: Iterable<Uint8Array>, contentsAt?: ContentsAt): EntryTable {
    const lines = new LineStore();
    for (const chunk of chunks) lines.pushAll(chunk);
    const index = new PathIndex(lines);
    index.rebuild();
    return new EntryTable(lines, index, contentsAt);
  }

  /** The same object for all tables of these very entries, however their contents are read. */
  get entries(): object {
    return this.#lines;
  }

  /** This table with contents that are read so; without them its files have none. */
  withContents(contentsAt?: ContentsAt): EntryTable {
    const { hasWhiteouts, hasHardLinks } = this;
    const measured = { ends: this.#ends, hasWhiteouts, hasHardLinks };
    return new EntryTable(this.#lines, this.#index, contentsAt, measured);
  }

  /** This table with contents that are read as those of another one. */
  withContentsOf(other: EntryTable): EntryTable {
    return this.withContents(other.#contentsAt);
  }

  /** Number of entries, the root included. */
  get size(): number {
    return this.#lines.count;
  }

  lookup(path: string): Node | undefined {
    const number = this.#index.find(path);
    return number < 0 ? undefined : this.#node(number);
  }

  /**
   * `sha256:<hex>` of all that is stored of the entries from a path on down, times and places included: where it is equal,
   * everything is. Undefined when nothing is at the path.
   */
  fingerprint(path: string): string | undefined {
    const first = this.#index.find(path);
    return first < 0 ? undefined : this.#lines.digest(first, this.#ends[first] as number);
  }

  *children(path: string): Generator<Node> {
    const parent = this.#index.find(path);
    if (parent < 0) return;
    const end = this.#ends[parent] as number;
    for (let number = parent + 1; number < end; number = this.#ends[number] as number)
      yield this.#node(number);
  }

  *walk(path: string): Generator<Node> {
    const parent = this.#index.find(path);
    if (parent < 0) return;
    const end = this.#ends[parent] as number;
    for (let number = parent + 1; number < end; number++) yield this.#node(number);
  }

  read(node: Node): AsyncIterable<Uint8Array> {
    if (node.contents === undefined)
      throw new TypeError(`Cannot read "${node.path}": it is no file of a tree`);
    return node.contents.read();
  }

  /**
   * The table of some of the entries; the root is always one of them. It shares the lines of this one. A hard link to
   * an entry that is left out is a file.
   */
  filter(judge: (path: string) => Verdict): EntryTable {
    const kept: number[] = [];
    /** Directories that are there if something below them is. */
    let waiting: number[] = [];
    for (let number = 0; number < this.#lines.count; ) {
      const verdict = number === 0 ? "keep" : judge(pathText(rawPath(this.#lines, number)));
      if (verdict === "drop") {
        number = this.#ends[number] as number;
        continue;
      }
      waiting = waiting.filter((directory) => (this.#ends[directory] as number) > number);
      if (verdict === "keep") {
        kept.push(...waiting, number);
        waiting = [];
      } else {
        waiting.push(number);
      }
      number++;
    }
    const lines = this.#lines.select(Uint32Array.from(kept));
    const index = new PathIndex(lines);
    index.rebuild();
    settleLinks(lines, index);
    return new EntryTable(lines, index, this.#contentsAt);
  }

  /** All entries but the root, in path order, and where the contents of each lie. */
  *placed(): Generator<{ node: Node; place: Place | undefined }> {
    let place: Place | undefined;
    const note = (at: Place) => {
      place = at;
      return NO_CONTENTS;
    };
    for (let number = 1; number < this.#lines.count; number++) {
      place = undefined;
      const node = decodeNode(this.#lines.text(number), note);
      yield { node, place };
    }
  }

  /** Digests, places and sizes of all files that have bytes. */
  *places(): Generator<{ digest: string; place: Place; size: number }> {
    for (const { node, place } of this.placed()) {
      const { digest, type, size } = node;
      if (type === "file" && digest !== undefined && place !== undefined) yield { digest, place, size };
    }
  }

  /** The lines, for `fromLines`. */
  chunks(): Generator<Uint8Array> {
    return this.#lines.chunks();
  }

  #node(number: number): Node {
    return decodeNode(this.#lines.text(number), this.#contentsAt);
  }
}

interface Measured {
  ends: Uint32Array;
  hasWhiteouts: boolean;
  hasHardLinks: boolean;
}

function measure(lines: LineStore): Measured {
  const ends = new Uint32Array(lines.count);
  /** Lines whose end is not known yet, each below the one before. */
  const open: { number: number; path: RawPath }[] = [];
  let hasWhiteouts = false;
  let hasHardLinks = false;
  for (let number = 0; number < lines.count; number++) {
    const path = rawPath(lines, number);
    for (let top = open.at(-1); top !== undefined && !isBelow(path, top.path); top = open.at(-1)) {
      ends[top.number] = number;
      open.pop();
    }
    hasWhiteouts ||= isWhiteout(path);
    hasHardLinks ||= isHardLink(path);
    open.push({ number, path });
  }
  for (const { number } of open) ends[number] = lines.count;
  return { ends, hasWhiteouts, hasHardLinks };
}

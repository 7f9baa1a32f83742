import { requireShortLine } from "./entry-error.ts";
import type { LineStore } from "./line-store.ts";
import { encodeNode, type Place } from "./node-line.ts";
import type { SharedLines } from "./origin.ts";
import type { PathIndex } from "./path-index.ts";
import { parentOf } from "./path-parts.ts";
import { compareRawPaths, isDirectory, isWhiteout, type RawPath, rawPath } from "./raw-path.ts";
import type { Node } from "./tree.ts";

export interface TableParts {
  readonly lines: LineStore;
  readonly index: PathIndex;
  /** For each line, the number of lines that are itself and below it. */
  readonly spans: Uint32Array;
  /** Whether some name begins with `.wh.`, here or in a table that this one was patched from. */
  readonly hasWhiteouts: boolean;
  /** Numbers of the lines of hard links. */
  readonly hardLinks: readonly number[];
}

/**
 * Creates a table from another one and a set of changes, at a cost that depends only on the changes: unchanged lines
 * are not read. The base must have no hard links. Entries are written and removed in path order.
 */
export class TablePatch {
  /** Ranges of lines of the base that the new table does not have. */
  readonly dropped: { from: number; to: number }[] = [];
  readonly #base: TableParts;
  /** The lines of the base, followed by the new ones. */
  readonly #lines: LineStore;
  readonly #shared: SharedLines[] = [];
  /**
   * For each new line: its number in the store, its number in the new table, and the number of the replaced line, or
   * -1.
   */
  readonly #put: { line: number; now: number; replaced: number }[] = [];
  /** By path, the number of lines added below it. */
  readonly #growth: { path: string; lines: number }[] = [];
  /** Paths of new directories. */
  readonly #directories = new Set<string>();
  #hasWhiteouts: boolean;
  /** First line of the base that was not processed. */
  #next = 0;
  /** Lines of the new table so far. */
  #count = 0;

  constructor(base: TableParts) {
    this.#base = base;
    this.#lines = base.lines.fork();
    this.#hasWhiteouts = base.hasWhiteouts;
  }

  /** Number of entries, including the root and the rest of the base. */
  get size(): number {
    return this.#count + this.#base.lines.count - this.#next;
  }

  /**
   * Writes an entry, which must not be a hard link, replacing an existing one. Entries below survive only when a
   * directory replaces a directory. Returns false when its parent does not exist.
   * @throws {EntryError}
   */
  put(node: Node, place?: Place): boolean {
    const { path } = node;
    const parent = parentOf(path);
    if (!this.#directories.has(parent) && !this.#keepsDirectory(parent)) return false;
    const text = encodeNode(node, place);
    requireShortLine(path, text);
    const line = this.#lines.push(text);
    const raw = rawPath(this.#lines, line);
    const replaced = this.#find(path);
    this.#keepTo(replaced < 0 ? this.#placeFor(raw) : replaced);
    const dropped = replaced < 0 ? 0 : this.#staysOpen(replaced, raw) ? 1 : this.#spanOf(replaced);
    this.#drop(dropped);
    this.#grow(path, 1 - dropped);
    this.#put.push({ line, now: this.#count++, replaced });
    this.#hasWhiteouts ||= isWhiteout(raw);
    if (node.type === "dir") this.#directories.add(path);
    return true;
  }

  /** Removes an entry and everything below it. Returns false when it does not exist. */
  remove(path: string): boolean {
    const number = this.#find(path);
    if (number < 0) return false;
    this.#keepTo(number);
    const span = this.#spanOf(number);
    this.#drop(span);
    this.#grow(path, -span);
    return true;
  }

  /** The parts of the new table, and what it shares with the base. The patch cannot be used afterwards. */
  finish(): { parts: TableParts; shared: readonly SharedLines[] } {
    this.#keepTo(this.#base.lines.count);
    const order = new Uint32Array(this.#count);
    const spans = new Uint32Array(this.#count);
    const numbers = new Int32Array(this.#base.lines.count).fill(-1);
    for (const { before, now, count } of this.#shared) {
      spans.set(this.#base.spans.subarray(before, before + count), now);
      for (let i = 0; i < count; i++) {
        order[now + i] = before + i;
        numbers[before + i] = now + i;
      }
    }
    for (const { line, now, replaced } of this.#put) {
      const isOpen = replaced >= 0 && this.#staysOpen(replaced, rawPath(this.#lines, line));
      spans[now] = isOpen ? this.#spanOf(replaced) : 1;
      order[now] = line;
      if (replaced >= 0) numbers[replaced] = now;
    }
    this.#lines.reorder(order);
    const index = this.#base.index.renumber(this.#lines, numbers);
    for (const { now, replaced } of this.#put) if (replaced < 0) index.insert(now);
    for (const { path, lines } of this.#growth) {
      for (let above = path; above !== ""; ) {
        above = parentOf(above);
        const number = index.find(above);
        spans[number] = (spans[number] as number) + lines;
      }
    }
    return {
      parts: { lines: this.#lines, index, spans, hasWhiteouts: this.#hasWhiteouts, hardLinks: [] },
      shared: this.#shared,
    };
  }

  #spanOf(number: number): number {
    return this.#base.spans[number] as number;
  }

  /** The number of an unprocessed line of the base, or -1. */
  #find(path: string): number {
    const number = this.#base.index.find(path);
    return number < this.#next ? -1 : number;
  }

  /** Paths are in order, so only the last dropped range can contain the parent. */
  #keepsDirectory(path: string): boolean {
    const number = this.#base.index.find(path);
    const last = this.dropped.at(-1);
    if (number < 0 || (last !== undefined && number >= last.from && number < last.to)) return false;
    return isDirectory(rawPath(this.#base.lines, number));
  }

  /** Whether both are directories. */
  #staysOpen(replaced: number, raw: RawPath): boolean {
    return isDirectory(raw) && isDirectory(rawPath(this.#base.lines, replaced));
  }

  /** The first line of the base after a path. */
  #placeFor(path: RawPath): number {
    let low = this.#next;
    let high = this.#base.lines.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareRawPaths(rawPath(this.#base.lines, middle), path) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #keepTo(end: number): void {
    const count = end - this.#next;
    if (count === 0) return;
    this.#shared.push({ before: this.#next, now: this.#count, count });
    this.#next = end;
    this.#count += count;
  }

  #drop(count: number): void {
    if (count === 0) return;
    this.dropped.push({ from: this.#next, to: this.#next + count });
    this.#next += count;
  }

  #grow(path: string, lines: number): void {
    if (lines !== 0) this.#growth.push({ path, lines });
  }
}

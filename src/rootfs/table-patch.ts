import { requireShort } from "./entry-error.ts";
import type { LineStore } from "./line-store.ts";
import { encodeNode, type Place } from "./node-line.ts";
import type { SharedLines } from "./origin.ts";
import type { PathIndex } from "./path-index.ts";
import { parentOf } from "./path-parts.ts";
import { compareRawPaths, isDirectory, isWhiteout, type RawPath, rawPath } from "./raw-path.ts";
import type { Node } from "./tree.ts";

/** What a table is made of. */
export interface TableParts {
  readonly lines: LineStore;
  readonly index: PathIndex;
  /** For each line, how many there are from it on that are itself and what is below it. */
  readonly spans: Uint32Array;
  /** Some name begins with `.wh.`, or one did in a table that this one was patched from. */
  readonly hasWhiteouts: boolean;
  /** Some entry is a hard link. */
  readonly hasHardLinks: boolean;
}

/**
 * Makes a table of another one and what is different, at the price of what is different: no line is read that stays. The
 * base has no hard links. Entries are put and removed in path order.
 */
export class TablePatch {
  /** Lines of the base, from one number up to another, that are not in the new table. */
  readonly dropped: { from: number; to: number }[] = [];
  readonly #base: TableParts;
  /** The lines of the base, and behind them those that were put. */
  readonly #lines: LineStore;
  readonly #shared: SharedLines[] = [];
  /** For a line that was put: its number here, then, and that of the line in whose place it is, or -1. */
  readonly #put: { line: number; now: number; replaced: number }[] = [];
  /** How many lines more there are above which paths. */
  readonly #growth: { path: string; lines: number }[] = [];
  /** Paths of directories that were put. */
  readonly #directories = new Set<string>();
  #hasWhiteouts: boolean;
  /** First line of the base that was not come to. */
  #next = 0;
  /** Lines of the new table so far. */
  #count = 0;

  constructor(base: TableParts) {
    this.#base = base;
    this.#lines = base.lines.fork();
    this.#hasWhiteouts = base.hasWhiteouts;
  }

  /** Number of entries, the root and those that follow in the base included. */
  get size(): number {
    return this.#count + this.#base.lines.count - this.#next;
  }

  /**
   * Puts an entry, which is no hard link, in the place of the one of its path, or where it belongs. What was below stays
   * only where directory follows directory. False when its own directory is not there. Throws `EntryError`.
   */
  put(node: Node, place?: Place): boolean {
    const { path } = node;
    const parent = parentOf(path);
    if (!this.#directories.has(parent) && !this.#keepsDirectory(parent)) return false;
    const text = encodeNode(node, place);
    requireShort(path, text);
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

  /** Leaves out an entry and what is below it. False when it is not there. */
  remove(path: string): boolean {
    const number = this.#find(path);
    if (number < 0) return false;
    this.#keepTo(number);
    const span = this.#spanOf(number);
    this.#drop(span);
    this.#grow(path, -span);
    return true;
  }

  /** What the new table is made of, and what it shares. The patch is of no further use. */
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
    const index = this.#base.index.moved(this.#lines, numbers);
    for (const { now, replaced } of this.#put) if (replaced < 0) index.insert(now);
    for (const { path, lines } of this.#growth) {
      for (let above = path; above !== ""; ) {
        above = parentOf(above);
        const number = index.find(above);
        spans[number] = (spans[number] as number) + lines;
      }
    }
    const { hasHardLinks } = this.#base;
    return {
      parts: { lines: this.#lines, index, spans, hasWhiteouts: this.#hasWhiteouts, hasHardLinks },
      shared: this.#shared,
    };
  }

  #spanOf(number: number): number {
    return this.#base.spans[number] as number;
  }

  /** A line of the base that was not come to, or -1. */
  #find(path: string): number {
    const number = this.#base.index.find(path);
    return number < this.#next ? -1 : number;
  }

  /** Paths come in order, so the directory of the next one would have been dropped last. */
  #keepsDirectory(path: string): boolean {
    const number = this.#base.index.find(path);
    const last = this.dropped.at(-1);
    if (number < 0 || (last !== undefined && number >= last.from && number < last.to)) return false;
    return isDirectory(rawPath(this.#base.lines, number));
  }

  /** Both are directories. */
  #staysOpen(replaced: number, raw: RawPath): boolean {
    return isDirectory(raw) && isDirectory(rawPath(this.#base.lines, replaced));
  }

  /** The first line of the base that comes after a path. */
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

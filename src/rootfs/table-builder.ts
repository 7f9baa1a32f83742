import { atOnce } from "../streams/turns.ts";
import { EntryError, requireShort } from "./entry-error.ts";
import { EntryTable } from "./entry-table.ts";
import { LineStore } from "./line-store.ts";
import { type ContentsAt, decodeNode, decodePlace, encodeNode, type Place } from "./node-line.ts";
import { IMPLIED } from "./parents.ts";
import { PathIndex } from "./path-index.ts";
import { parentOf } from "./path-parts.ts";
import { compareRawPaths, isBelow, isDirectory, type RawPath, rawPath } from "./raw-path.ts";
import { type Resolved, resolvePath, TooManyLinksError } from "./resolve.ts";
import { settleLinks } from "./settle-links.ts";
import { LINE, LINES_PER_PIECE, sortLines } from "./sort-lines.ts";
import type { Node, Tree } from "./tree.ts";

/** Bytes of a line on average. Entries of real contexts have about 150. */
const AVERAGE_LINE = 256;
const FEW_LINES = 2 ** 20;
/** What it costs to add a line, besides its bytes. */
const LINE_WORK = 512;
/** What it costs to look up a name on the way. */
const NAME_WORK = 4096;
/** Names that all resolved paths may have together: so many for each entry, and so many besides. */
const NAMES_PER_ENTRY = 64;
const NAMES = 100_000;

export interface BuilderOptions {
  /** Entries, implied directories included. Default a million. Their lines may have 256 bytes each on average. */
  most?: number;
  /** There may be layers below, which have the targets of hard links that are not here. */
  lowerLayers?: boolean;
}

/**
 * Collects entries as unpacking an archive would: in any order, a later entry of a path replaces the earlier one and
 * what lay below it, and symbolic links on the way to an entry are followed, within the root.
 */
export class TableBuilder implements Pick<Tree, "lookup"> {
  readonly #lines = new LineStore();
  readonly #index = new PathIndex(this.#lines);
  readonly #most: number;
  #characters = 0;
  #work = 0;
  /** Names that were walked through to resolve paths. */
  #names = 0;
  readonly #lowerLayers: boolean;
  /** The last directory that was looked up as a parent, as written and as found, and whether it is there. */
  #parent: { written: string; found: string; made: boolean } | undefined;
  /** Something took the place of a directory, so an entry may lie where no path leads. */
  #buried = false;

  constructor({ most = 1_000_000, lowerLayers = false }: BuilderOptions = {}) {
    this.#most = most;
    this.#lowerLayers = lowerLayers;
    this.#push("", encodeNode({ ...IMPLIED, path: "" }));
  }

  /** Number of entries so far, the root and implied directories included. */
  get size(): number {
    return this.#lines.count;
  }

  /** Work so far, in units of `spend`: a deep entry makes hundreds of directories. */
  get work(): number {
    return this.#work;
  }

  lookup(path: string): Node | undefined {
    const number = this.#index.find(path);
    return number < 0 ? undefined : decodeNode(this.#lines.text(number));
  }

  /**
   * Where an entry written with this path belongs: its parent without symbolic links. Throws `EntryError` when
   * something on the way is no directory.
   */
  resolve(path: string): string {
    const slash = path.lastIndexOf("/");
    const written = slash < 0 ? "" : path.slice(0, slash);
    if (written !== this.#parent?.written)
      this.#parent = { written, found: this.#findDirectory(written, path), made: false };
    const { found } = this.#parent;
    if (found === written) return path;
    const name = path.slice(slash + 1);
    return found === "" ? name : `${found}/${name}`;
  }

  /**
   * Adds an entry, and the directories above it where they are missing; `place` is where its contents lie. A hard
   * link gets digest and contents of its target, and keeps them whatever comes later. Throws `EntryError`.
   */
  add(node: Node, place?: Place): void {
    const path = this.resolve(node.path);
    if (node.type === "hardlink") this.#addLink(path, node);
    else this.#put(path, encodeNode(path === node.path ? node : { ...node, path }, place));
  }

  /**
   * As `add`, for an entry that is no hard link and of which it is known that its path is new and its directory there.
   * Throws `EntryError`.
   */
  append(node: Node, place?: Place): void {
    const line = encodeNode(node, place);
    requireShort(node.path, line);
    this.#push(node.path, line);
  }

  /** The table of all entries. The builder is of no further use. */
  finish(contentsAt?: ContentsAt): EntryTable {
    return atOnce(this.finishing(contentsAt));
  }

  /** The same as work in pieces: see `inTurns`. */
  *finishing(contentsAt?: ContentsAt): Generator<number, EntryTable, undefined> {
    if (yield* arrange(this.#lines)) yield* this.#index.rebuilding();
    yield* settleLinks(this.#lines, this.#index);
    return yield* EntryTable.making(this.#lines, this.#index, contentsAt);
  }

  #findDirectory(written: string, entry: string): string {
    const number = this.#index.find(written);
    if (!this.#buried && number >= 0 && isDirectory(rawPath(this.#lines, number))) return written;
    const { path, node } = this.#follow(written, entry);
    let above = path;
    let found = node;
    // Where nothing is yet, the nearest entry above decides.
    while (found === undefined) {
      above = parentOf(above);
      found = this.lookup(above);
    }
    if (found.type !== "dir") throw new EntryError(entry, `"${above}" is no directory`);
    return path;
  }

  #follow(written: string, entry: string): Resolved {
    try {
      const resolved = resolvePath(this, written);
      this.#names += resolved.names;
      this.#work += NAME_WORK * resolved.names;
      if (this.#names > NAMES + NAMES_PER_ENTRY * this.size) throw new TooManyLinksError(written);
      return resolved;
    } catch (error) {
      if (!(error instanceof TooManyLinksError)) throw error;
      throw new EntryError(entry, `"${error.path}" leads through too many links`);
    }
  }

  #addLink(path: string, link: Node): void {
    const linkname = this.resolve(link.linkname ?? "");
    const number = this.#index.find(linkname);
    if (number < 0) {
      if (!this.#lowerLayers) throw new EntryError(path, `its target "${linkname}" is not there`);
      this.#put(path, encodeNode({ ...link, path, linkname }));
      return;
    }
    const line = this.#lines.text(number);
    const target = decodeNode(line);
    if (target.type === "dir") throw new EntryError(path, `its target "${linkname}" is a directory`);
    // Linked to itself, it is what it is.
    const file = target.type === "hardlink" ? (target.linkname ?? "") : linkname;
    if (linkname === path || file === path) return;
    if (target.type !== "file" && target.type !== "hardlink") {
      this.#put(path, encodeNode({ ...target, path }));
      return;
    }
    const { place, size } = decodePlace(line);
    const { digest = "" } = target;
    this.#put(path, encodeNode({ ...link, path, linkname: file, ...(digest && { digest }) }, place, size));
  }

  #put(path: string, line: string): void {
    requireShort(path, line);
    const number = this.#index.find(path);
    if (number < 0) {
      if (this.#parent?.made === false) this.#makeParents(path);
      if (this.#parent !== undefined) this.#parent.made = true;
      this.#push(path, line);
      return;
    }
    const wasDirectory = isDirectory(rawPath(this.#lines, number));
    this.#characters += line.length;
    this.#work += LINE_WORK + 4 * line.length;
    this.#lines.replace(number, line);
    if (wasDirectory && !isDirectory(rawPath(this.#lines, number))) this.#buried = true;
    // What was a directory or a link on the way to others may be another thing now.
    this.#parent = undefined;
  }

  #makeParents(path: string): void {
    const missing: string[] = [];
    for (let above = parentOf(path); above !== "" && this.#index.find(above) < 0; above = parentOf(above))
      missing.push(above);
    for (const parent of missing.reverse()) this.#push(parent, encodeNode({ ...IMPLIED, path: parent }));
  }

  #push(path: string, line: string): void {
    if (this.#lines.count === this.#most)
      throw new EntryError(path, `there are more than ${this.#most} entries`);
    // A line for each directory of a deep path: thousands of times the bytes of the archive.
    this.#characters += line.length;
    const most = FEW_LINES + this.#most * AVERAGE_LINE;
    if (this.#characters > most)
      throw new EntryError(path, `the names of all entries have more than ${most} bytes`);
    this.#work += LINE_WORK + 4 * line.length;
    this.#index.insert(this.#lines.push(line));
  }
}

/**
 * Brings lines into path order and drops those below something that is no directory: it took the place of a
 * directory that was there before. False when there was nothing to do.
 */
function* arrange(lines: LineStore): Generator<number, boolean, undefined> {
  const count = lines.count;
  let order = new Uint32Array(count);
  let sorted = true;
  let last: RawPath | undefined;
  for (let number = 0; number < count; number++) {
    order[number] = number;
    const path = rawPath(lines, number);
    if (last !== undefined && compareRawPaths(last, path) >= 0) sorted = false;
    last = path;
    if (number % LINES_PER_PIECE === 0) yield LINES_PER_PIECE * LINE;
  }
  if (!sorted) yield* sortLines(lines, order);
  order = yield* withoutBuried(lines, order);
  if (sorted && order.length === count) return false;
  lines.reorder(order);
  return true;
}

function* withoutBuried(
  lines: LineStore,
  order: Uint32Array<ArrayBuffer>,
): Generator<number, Uint32Array<ArrayBuffer>, undefined> {
  let file: RawPath | undefined;
  let kept = 0;
  for (const [place, number] of order.entries()) {
    const path = rawPath(lines, number);
    if (place % LINES_PER_PIECE === 0) yield LINES_PER_PIECE * LINE;
    if (file !== undefined && isBelow(path, file)) continue;
    file = isDirectory(path) ? undefined : path;
    order[kept++] = number;
  }
  return order.subarray(0, kept);
}

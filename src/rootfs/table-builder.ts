import { atOnce } from "../streams/turns.ts";
import { EntryError, requireShortLine } from "./entry-error.ts";
import { EntryTable } from "./entry-table.ts";
import { LineStore } from "./line-store.ts";
import { type ContentsAt, decodeNode, decodePlace, encodeNode, type Place } from "./node-line.ts";
import { IMPLIED } from "./parents.ts";
import { PathIndex } from "./path-index.ts";
import { childPath, parentOf } from "./path-parts.ts";
import { compareRawPaths, isDirectory, isRawPathBelow, type RawPath, rawPath } from "./raw-path.ts";
import { type Resolved, resolvePath, TooManyLinksError } from "./resolve.ts";
import { sameEntry } from "./same-entry.ts";
import { settleLinks } from "./settle-links.ts";
import { LINE, LINES_PER_PIECE, sortLines } from "./sort-lines.ts";
import type { Node, Tree } from "./tree.ts";

/** Limit of the average length of a line in bytes. Real contexts have about 150. */
const AVERAGE_LINE = 256;
const FEW_LINES = 2 ** 20;
/** Cost of adding a line, besides its bytes. */
const LINE_WORK = 512;
/** Cost of looking up a name of a path. */
const NAME_WORK = 4096;
/** Limit of the names in all resolved paths: this many per entry, plus a constant. */
const NAMES_PER_ENTRY = 64;
const NAMES = 100_000;

interface BuilderOptions {
  /**
   * Maximum number of entries, including implied directories. Default one million. Limits the average line to 256
   * bytes.
   */
  maxEntries?: number;
  /** Whether lower layers may contain the missing targets of hard links. */
  lowerLayers?: boolean;
}

/**
 * Collects entries like unpacking an archive: in any order; a later entry replaces an earlier one of the same path and
 * everything below it; symbolic links in the path of an entry are followed within the root.
 */
export class TableBuilder implements Pick<Tree, "lookup"> {
  readonly #lines = new LineStore();
  readonly #index = new PathIndex(this.#lines);
  readonly #maxEntries: number;
  #characters = 0;
  #work = 0;
  /** Names visited while resolving paths. */
  #names = 0;
  readonly #lowerLayers: boolean;
  /** The last resolved parent directory, as written and as found, and whether it exists. */
  #parent: { written: string; found: string; made: boolean } | undefined;
  /** Whether something replaced a directory, so that entries may be unreachable. */
  #buried = false;

  constructor({ maxEntries = 1_000_000, lowerLayers = false }: BuilderOptions = {}) {
    this.#maxEntries = maxEntries;
    this.#lowerLayers = lowerLayers;
    this.#push("", encodeNode({ ...IMPLIED, path: "" }));
  }

  /** Number of entries so far, including the root and implied directories. */
  get size(): number {
    return this.#lines.count;
  }

  /** Work so far, in units of `spend`: a deep entry creates hundreds of directories. */
  get work(): number {
    return this.#work;
  }

  lookup(path: string): Node | undefined {
    const number = this.#index.find(path);
    return number < 0 ? undefined : decodeNode(this.#lines.text(number));
  }

  /**
   * Resolves the path of an entry: its parent without symbolic links.
   * @throws {EntryError} when something on the way is not a directory
   */
  resolve(path: string): string {
    const slash = path.lastIndexOf("/");
    const written = slash < 0 ? "" : path.slice(0, slash);
    if (written !== this.#parent?.written)
      this.#parent = { written, found: this.#findDirectory(written, path), made: false };
    const { found } = this.#parent;
    if (found === written) return path;
    const name = path.slice(slash + 1);
    return childPath(found, name);
  }

  /**
   * Adds an entry and its missing parents; `place` is the location of its contents. A hard link receives digest and
   * contents of its target, and keeps them.
   * @throws {EntryError}
   */
  add(node: Node, place?: Place): void {
    const path = this.resolve(node.path);
    if (node.type === "hardlink") this.#addLink(path, node);
    else this.#put(path, encodeNode(path === node.path ? node : { ...node, path }, place));
  }

  /**
   * Like `add`, for an entry that is not a hard link, with a new path in an existing directory.
   * @throws {EntryError}
   */
  append(node: Node, place?: Place): void {
    const line = encodeNode(node, place);
    requireShortLine(node.path, line);
    this.#push(node.path, line);
  }

  /** The table of all entries. The builder cannot be used afterwards. */
  finish(contentsAt?: ContentsAt): EntryTable {
    return atOnce(this.finishInPieces(contentsAt));
  }

  /** Like `finish`, but works in pieces: see `inTurns`. */
  *finishInPieces(contentsAt?: ContentsAt): Generator<number, EntryTable, undefined> {
    if (yield* arrange(this.#lines)) yield* this.#index.rebuildInPieces();
    yield* settleLinks(this.#lines, this.#index);
    return yield* EntryTable.making(this.#lines, this.#index, contentsAt);
  }

  #findDirectory(written: string, entry: string): string {
    const number = this.#index.find(written);
    if (!this.#buried && number >= 0 && isDirectory(rawPath(this.#lines, number))) return written;
    const { path, node } = this.#follow(written, entry);
    let above = path;
    let found = node;
    // For a missing path, the nearest existing entry above decides.
    while (found === undefined) {
      above = parentOf(above);
      found = this.lookup(above);
    }
    if (found.type !== "dir") throw new EntryError(entry, `"${above}" is not a directory`);
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
      if (!this.#lowerLayers) throw new EntryError(path, `its target "${linkname}" does not exist`);
      this.#put(path, encodeNode({ ...link, path, linkname }));
      return;
    }
    const line = this.#lines.text(number);
    const target = decodeNode(line);
    if (target.type === "dir") throw new EntryError(path, `its target "${linkname}" is a directory`);
    // A file linked to itself does not change.
    const file = target.type === "hardlink" ? (target.linkname ?? "") : linkname;
    if (linkname === path || file === path) return;
    if (target.type !== "file" && target.type !== "hardlink") {
      this.#put(path, encodeNode({ ...target, path }));
      return;
    }
    const { place, size } = decodePlace(line);
    const { digest = "" } = target;
    if (this.#lowerLayers) this.#describe(file, link);
    this.#put(path, encodeNode({ ...link, path, linkname: file, ...(digest && { digest }) }, place, size));
  }

  /** The header of a hard link describes the file: the last one counts, as when a layer is unpacked. */
  #describe(path: string, { mode, uid, gid, mtime, xattrs }: Node): void {
    const number = this.#index.find(path);
    const line = number < 0 ? undefined : this.#lines.text(number);
    const file = line === undefined ? undefined : decodeNode(line);
    if (line === undefined || file?.type !== "file") return;
    const described = { ...file, mode, uid, gid, mtime };
    if (xattrs !== undefined) described.xattrs = { ...file.xattrs, ...xattrs };
    if (mtime === file.mtime && sameEntry(described, file)) return;
    this.#put(path, encodeNode(described, decodePlace(line).place));
  }

  #put(path: string, line: string): void {
    requireShortLine(path, line);
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
    // A directory or link in the path of others may have been replaced.
    this.#parent = undefined;
  }

  #makeParents(path: string): void {
    const missing: string[] = [];
    for (let above = parentOf(path); above !== "" && this.#index.find(above) < 0; above = parentOf(above))
      missing.push(above);
    for (const parent of missing.reverse()) this.#push(parent, encodeNode({ ...IMPLIED, path: parent }));
  }

  #push(path: string, line: string): void {
    if (this.#lines.count === this.#maxEntries)
      throw new EntryError(path, `there are more than ${this.#maxEntries} entries`);
    // Each directory of a deep path is a line: thousands of times the bytes of the archive.
    this.#characters += line.length;
    const maxBytes = FEW_LINES + this.#maxEntries * AVERAGE_LINE;
    if (this.#characters > maxBytes)
      throw new EntryError(path, `the names of all entries have more than ${maxBytes} bytes`);
    this.#work += LINE_WORK + 4 * line.length;
    this.#index.insert(this.#lines.push(line));
  }
}

/**
 * Sorts lines by path and drops those below something that replaced a directory. Returns false when nothing changed.
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
  order = yield* dropUnreachable(lines, order);
  if (sorted && order.length === count) return false;
  lines.reorder(order);
  return true;
}

function* dropUnreachable(
  lines: LineStore,
  order: Uint32Array<ArrayBuffer>,
): Generator<number, Uint32Array<ArrayBuffer>, undefined> {
  let file: RawPath | undefined;
  let kept = 0;
  for (const [place, number] of order.entries()) {
    const path = rawPath(lines, number);
    if (place % LINES_PER_PIECE === 0) yield LINES_PER_PIECE * LINE;
    if (file !== undefined && isRawPathBelow(path, file)) continue;
    file = isDirectory(path) ? undefined : path;
    order[kept++] = number;
  }
  return order.subarray(0, kept);
}

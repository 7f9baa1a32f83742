import { lstatSync, readdirSync, readlinkSync, type Stats } from "node:fs";
import { childPath } from "../../rootfs/path-parts.ts";
import { type Node, readContents, type Tree, walkChildren } from "../../rootfs/tree.ts";
import type { EntryType } from "../../tar/entry.ts";
import { comparePaths, decodeName, encodeName } from "../../tar/text.ts";
import { LocalContents } from "./file-contents.ts";
import type { TreeIndex } from "./tree-index.ts";

/** Opaque directories as overlayfs marks them: the value is `y` in base64. */
const OPAQUE = { "trusted.overlay.opaque": "eQ==" };

/**
 * The tree in a directory of this machine: a lower or upper directory of overlayfs, in overlayfs's own form. It must not
 * change. Entries are read when they are requested. Sockets are left out, as in layers.
 */
export class DirectoryTree implements Tree {
  readonly #folder: string;
  readonly #index: TreeIndex;
  readonly #implied: ReadonlySet<string>;
  readonly #opaque: ReadonlySet<string>;
  /** The first name of a file by its other names. */
  readonly #firstNames = new Map<string, string>();
  /** By path, so that a digest is computed once. */
  readonly #contents = new Map<string, LocalContents>();

  /** @param implied directories that exist only because something is below them */
  constructor(folder: string, index: TreeIndex, implied: readonly string[] = []) {
    this.#folder = folder;
    this.#index = index;
    this.#implied = new Set(implied);
    this.#opaque = new Set(index.opaque);
    for (const [first = "", ...others] of index.links) {
      for (const name of others) this.#firstNames.set(name, first);
    }
  }

  lookup(path: string): Node | undefined {
    const stats = lstatSync(this.#diskPath(path), { throwIfNoEntry: false });
    return stats && this.#node(path, stats);
  }

  *children(path: string): Generator<Node> {
    for (const name of this.#names(path)) {
      const node = this.lookup(childPath(path, name));
      if (node !== undefined) yield node;
    }
  }

  walk(path: string): Generator<Node> {
    return walkChildren(this, path);
  }

  read(node: Node): AsyncIterable<Uint8Array> {
    return readContents(node);
  }

  #names(path: string): string[] {
    try {
      return readdirSync(this.#diskPath(path), { encoding: "buffer" }).map(decodeName).sort(comparePaths);
    } catch (error) {
      if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return [];
      throw error;
    }
  }

  #node(path: string, stats: Stats): Node | undefined {
    const type = typeOf(stats);
    if (type === undefined) return undefined;
    const { mode, uid, gid, mtimeMs } = stats;
    const node: Node = { path, type, mode: mode & 0o7777, uid, gid, mtime: mtimeMs / 1000, size: 0 };
    const xattrs = { ...this.#index.xattrs[path], ...(this.#opaque.has(path) && OPAQUE) };
    if (Object.keys(xattrs).length > 0) node.xattrs = xattrs;
    if (this.#implied.has(path)) node.implied = true;
    if (type === "symlink") node.linkname = decodeName(readlinkSync(this.#diskPath(path), "buffer"));
    if (type === "char" || type === "block") node.device = deviceOf(stats.rdev);
    if (type !== "file") return node;
    const first = this.#firstNames.get(path);
    const contents = this.#contentsOf(first ?? path, stats.size);
    node.contents = contents;
    if (contents.digest !== undefined) node.digest = contents.digest;
    if (first === undefined) node.size = stats.size;
    else Object.assign(node, { type: "hardlink", linkname: first });
    return node;
  }

  #contentsOf(path: string, size: number): LocalContents {
    let contents = this.#contents.get(path);
    if (contents === undefined) {
      contents = new LocalContents(this.#diskPath(path), size);
      this.#contents.set(path, contents);
    }
    return contents;
  }

  /** Names that are not UTF-8 need bytes. */
  #diskPath(path: string): string | Buffer {
    const whole = path === "" ? this.#folder : `${this.#folder}/${path}`;
    return whole.isWellFormed() ? whole : Buffer.from(encodeName(whole));
  }
}

function typeOf(stats: Stats): EntryType | undefined {
  if (stats.isFile()) return "file";
  if (stats.isDirectory()) return "dir";
  if (stats.isSymbolicLink()) return "symlink";
  if (stats.isCharacterDevice()) return "char";
  if (stats.isBlockDevice()) return "block";
  return stats.isFIFO() ? "fifo" : undefined;
}

/** Linux's encoding of device numbers: gnu_dev_major(3) and gnu_dev_minor(3). */
function deviceOf(rdev: number): { major: number; minor: number } {
  const high = Math.floor(rdev / 2 ** 32);
  const low = rdev % 2 ** 32;
  return {
    major: ((low >>> 8) & 0xfff) + (high & 0xfffff000),
    minor: (low & 0xff) + ((low >>> 12) & 0xfff00),
  };
}

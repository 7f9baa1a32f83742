import type { EntryTable } from "../../rootfs/entry-table.ts";
import { childPath } from "../../rootfs/path-parts.ts";
import { type Node, type Tree, walkChildren } from "../../rootfs/tree.ts";
import { comparePaths } from "../../tar/text.ts";
import type { Chmod } from "../plan/chmod.ts";
import { applyChmod } from "./apply-chmod.ts";
import { resolveHardLink } from "./hard-link.ts";
import { sortedNames } from "./sorted-names.ts";

/**
 * Returns the timestamp of a written entry from that of its source, in seconds since 1970; undefined means the time of
 * the build. The timestamp policy of a build (fixed, preserved, clamped to an epoch) is applied only here.
 */
export type MtimeRule = (mtime: number | undefined) => number;

/** Numeric owner of an entry. */
export interface Ids {
  readonly uid: number;
  readonly gid: number;
}

/** Values shared by all entries of one source, so that an entry needs only two references. */
export interface CopyOrigin {
  /** Reads the contents of a file of this source. */
  read(node: Node): AsyncIterable<Uint8Array>;
  /** The table of all entries of this source: a number in it needs a tenth of the memory of an entry. */
  readonly table?: EntryTable;
  /** Replaces the owners of the entries. */
  readonly owner?: Ids;
  readonly chmod?: Chmod;
  /** Use the time of the build instead of the times of the entries. */
  readonly madeNow?: boolean;
  readonly withoutXattrs?: boolean;
  /** See `LayerEntry`. */
  readonly hasFreeTimes?: boolean;
}

/** A file, link or device that a step writes. Paths that share one object are hard links to each other. */
export class CopyChange {
  origin: CopyOrigin;
  /** Whether several paths share this object. */
  linked = false;
  /** The source, or its number in the table of the origin. */
  #source: Node | number;

  constructor(source: Node, origin: CopyOrigin) {
    this.origin = origin;
    this.#source = origin.table?.numberOf(source.path) ?? source;
  }

  /** The source. One in a table is decoded on each call. */
  get node(): Node {
    return typeof this.#source === "number"
      ? (this.origin.table as EntryTable).at(this.#source)
      : this.#source;
  }

  /** Replaces the source. */
  set node(node: Node) {
    this.#source = node;
  }
}

/** Metadata of a directory; `mtime` undefined means the time of the build. */
export interface DirectoryMeta extends Ids {
  readonly mode: number;
  readonly mtime: number | undefined;
  readonly xattrs?: Record<string, string> | undefined;
}

/** A directory that a step creates, changes, or changes something in. */
export class DirChange {
  /** Entries that the step wrote, or null for an entry of the base that it removed. */
  children: Map<string, CopyChange | DirChange | null> | undefined;
  /** Whether the entries of the base at the same path are visible. */
  readonly overBase: boolean;
  mode: number;
  uid: number;
  gid: number;
  mtime: number | undefined;
  /** See `LayerEntry`; false when the time comes from a directory of a stage, an image or an archive. */
  hasFreeTime = true;
  xattrs: Record<string, string> | undefined;

  constructor(meta: DirectoryMeta, overBase: boolean) {
    this.overBase = overBase;
    this.mode = meta.mode;
    this.uid = meta.uid;
    this.gid = meta.gid;
    this.mtime = meta.mtime;
    this.xattrs = meta.xattrs;
  }
}

/**
 * The changes of one instruction over the tree that it starts from. Can be read like any tree; its differences from the
 * base are the layer. Callers keep a `DirChange` for the directory they work in, which avoids a walk from the root.
 */
export class Changes implements Tree {
  readonly base: Tree;
  readonly mtimeOf: MtimeRule;
  readonly root: DirChange;
  /** Whether some file that the instruction writes has several names. */
  hasLinkedFiles = false;

  constructor(base: Tree, mtimeOf: MtimeRule) {
    this.base = base;
    this.mtimeOf = mtimeOf;
    this.root = new DirChange(base.lookup("") ?? { mode: 0o755, uid: 0, gid: 0, mtime: undefined }, true);
  }

  /** The entry `name` of a directory; a node when it comes from the base. */
  get(directory: DirChange, path: string, name: string): CopyChange | DirChange | Node | undefined {
    const change = directory.children?.get(name);
    if (change !== undefined) return change ?? undefined;
    return directory.overBase ? this.base.lookup(childPath(path, name)) : undefined;
  }

  /** Opens an existing directory for changes; undefined when there is none at `path`. */
  open(path: string): DirChange | undefined {
    let directory = this.root;
    if (path === "") return directory;
    let at = "";
    for (const name of path.split("/")) {
      const child = this.openChild(directory, at, name);
      if (child === undefined) return undefined;
      directory = child;
      at = childPath(at, name);
    }
    return directory;
  }

  /** Opens an existing subdirectory for changes; undefined when there is none of that name. */
  openChild(directory: DirChange, path: string, name: string): DirChange | undefined {
    const found = this.get(directory, path, name);
    if (found === undefined || found instanceof CopyChange) return undefined;
    if (found instanceof DirChange) return found;
    if (found.type !== "dir") return undefined;
    const copy = new DirChange(found, true);
    childrenOf(directory).set(name, copy);
    return copy;
  }

  /** Creates an empty directory. The name must be unused. */
  makeDirectory(directory: DirChange, name: string, meta: DirectoryMeta): DirChange {
    const made = new DirChange(meta, false);
    childrenOf(directory).set(name, made);
    directory.mtime = undefined;
    return made;
  }

  /** Writes a file, replacing an existing one. */
  put(directory: DirChange, name: string, change: CopyChange): void {
    childrenOf(directory).set(name, change);
    directory.mtime = undefined;
  }

  /** The file that this instruction wrote at an entry path. */
  fileAt(path: string): CopyChange | undefined {
    const found = path === "" ? undefined : this.#find(path);
    return found instanceof CopyChange ? found : undefined;
  }

  /** Marks a file as one that has several names. */
  markLinked(change: CopyChange): void {
    change.linked = true;
    this.hasLinkedFiles = true;
  }

  /** Turns a file of the base into a change, so that other names can be linked to it. */
  adopt(directory: DirChange, path: string, name: string): CopyChange | undefined {
    const found = this.get(directory, path, name);
    if (found instanceof CopyChange) return found;
    if (found === undefined || found instanceof DirChange || found.type === "dir") return undefined;
    const change = new CopyChange(resolveHardLink(this.base, found), this.base);
    childrenOf(directory).set(name, change);
    return change;
  }

  /** Removes an entry and everything below it. */
  remove(directory: DirChange, path: string, name: string): void {
    const inBase = directory.overBase && this.base.lookup(childPath(path, name)) !== undefined;
    if (inBase) childrenOf(directory).set(name, null);
    else directory.children?.delete(name);
    directory.mtime = undefined;
  }

  lookup(path: string): Node | undefined {
    if (path === "") return this.directoryNode(this.root, "");
    const found = this.#find(path);
    if (found instanceof DirChange) return this.directoryNode(found, path);
    if (found instanceof CopyChange) return this.fileNode(found, path);
    return found;
  }

  *children(path: string): Generator<Node> {
    const found = path === "" ? this.root : this.#find(path);
    if (found === undefined || found instanceof CopyChange) return;
    if (!(found instanceof DirChange)) {
      yield* this.base.children(path);
      return;
    }
    const changed = found.children;
    const names = sortedNames(changed?.keys() ?? []);
    let at = 0;
    const below = found.overBase ? this.base.children(path) : [];
    for (const node of below) {
      const name = node.path.slice(path === "" ? 0 : path.length + 1);
      while (at < names.length && comparePaths(names[at] as string, name) < 0) {
        yield* this.#changedChild(found, path, names[at++] as string);
      }
      if (!changed?.has(name)) yield node;
    }
    while (at < names.length) yield* this.#changedChild(found, path, names[at++] as string);
  }

  walk(path: string): Generator<Node> {
    return walkChildren(this, path);
  }

  read(node: Node): AsyncIterable<Uint8Array> {
    const found = this.#find(node.path);
    return found instanceof CopyChange ? found.origin.read(found.node) : this.base.read(node);
  }

  fileNode({ node, origin }: CopyChange, path: string): Node {
    const isLink = node.type === "symlink";
    const made: Node = {
      path,
      type: node.type,
      mode: isLink
        ? 0o777
        : origin.chmod === undefined
          ? node.mode
          : applyChmod(origin.chmod, node.mode, false),
      uid: origin.owner?.uid ?? node.uid,
      gid: origin.owner?.gid ?? node.gid,
      mtime: this.mtimeOf(origin.madeNow ? undefined : node.mtime),
      size: node.size,
    };
    if (node.linkname !== undefined) made.linkname = node.linkname;
    if (node.device !== undefined) made.device = node.device;
    if (node.xattrs !== undefined && !origin.withoutXattrs) made.xattrs = node.xattrs;
    if (node.digest !== undefined) made.digest = node.digest;
    if (node.contents !== undefined) made.contents = node.contents;
    return made;
  }

  directoryNode(directory: DirChange, path: string): Node {
    const { mode, uid, gid, mtime, xattrs } = directory;
    const node: Node = { path, type: "dir", mode, uid, gid, mtime: this.mtimeOf(mtime), size: 0 };
    if (xattrs !== undefined) node.xattrs = xattrs;
    return node;
  }

  *#changedChild(directory: DirChange, path: string, name: string): Generator<Node> {
    const change = directory.children?.get(name);
    const at = childPath(path, name);
    if (change instanceof DirChange) yield this.directoryNode(change, at);
    else if (change instanceof CopyChange) yield this.fileNode(change, at);
  }

  #find(path: string): CopyChange | DirChange | Node | undefined {
    let directory = this.root;
    let start = 0;
    for (;;) {
      const slash = path.indexOf("/", start);
      const change = directory.children?.get(slash < 0 ? path.slice(start) : path.slice(start, slash));
      if (change === undefined) return directory.overBase ? this.base.lookup(path) : undefined;
      if (slash < 0) return change ?? undefined;
      if (!(change instanceof DirChange)) return undefined;
      directory = change;
      start = slash + 1;
    }
  }
}

function childrenOf(directory: DirChange): Map<string, CopyChange | DirChange | null> {
  directory.children ??= new Map();
  return directory.children;
}

import type { Node, Tree } from "../../rootfs/tree.ts";
import { comparePaths } from "../../tar/text.ts";
import { applyChmod, type Chmod } from "../plan/chmod.ts";
import { resolveHardLink } from "./hard-link.ts";
import { childPath } from "./root-path.ts";
import { sortedNames } from "./sorted-names.ts";

/**
 * The time stamp that an entry gets, in seconds since 1970, from that of its source; undefined is the time of the
 * build. The one place where the policy of a build (fixed, preserved, clamped to an epoch) is applied.
 */
export type MtimeRule = (mtime: number | undefined) => number;

/** Owner of an entry by numbers. */
export interface Ids {
  readonly uid: number;
  readonly gid: number;
}

/** What the entries of one source have in common, so that each needs no more than two references. */
export interface Origin {
  /** Contents of a file of this source. */
  read(node: Node): AsyncIterable<Uint8Array>;
  /** Owner instead of the one each entry has. */
  readonly owner?: Ids;
  readonly chmod?: Chmod;
  /** The time of the build instead of the one each entry has. */
  readonly madeNow?: boolean;
  readonly withoutXattrs?: boolean;
  /** See `LayerEntry`. */
  readonly hasFreeTimes?: boolean;
}

/** Anything but a directory, as a step puts it somewhere. Two places that hold the same object are hard links. */
export class FileChange {
  node: Node;
  origin: Origin;
  /** More than one place holds it. */
  linked = false;

  constructor(node: Node, origin: Origin) {
    this.node = node;
    this.origin = origin;
  }
}

/** What a directory is besides what is in it; `mtime` undefined: the time of the build. */
export interface DirectoryMeta extends Ids {
  readonly mode: number;
  readonly mtime: number | undefined;
  readonly xattrs?: Record<string, string> | undefined;
}

/** A directory that a step makes, changes or changes something in. */
export class DirChange {
  /** Entries put here, null where one of the base was removed. */
  children: Map<string, FileChange | DirChange | null> | undefined;
  /** What the base has at the same path shows through. */
  readonly overBase: boolean;
  mode: number;
  uid: number;
  gid: number;
  mtime: number | undefined;
  /** See `LayerEntry`; not when the time is that of a directory of a stage, an image or an archive. */
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
 * What one instruction changes, laid over the tree it starts from: a tree that can be asked like any other, and
 * whose differences from the base are the layer. Directories are handled by `DirChange`, so that work inside one
 * costs no walk from the root.
 */
export class Changes implements Tree {
  readonly base: Tree;
  readonly mtimeOf: MtimeRule;
  readonly root: DirChange;
  /**
   * A file of the base changes when it gets or loses a name. For COPY and ADD it does not, as in BuildKit; what a
   * process left is to be found again as it was, as in `docker build`.
   */
  readonly linksCount: boolean;

  constructor(base: Tree, mtimeOf: MtimeRule, linksCount = false) {
    this.base = base;
    this.mtimeOf = mtimeOf;
    this.linksCount = linksCount;
    this.root = new DirChange(base.lookup("") ?? { mode: 0o755, uid: 0, gid: 0, mtime: undefined }, true);
  }

  /** What stands under `name` in a directory. Of the base, its node. */
  get(directory: DirChange, path: string, name: string): FileChange | DirChange | Node | undefined {
    const change = directory.children?.get(name);
    if (change !== undefined) return change ?? undefined;
    return directory.overBase ? this.base.lookup(childPath(path, name)) : undefined;
  }

  /** The existing directory `path`, ready to be changed; undefined when there is none. */
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

  /** The existing directory `name` of another one, ready to be changed; undefined when there is none. */
  openChild(directory: DirChange, path: string, name: string): DirChange | undefined {
    const found = this.get(directory, path, name);
    if (found === undefined || found instanceof FileChange) return undefined;
    if (found instanceof DirChange) return found;
    if (found.type !== "dir") return undefined;
    const copy = new DirChange(found, true);
    childrenOf(directory).set(name, copy);
    return copy;
  }

  /** Makes an empty directory where nothing is. */
  makeDirectory(directory: DirChange, name: string, meta: DirectoryMeta): DirChange {
    const made = new DirChange(meta, false);
    childrenOf(directory).set(name, made);
    directory.mtime = undefined;
    return made;
  }

  /** Puts a file where nothing is, or takes the place of another one. */
  put(directory: DirChange, name: string, change: FileChange): void {
    childrenOf(directory).set(name, change);
    directory.mtime = undefined;
  }

  /** The file that this instruction put at an entry path. */
  fileAt(path: string): FileChange | undefined {
    const found = path === "" ? undefined : this.#find(path);
    return found instanceof FileChange ? found : undefined;
  }

  /** A file of the base as a change, so that another name can be linked to it. */
  adopt(directory: DirChange, path: string, name: string): FileChange | undefined {
    const found = this.get(directory, path, name);
    if (found instanceof FileChange) return found;
    if (found === undefined || found instanceof DirChange || found.type === "dir") return undefined;
    const change = new FileChange(resolveHardLink(this.base, found), this.base);
    childrenOf(directory).set(name, change);
    return change;
  }

  /** Removes an entry and what is below it. */
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
    if (found instanceof FileChange) return this.fileNode(found, path);
    return found;
  }

  *children(path: string): Generator<Node> {
    const found = path === "" ? this.root : this.#find(path);
    if (found === undefined || found instanceof FileChange) return;
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

  *walk(path: string): Generator<Node> {
    for (const node of this.children(path)) {
      yield node;
      if (node.type === "dir") yield* this.walk(node.path);
    }
  }

  read(node: Node): AsyncIterable<Uint8Array> {
    const found = this.#find(node.path);
    return found instanceof FileChange ? found.origin.read(found.node) : this.base.read(node);
  }

  /** The entry that a change is at `path`. */
  fileNode({ node, origin }: FileChange, path: string): Node {
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
    else if (change instanceof FileChange) yield this.fileNode(change, at);
  }

  #find(path: string): FileChange | DirChange | Node | undefined {
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

function childrenOf(directory: DirChange): Map<string, FileChange | DirChange | null> {
  directory.children ??= new Map();
  return directory.children;
}

import { childPath } from "../../rootfs/path-parts.ts";
import { resolvePath, TooManyLinksError } from "../../rootfs/resolve.ts";
import type { Node, Tree } from "../../rootfs/tree.ts";
import { namesInRoot } from "../../tar/path.ts";
import { MAX_XATTRS } from "../../tar/pax.ts";
import { type Changes, CopyChange, type CopyOrigin, DirChange, type Ids } from "./changes.ts";
import { type Reason, systemCallError } from "./copy-error.ts";
import type { Archive } from "./copy-request.ts";
import { makeDirectories } from "./make-directories.ts";
import { UNCHANGED } from "./owner-ids.ts";
import { fileOnTheWay, requireValidPath, resolveInTree } from "./root-path.ts";

const MODE_OF_IMPLIED_DIRECTORIES = 0o755;
const ROOT: Ids = { uid: 0, gid: 0 };
/** The last time that Go's nanoseconds represent, in seconds: in the year 2262. */
const MAX_TIME = 2 ** 63 / 1e9;
/** Cost of unpacking an entry. */
const ENTRY = 4096;

/**
 * Unpacks an archive into the directory `dest`, which is created if missing and acts as the root: neither names nor
 * links can leave it. An entry replaces what exists, except that a directory over a directory only changes its
 * metadata. Owners are those of the archive, or `owner` for all entries; modes do not change. A name with the whiteout
 * prefix is an ordinary file. As in BuildKit, a time before 1970 or after 2262 becomes 1970. Works in pieces: see `inTurns`.
 * @throws {CopyError} when the archive contradicts itself or the tree
 */
export function* unpackInto(
  changes: Changes,
  dest: string,
  archive: Archive,
  owner: Ids | undefined,
): Generator<number, void, undefined> {
  const path = resolveInTree(changes, dest);
  const ids = owner ?? { uid: 0, gid: 0 };
  makeDirectories(changes, path, { ...ids, mode: 0o755, mtime: undefined }, owner !== undefined);
  const unpacker = new Unpacker(changes, path, archive, owner);
  for (const entry of archive.entries) {
    yield ENTRY + 4 * entry.path.length;
    unpacker.apply(entry.mtime < 0 || entry.mtime > MAX_TIME ? { ...entry, mtime: 0 } : entry);
  }
  unpacker.finish();
}

/** A directory found as the kernel would find it. */
interface Found {
  readonly directory: DirChange;
  readonly path: string;
}

class Unpacker {
  readonly #changes: Changes;
  readonly #root: string;
  /** The tree with the destination directory as its root. */
  readonly #inRoot: Pick<Tree, "lookup">;
  readonly #origin: CopyOrigin;
  readonly #owner: Ids | undefined;
  /** The directory of the last entry, with its name in the archive. */
  #last: { name: string; found: Found } | undefined;
  /** Files with the contents of the entry they come from, even where that entry is a hard link. */
  readonly #rewritten = new Set<CopyChange>();
  /** Timestamps of directories, set last because each write into a directory changes its timestamp. */
  readonly #times: { path: string; mtime: number }[] = [];

  constructor(changes: Changes, root: string, archive: Archive, owner: Ids | undefined) {
    this.#changes = changes;
    this.#root = root;
    this.#inRoot = { lookup: (path) => changes.lookup(path === "" ? root : childPath(root, path)) };
    this.#origin = { read: (node) => archive.read(node), ...(owner !== undefined && { owner }) };
    this.#owner = owner;
  }

  apply(entry: Node): void {
    const names = namesInRoot(entry.path);
    const name = names.pop();
    if (name === undefined) {
      this.#describe(this.#top().directory, entry);
      return;
    }
    const parent = this.#parentOf(entry, names);
    requireValidPath(childPath(parent.path, name), callOf(entry));
    const existing = this.#changes.get(parent.directory, parent.path, name);
    if (existing !== undefined && !(entry.type === "dir" && isDirectory(existing))) {
      this.#changes.remove(parent.directory, parent.path, name);
      this.#last = undefined;
    }
    if (entry.type === "dir") this.#putDirectory(entry, parent, name);
    else if (entry.type === "hardlink") this.#putHardLink(entry, parent, name);
    else this.#changes.put(parent.directory, name, new CopyChange(this.#owned(entry), this.#origin));
  }

  /** A new file with the owner that it gets. */
  #owned(entry: Node): Node {
    if (entry.uid !== UNCHANGED && entry.gid !== UNCHANGED) return entry;
    return { ...entry, ...this.#ownerOf(entry, ROOT) };
  }

  /** The owner of an entry. Like chown(2), keeps that of an existing file for the id -1. */
  #ownerOf(entry: Ids, before: Ids): Ids {
    if (this.#owner !== undefined) return this.#owner;
    const { uid, gid } = entry;
    return { uid: uid === UNCHANGED ? before.uid : uid, gid: gid === UNCHANGED ? before.gid : gid };
  }

  finish(): void {
    for (const { path, mtime } of this.#times) this.#touch(path, mtime);
  }

  /** Sets the timestamp of the entry at a path. */
  #touch(path: string, mtime: number): void {
    const names = namesInRoot(this.#resolve(namesInRoot(path)) ?? path);
    const name = names.pop();
    const parent = this.#find(names);
    if (name === undefined) {
      const top = this.#top().directory;
      top.mtime = mtime;
      top.hasFreeTime = false;
      return;
    }
    if (typeof parent === "string") throw systemCallError("chtimes", path, parent);
    const directory = this.#changes.openChild(parent.directory, parent.path, name);
    if (directory !== undefined) {
      directory.mtime = mtime;
      directory.hasFreeTime = false;
      return;
    }
    const file = this.#changes.adopt(parent.directory, parent.path, name);
    if (file === undefined) throw systemCallError("chtimes", path, "no such file or directory");
    file.node = { ...file.node, mtime };
  }

  #putDirectory(entry: Node, { directory: parent, path }: Found, name: string): void {
    let directory = this.#changes.openChild(parent, path, name);
    if (directory === undefined) {
      const meta = { mode: entry.mode, uid: 0, gid: 0, mtime: undefined };
      directory = this.#changes.makeDirectory(parent, name, meta);
    }
    this.#describe(directory, entry);
  }

  /** Gives a directory the metadata of an entry. */
  #describe(directory: DirChange, entry: Node): void {
    const { uid, gid } = this.#ownerOf(entry, directory);
    directory.mode = entry.mode;
    directory.uid = uid;
    directory.gid = gid;
    if (entry.xattrs !== undefined) directory.xattrs = { ...directory.xattrs, ...entry.xattrs };
    this.#times.push({ path: entry.path, mtime: entry.mtime });
  }

  #putHardLink(entry: Node, parent: Found, name: string): void {
    const names = namesInRoot(entry.linkname ?? "");
    const call = `link /${names.join("/")}`;
    const last = names.pop();
    const found = this.#find(names);
    if (typeof found === "string") throw systemCallError(call, entry.path, found);
    const target = last && this.#changes.get(found.directory, found.path, last);
    if (last === undefined || (target && isDirectory(target)))
      throw systemCallError(call, entry.path, "operation not permitted");
    const change = this.#changes.adopt(found.directory, found.path, last);
    if (change === undefined) throw systemCallError(call, entry.path, "no such file or directory");
    this.#changes.markLinked(change);
    this.#rewrite(change, entry);
    this.#changes.put(parent.directory, name, change);
  }

  /** Applies the header of a hard link, which describes the linked file. */
  #rewrite(change: CopyChange, entry: Node): void {
    const { node, origin } = change;
    const xattrs = entry.xattrs === undefined ? node.xattrs : { ...node.xattrs, ...entry.xattrs };
    // Each link to a file may add attributes. Linux limits their number.
    if (xattrs !== undefined && Object.keys(xattrs).length > MAX_XATTRS)
      throw systemCallError("setxattr", entry.path, "no space left on device");
    const { uid, gid } = this.#ownerOf(entry, node);
    change.node = {
      ...node,
      mode: entry.mode,
      uid,
      gid,
      mtime: entry.mtime,
      ...(xattrs !== undefined && { xattrs }),
    };
    if (this.#rewritten.has(change)) return;
    this.#rewritten.add(change);
    change.origin = { read: () => origin.read(node) };
  }

  /** The directory of an entry, created when the archive has no entry for it. */
  #parentOf(entry: Node, names: readonly string[]): Found {
    const name = names.join("/");
    if (this.#last?.name === name) return this.#last.found;
    let found = this.#find(names);
    if (found === "no such file or directory" && !this.#isLink(names)) found = this.#makeImplied(names);
    if (typeof found === "string") throw systemCallError(callOf(entry), entry.path, found);
    this.#last = { name, found };
    return found;
  }

  #isLink(names: readonly string[]): boolean {
    const above = this.#find(names.slice(0, -1));
    if (typeof above === "string") return false;
    const found = this.#changes.get(above.directory, above.path, names.at(-1) as string);
    return found instanceof CopyChange || (found !== undefined && !(found instanceof DirChange));
  }

  #makeImplied(names: readonly string[]): Found | Reason {
    const meta = { mode: MODE_OF_IMPLIED_DIRECTORIES, uid: 0, gid: 0, mtime: undefined };
    let at = this.#top();
    for (const [depth, name] of names.entries()) {
      const { directory, path } = at;
      let child = this.#changes.openChild(directory, path, name);
      if (child === undefined && this.#changes.get(directory, path, name) === undefined) {
        requireValidPath(childPath(path, name), "mkdir");
        child = this.#changes.makeDirectory(directory, name, meta);
      }
      if (child !== undefined) {
        at = { directory: child, path: childPath(path, name) };
        continue;
      }
      const way = names.slice(0, depth + 1);
      const found = this.#find(way);
      if (found === "no such file or directory") throw systemCallError("mkdir", way.join("/"), "file exists");
      if (typeof found === "string") return found;
      at = found;
    }
    return at;
  }

  #top(): Found {
    return { directory: this.#changes.open(this.#root) as DirChange, path: this.#root };
  }

  /** Finds a directory as the kernel does after `chroot`. */
  #find(names: readonly string[]): Found | Reason {
    let at = this.#top();
    for (const name of names) {
      const child = this.#changes.openChild(at.directory, at.path, name);
      if (child === undefined) return this.#findThroughLinks(names);
      at = { directory: child, path: childPath(at.path, name) };
    }
    return at;
  }

  #findThroughLinks(names: readonly string[]): Found | Reason {
    const path = this.#resolve(names);
    if (path === undefined) return "too many levels of symbolic links";
    const inTree = path === "" ? this.#root : childPath(this.#root, path);
    const directory = this.#changes.open(inTree);
    if (directory !== undefined) return { directory, path: inTree };
    const isFile = this.#inRoot.lookup(path) !== undefined || fileOnTheWay(this.#inRoot, path) !== undefined;
    return isFile ? "not a directory" : "no such file or directory";
  }

  #resolve(names: readonly string[]): string | undefined {
    try {
      return resolvePath(this.#inRoot, names.join("/")).path;
    } catch (error) {
      if (error instanceof TooManyLinksError) return undefined;
      throw error;
    }
  }
}

function isDirectory(found: CopyChange | DirChange | Node): boolean {
  return found instanceof DirChange || (!(found instanceof CopyChange) && found.type === "dir");
}

/** The system call that creates an entry of this type. */
function callOf(entry: Node): string {
  switch (entry.type) {
    case "dir":
      return "mkdir";
    case "file":
      return "open";
    case "symlink":
      return `symlink ${entry.linkname ?? ""}`;
    case "hardlink":
      return `link /${entry.linkname ?? ""}`;
    default:
      return "mknod";
  }
}

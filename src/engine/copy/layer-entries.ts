import type { LayerEntry } from "../../layers/entry.ts";
import { hardLinksOf } from "../../rootfs/hard-links.ts";
import { childPath, nameOf } from "../../rootfs/path-parts.ts";
import type { Node, Tree } from "../../rootfs/tree.ts";
import { WHITEOUT } from "../../rootfs/whiteout.ts";
import { sha256 } from "../../streams/sha256.ts";
import { atOnce } from "../../streams/turns.ts";
import { type Changes, CopyChange, DirChange } from "./changes.ts";
import { resolveHardLink } from "./hard-link.ts";
import { sortedNames } from "./sorted-names.ts";

/** The only extended attribute that BuildKit writes to layers. */
const CAPABILITY = "security.capability";
const NOTHING = new Uint8Array(0);
const DIGEST_OF_NOTHING = sha256(NOTHING);

/** A directory that is being yielded. */
interface Frame {
  readonly directory: DirChange;
  readonly path: string;
  /** Sorted. A name with the whiteout prefix may represent a removal. */
  readonly names: string[];
  readonly removed: ReadonlySet<string>;
  /** Whether the base has a directory at this path. */
  readonly baseVisible: boolean;
  next: number;
}

/**
 * The layer for a set of changes, in path order, as BuildKit writes it: every entry that differs from the base, with
 * all its parents. A directory that differs only in its timestamp counts as unchanged, and so does a file rewritten
 * with equal contents, metadata and hard links. The second name of a file is a hard link to the first. When one of the
 * names is not in the base, or was another file there, all of them are entries. The root is not an entry.
 */
export function* layerEntries(
  changes: Changes,
  differs: Differences = atOnce(findDifferences(changes)),
): Generator<LayerEntry> {
  const firstPlace = new Map<CopyChange, string>();
  const frames = [openFrame(changes.base, changes.root, "", true)];
  for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) {
    const name = frame.names[frame.next++];
    if (name === undefined) {
      frames.pop();
      continue;
    }
    const path = childPath(frame.path, name);
    if (frame.removed.has(name)) {
      yield whiteout(path, changes);
      continue;
    }
    const change = frame.directory.children?.get(name);
    if (change instanceof DirChange) {
      const baseNode = frame.baseVisible ? changes.base.lookup(path) : undefined;
      if (!differs.directory(change, baseNode)) continue;
      const isFree = change.mtime === undefined || change.hasFreeTime;
      yield {
        node: withoutLocalXattrs(changes.directoryNode(change, path)),
        ...(isFree && { hasFreeTime: true }),
      };
      frames.push(openFrame(changes.base, change, path, baseNode?.type === "dir"));
    } else if (change instanceof CopyChange) {
      const node = changes.fileNode(change, path);
      if (frame.baseVisible && differs.sameFile(change, node)) continue;
      yield fileEntry(change, withoutLocalXattrs(node), firstPlace);
    }
  }
}

function fileEntry(change: CopyChange, node: Node, firstPlace: Map<CopyChange, string>): LayerEntry {
  const free = change.origin.hasFreeTimes && { hasFreeTime: true as const };
  if (change.linked) {
    const first = firstPlace.get(change);
    if (first !== undefined) {
      return { node: { ...node, type: "hardlink", size: 0, linkname: first }, ...free };
    }
    firstPlace.set(change, node.path);
  }
  if (node.type !== "file" || node.contents !== undefined) return { node, ...free };
  return { node, read: () => change.origin.read(change.node), ...free };
}

function openFrame(base: Tree, directory: DirChange, path: string, baseVisible: boolean): Frame {
  const names: string[] = [];
  const removed = new Set<string>();
  for (const [name, change] of directory.children ?? []) {
    if (change !== null) names.push(name);
    else removed.add(WHITEOUT + name);
  }
  if (baseVisible && !directory.overBase) {
    // This directory replaced one of the base, whose entries must be hidden.
    for (const node of base.children(path)) {
      const name = node.path.slice(path.length + 1);
      if (!directory.children?.get(name)) removed.add(WHITEOUT + name);
    }
  }
  // An archive may contain a file with the name of the whiteout, which has the same effect.
  for (const name of removed) {
    if (directory.children?.get(name)) removed.delete(name);
    else names.push(name);
  }
  return { directory, path, names: sortedNames(names), removed, baseVisible, next: 0 };
}

function whiteout(path: string, changes: Changes): LayerEntry {
  // As in BuildKit, the time of a whiteout is that of 1970, adjusted by the rule for times.
  const mtime = changes.mtimeOf(0);
  const node: Node = {
    path,
    type: "file",
    mode: 0,
    uid: 0,
    gid: 0,
    mtime,
    size: 0,
    digest: DIGEST_OF_NOTHING,
  };
  return { node, read: () => NOTHING };
}

/** The node without the extended attributes that are not written to layers. */
function withoutLocalXattrs(node: Node): Node {
  if (node.xattrs === undefined) return node;
  const { xattrs, ...rest } = node;
  const capability = xattrs[CAPABILITY];
  return capability === undefined ? rest : { ...rest, xattrs: { [CAPABILITY]: capability } };
}

/** Cost of comparing an entry with the base, and the additional cost per layer of the base. */
const ENTRY = 2048;
const LAYER = 128;

/** Compares changes with their base. Works in pieces: see `inTurns`. */
export function* findDifferences(changes: Changes): Generator<number, Differences, undefined> {
  const differences = new Differences(changes);
  yield* differences.find();
  return differences;
}

/** The differences of changes from their base. */
class Differences {
  readonly #changes: Changes;
  /** Directories of the base in which something differs. */
  readonly #differs = new Set<DirChange>();
  /** The names of files of the base that have several, by each of the names. */
  readonly #namesInBase = new Map<string, ReadonlySet<string>>();
  /** Files with several names that are equal in the base, where they are the only names of one file. */
  readonly #sameLinked = new Set<CopyChange>();

  constructor(changes: Changes) {
    this.#changes = changes;
  }

  *find(): Generator<number, void, undefined> {
    yield* this.#findNamesInBase();
    yield* this.#compareLinked();
    yield* this.#visit(this.#changes.root, "");
  }

  /** Whether a directory, or anything in it, differs from the base, which has `baseNode` there. */
  directory(directory: DirChange, baseNode: Node | undefined): boolean {
    if (baseNode?.type !== "dir" || !sameMeta(directory, baseNode)) return true;
    return this.#differs.has(directory);
  }

  /** Compares a directory, and visits every directory in it. */
  *#visit(directory: DirChange, path: string): Generator<number, void, undefined> {
    const { base } = this.#changes;
    let differs = false;
    for (const [name, change] of directory.children ?? []) {
      yield ENTRY + 8 * path.length + LAYER * (base.layerCount ?? 1);
      const at = childPath(path, name);
      if (change instanceof DirChange) {
        const baseNode = base.lookup(at);
        if (baseNode?.type === "dir") yield* this.#visit(change, at);
        differs ||= this.directory(change, baseNode);
      } else {
        differs ||= change === null || !this.sameFile(change, this.#changes.fileNode(change, at));
      }
    }
    if (!differs && !directory.overBase) differs = yield* this.#anyGone(directory, path);
    if (differs) this.#differs.add(directory);
  }

  /** Whether the base has an entry that is missing in the directory that replaced it. */
  *#anyGone({ children }: DirChange, path: string): Generator<number, boolean, undefined> {
    for (const { path: at } of this.#changes.base.children(path)) {
      yield ENTRY + at.length;
      if (!children?.has(nameOf(at))) return true;
    }
    return false;
  }

  /** Whether the base has an equal file at this path: metadata, timestamp in seconds, contents, hard links. */
  sameFile(change: CopyChange, node: Node): boolean {
    if (change.linked) return this.#sameLinked.has(change);
    return !this.#namesInBase.has(node.path) && this.#sameAlone(change, node);
  }

  *#findNamesInBase(): Generator<number, void, undefined> {
    const { base } = this.#changes;
    const names = new Map<string, Set<string>>();
    for (const link of hardLinksOf(base)) {
      yield ENTRY;
      const target = resolveHardLink(base, link).path;
      const others = names.get(target) ?? new Set([target]);
      names.set(target, others.add(link.path));
      this.#namesInBase.set(target, others).set(link.path, others);
    }
  }

  *#compareLinked(): Generator<number, void, undefined> {
    const linked = new Map<CopyChange, string[]>();
    if (this.#changes.hasLinkedFiles) yield* this.#collectLinked(this.#changes.root, "", linked);
    for (const [change, paths] of linked) {
      const [first = ""] = paths;
      const before = this.#namesInBase.get(first) ?? new Set([first]);
      yield ENTRY * paths.length;
      const isSame = (path: string) =>
        before.has(path) && this.#sameAlone(change, this.#changes.fileNode(change, path));
      if (paths.length === before.size && paths.every(isSame)) this.#sameLinked.add(change);
    }
  }

  *#collectLinked(
    directory: DirChange,
    path: string,
    linked: Map<CopyChange, string[]>,
  ): Generator<number, void, undefined> {
    for (const [name, change] of directory.children ?? []) {
      yield ENTRY + 4 * path.length;
      const at = childPath(path, name);
      if (change instanceof DirChange) yield* this.#collectLinked(change, at, linked);
      if (!(change instanceof CopyChange && change.linked)) continue;
      const paths = linked.get(change);
      if (paths === undefined) linked.set(change, [at]);
      else paths.push(at);
    }
  }

  #sameAlone(change: CopyChange, node: Node): boolean {
    const { base } = this.#changes;
    const entry = base.lookup(node.path);
    if (entry === undefined || change.origin.madeNow) return false;
    const before = resolveHardLink(base, entry);
    return (
      before.type === node.type &&
      sameMeta(before, node) &&
      before.size === node.size &&
      Math.floor(before.mtime) === Math.floor(node.mtime) &&
      (node.type !== "symlink" || before.linkname === node.linkname) &&
      (node.type !== "file" || (node.digest !== undefined && before.digest === node.digest)) &&
      before.device?.major === node.device?.major &&
      before.device?.minor === node.device?.minor
    );
  }
}

type Meta = Pick<Node, "mode" | "uid" | "gid"> & { xattrs?: Record<string, string> | undefined };

function sameMeta(a: Meta, b: Meta): boolean {
  return (
    a.mode === b.mode &&
    a.uid === b.uid &&
    a.gid === b.gid &&
    a.xattrs?.[CAPABILITY] === b.xattrs?.[CAPABILITY]
  );
}

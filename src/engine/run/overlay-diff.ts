import { nameOf, parentOf } from "../../rootfs/path-parts.ts";
import { resolvePath, TooManyLinksError } from "../../rootfs/resolve.ts";
import type { Node, Tree } from "../../rootfs/tree.ts";
import { pathInRoot } from "../../tar/path.ts";
import { Changes, CopyChange, type DirChange, type MtimeRule } from "../copy/changes.ts";
import { resolveHardLink } from "../copy/hard-link.ts";

/** Extended attributes of opaque directories; their value is "y" (or "Y"). */
const OPAQUE = ["trusted.overlay.opaque", "user.overlay.opaque"];
/** Cost of examining an entry. */
const ENTRY = 2048;
/** Paths that are mounted in every container. The directories `/dev`, `/proc` and `/sys` are not removed. */
const ALWAYS_MOUNTED = ["/etc/resolv.conf", "/etc/hosts"];

interface OverlayDiff {
  /** The upper directory: changed entries in full, removed ones as character devices 0:0. */
  upper: Tree;
  /** The tree below the upper directory. */
  base: Tree;
  /** Absolute mount points. */
  mounted: readonly string[];
  mtimeOf: MtimeRule;
}

/**
 * Converts the upper directory of an overlayfs to changes (kernel documentation, overlayfs.rst, "whiteouts and opaque
 * directories"). Omits mount points that the runner created only for mounting, and their parent directories.
 * Works in pieces: see `inTurns`.
 */
export function* overlayChanges({
  upper,
  base,
  mounted,
  mtimeOf,
}: OverlayDiff): Generator<number, Changes, undefined> {
  const changes = new Changes(base, mtimeOf);
  const stubs = stubsOf(upper, base, [...ALWAYS_MOUNTED, ...mounted]);
  const linked = yield* linkTargets(upper);
  /** Changes of files with several names, by path. All names of a file share one change. */
  const firstPlaces = new Map<string, CopyChange>();
  /** The directories above the current entry, each with its final time. */
  const ancestors: { path: string; change: DirChange; mtime: number | undefined }[] = [
    { path: "", change: changes.root, mtime: undefined },
  ];
  const leave = () => {
    const left = ancestors.pop();
    if (left?.mtime !== undefined) left.change.mtime = left.mtime;
  };
  for (const node of upper.walk("")) {
    const { path } = node;
    yield ENTRY + 4 * path.length;
    if (stubs.has(path)) continue;
    const above = parentOf(path);
    while (ancestors.at(-1)?.path !== above) leave();
    const parent = (ancestors.at(-1) as (typeof ancestors)[number]).change;
    const name = nameOf(path);
    if (isRemoval(node)) {
      changes.remove(parent, above, name);
    } else if (node.type === "dir") {
      const change = directoryChange(changes, parent, node);
      ancestors.push({ path, change, mtime: node.implied ? change.mtime : node.mtime });
    } else {
      const file = resolveHardLink(upper, node);
      const first = firstPlaces.get(file.path);
      if (first !== undefined) changes.markLinked(first);
      const change = first ?? new CopyChange(file, upper);
      if (linked.has(file.path)) firstPlaces.set(file.path, change);
      changes.put(parent, name, change);
    }
  }
  while (ancestors.length > 0) leave();
  return changes;
}

/** Whether a node of an upper directory of overlayfs means that the entry below is removed. */
export function isRemoval({ type, device }: Node): boolean {
  return type === "char" && device?.major === 0 && device.minor === 0;
}

/** `y` in base64, and `Y`, which overlayfs accepts but does not write. */
function isOpaque({ xattrs }: Node): boolean {
  return xattrs !== undefined && OPAQUE.some((name) => /^[Yy]$/.test(atob(xattrs[name] ?? "")));
}

function directoryChange(changes: Changes, parent: DirChange, node: Node): DirChange {
  const { path, mode, uid, gid, mtime, xattrs } = node;
  const name = nameOf(path);
  const open = isOpaque(node) ? undefined : changes.openChild(parent, parentOf(path), name);
  if (open === undefined) return changes.makeDirectory(parent, name, { mode, uid, gid, mtime, xattrs });
  if (!node.implied) Object.assign(open, { mode, uid, gid, xattrs });
  return open;
}

function* linkTargets(upper: Tree): Generator<number, Set<string>, undefined> {
  const targets = new Set<string>();
  for (const node of upper.walk("")) {
    yield ENTRY;
    if (node.type === "hardlink") targets.add(resolveHardLink(upper, node).path);
  }
  return targets;
}

/** Empty entries at mount points that the base does not have, and directories that contain only such entries. */
function stubsOf(upper: Tree, base: Tree, mounted: readonly string[]): Set<string> {
  const stubs = new Set<string>();
  for (const target of mounted) {
    for (let path = placeOf(base, target); path !== "" && !base.lookup(path); path = parentOf(path)) {
      const node = upper.lookup(path);
      if (node === undefined) continue;
      if (node.type === "dir" ? !isEmpty(upper, path, stubs) : node.size > 0 || node.type !== "file") break;
      stubs.add(path);
    }
  }
  return stubs;
}

function isEmpty(tree: Tree, path: string, without: ReadonlySet<string>): boolean {
  for (const child of tree.children(path)) if (!without.has(child.path)) return false;
  return true;
}

function placeOf(base: Tree, target: string): string {
  const path = pathInRoot(target);
  try {
    return resolvePath(base, path).path;
  } catch (error) {
    if (error instanceof TooManyLinksError) return path;
    throw error;
  }
}

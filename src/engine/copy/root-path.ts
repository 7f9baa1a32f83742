import { parentOf } from "../../rootfs/path-parts.ts";
import { type Resolved, resolvePath, TooManyLinksError } from "../../rootfs/resolve.ts";
import type { Tree } from "../../rootfs/tree.ts";
import { isTooLong, pathInRoot } from "../../tar/path.ts";
import { CopyError, type CopyPhase, systemCallError } from "./copy-error.ts";

/** Characters of a too long path that its error message shows; Docker's message has the whole path. */
const SHOWN = 100;

/**
 * Rejects an entry path that Linux does not allow: one with a NUL, or a long one. Every directory of a path is an entry
 * with its own path, so a long path costs the square of its length.
 * @throws {CopyError} `invalid argument`, `file name too long`
 */
export function requireValidPath(path: string, call: string): void {
  if (path.includes("\0")) throw systemCallError(call, path, "invalid argument");
  if (!isTooLong(path)) return;
  const shown = path.length > SHOWN ? `${path.slice(0, SHOWN)}…` : path;
  throw systemCallError(call, shown, "file name too long");
}

/**
 * Resolves `path` to an entry path, following all symbolic links, including the last name. Links cannot leave the root.
 * A path that does not exist is returned as named.
 * @throws {CopyError} for more than 255 links, and for a path through something other than a directory.
 */
export function resolveInTree(tree: Tree, path: string): string {
  const resolved = resolve(tree, path, "write");
  if (resolved.node === undefined) {
    const through = fileOnTheWay(tree, resolved.path);
    if (through !== undefined) throw systemCallError("lstat", through, "not a directory");
  }
  return resolved.path;
}

/** Resolves a path, which need not exist. @throws {CopyError} for more than 255 links */
export function resolve(tree: Tree, path: string, phase: CopyPhase): Resolved {
  try {
    return resolvePath(tree, pathInRoot(path));
  } catch (error) {
    if (error instanceof TooManyLinksError) throw new CopyError(phase, path, "too many links");
    throw error;
  }
}

/** For a missing path: its first name below something that is not a directory. */
export function fileOnTheWay(tree: Pick<Tree, "lookup">, path: string): string | undefined {
  for (let child = path; child !== ""; child = parentOf(child)) {
    const above = tree.lookup(parentOf(child));
    if (above !== undefined) return above.type === "dir" ? undefined : child;
  }
  return undefined;
}

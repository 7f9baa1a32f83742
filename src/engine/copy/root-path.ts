import { type Resolved, resolvePath, TooManyLinksError } from "../../rootfs/resolve.ts";
import type { Tree } from "../../rootfs/tree.ts";
import { isTooLong } from "../../tar/path.ts";
import { CopyError, type CopyPhase, callFailed } from "./copy-error.ts";

/** Names of a path without `.` and empty ones; `..` takes the name before it away and never leaves the root. */
export function namesOf(path: string): string[] {
  const names: string[] = [];
  for (const name of path.split("/")) {
    if (name === "" || name === ".") continue;
    if (name === "..") names.pop();
    else names.push(name);
  }
  return names;
}

/**
 * Characters of a path in a message about its length. Docker's message has the whole path.
 */
const SHOWN = 100;

/**
 * An entry path that Linux could have. Every directory of a path is an entry with a path of its own, so a long one would
 * cost the square of its length.
 *
 * @throws CopyError `file name too long`
 */
export function requireShort(path: string, call: string): void {
  if (!isTooLong(path)) return;
  const shown = path.length > SHOWN ? `${path.slice(0, SHOWN)}…` : path;
  throw callFailed(call, shown, "file name too long");
}

/** `name` in the directory `path`, as an entry path. */
export function childPath(path: string, name: string): string {
  return path === "" ? name : `${path}/${name}`;
}

/** The directory that holds a path. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf("/"), 0));
}

/** The last name of a path. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/**
 * The entry path that `path` means when every symbolic link on the way is followed, the last one too, and none can
 * leave the root. What does not exist stays as it is named.
 *
 * @throws CopyError for more than 255 links, and for a path through something that is no directory.
 */
export function rootPath(tree: Tree, path: string): string {
  const resolved = resolve(tree, path, "write");
  if (resolved.node === undefined) {
    const through = fileOnTheWay(tree, resolved.path);
    if (through !== undefined) throw callFailed("lstat", through, "not a directory");
  }
  return resolved.path;
}

/** Where a path leads, which may be where nothing is. @throws CopyError for more than 255 links */
export function resolve(tree: Tree, path: string, phase: CopyPhase): Resolved {
  try {
    return resolvePath(tree, namesOf(path).join("/"));
  } catch (error) {
    if (error instanceof TooManyLinksError) throw new CopyError(phase, path, "too many links");
    throw error;
  }
}

/** Of a path that is not there, the first name below something that is no directory. */
export function fileOnTheWay(tree: Pick<Tree, "lookup">, path: string): string | undefined {
  for (let child = path; child !== ""; child = parentOf(child)) {
    const above = tree.lookup(parentOf(child));
    if (above !== undefined) return above.type === "dir" ? undefined : child;
  }
  return undefined;
}

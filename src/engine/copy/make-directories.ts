import { type Changes, DirChange, type DirectoryMeta, FileChange } from "./changes.ts";
import { callFailed } from "./copy-error.ts";
import { childPath, requireShort } from "./root-path.ts";

const SET_GROUP = 0o2000;

/**
 * Makes a directory and the missing ones above it; what exists stays as it is. `path` has its links resolved.
 *
 * @param isOwned the owner was asked for. Otherwise what is made in a setgid directory gets its group, as on Linux.
 * @throws CopyError where something else is in the way
 */
export function makeDirectories(
  changes: Changes,
  path: string,
  meta: DirectoryMeta,
  isOwned: boolean,
): DirChange {
  let directory = changes.root;
  if (path === "") return directory;
  requireShort(path, "mkdir");
  let at = "";
  for (const name of path.split("/")) {
    const child = childPath(at, name);
    const found = changes.get(directory, at, name);
    if (found === undefined)
      directory = changes.makeDirectory(directory, name, madeIn(directory, meta, isOwned));
    else if (found instanceof DirChange) directory = found;
    else if (found instanceof FileChange || found.type !== "dir")
      throw callFailed("mkdir", child, "not a directory");
    else directory = changes.openChild(directory, at, name) as DirChange;
    at = child;
  }
  return directory;
}

/** The setgid bit is inherited in every case (inode(7)). */
function madeIn(parent: DirChange, meta: DirectoryMeta, isOwned: boolean): DirectoryMeta {
  if ((parent.mode & SET_GROUP) === 0) return meta;
  return { ...meta, mode: meta.mode | SET_GROUP, gid: isOwned ? meta.gid : parent.gid };
}

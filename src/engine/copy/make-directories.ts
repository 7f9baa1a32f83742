import { childPath } from "../../rootfs/path-parts.ts";
import { type Changes, CopyChange, DirChange, type DirectoryMeta } from "./changes.ts";
import { systemCallError } from "./copy-error.ts";
import { requireValidPath } from "./root-path.ts";

const SET_GROUP = 0o2000;

/**
 * Creates a directory and its missing parents; existing directories do not change. The links in `path` must be
 * resolved.
 * @param isOwned an owner was requested. Otherwise directories created in a setgid directory get its group, as on
 * Linux.
 * @throws {CopyError} where something other than a directory exists
 */
export function makeDirectories(
  changes: Changes,
  path: string,
  meta: DirectoryMeta,
  isOwned: boolean,
): DirChange {
  let directory = changes.root;
  if (path === "") return directory;
  requireValidPath(path, "mkdir");
  let at = "";
  for (const name of path.split("/")) {
    const child = childPath(at, name);
    const found = changes.get(directory, at, name);
    if (found === undefined)
      directory = changes.makeDirectory(directory, name, inheritGroup(directory, meta, isOwned));
    else if (found instanceof DirChange) directory = found;
    else if (found instanceof CopyChange || found.type !== "dir")
      throw systemCallError("mkdir", child, "not a directory");
    else directory = changes.openChild(directory, at, name) as DirChange;
    at = child;
  }
  return directory;
}

/** The setgid bit is always inherited (inode(7)). */
function inheritGroup(parent: DirChange, meta: DirectoryMeta, isOwned: boolean): DirectoryMeta {
  if ((parent.mode & SET_GROUP) === 0) return meta;
  return { ...meta, mode: meta.mode | SET_GROUP, gid: isOwned ? meta.gid : parent.gid };
}

import { type Changes, DirChange, type DirectoryMeta, FileChange } from "./changes.ts";
import { callFailed } from "./copy-error.ts";
import { childPath } from "./root-path.ts";

/**
 * Makes a directory and the missing ones above it; what exists stays as it is. `path` has its links resolved.
 *
 * @throws CopyError where something else is in the way
 */
export function makeDirectories(changes: Changes, path: string, meta: DirectoryMeta): DirChange {
  let directory = changes.root;
  if (path === "") return directory;
  let at = "";
  for (const name of path.split("/")) {
    const child = childPath(at, name);
    const found = changes.get(directory, at, name);
    if (found === undefined) directory = changes.makeDirectory(directory, name, meta);
    else if (found instanceof DirChange) directory = found;
    else if (found instanceof FileChange || found.type !== "dir")
      throw callFailed("mkdir", child, "not a directory");
    else directory = changes.openChild(directory, at, name) as DirChange;
    at = child;
  }
  return directory;
}

import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Makes a folder and its missing parents. For paths that a user chooses: Node's recursive mkdir never returns in a folder
 * that exists but accepts no new folders, such as `/proc/nope`.
 * @throws {NodeJS.ErrnoException}
 */
export function makeFolder(path: string, mode = 0o777): void {
  if (isMade(path, mode)) return;
  makeFolder(dirname(path), mode);
  if (!isMade(path, mode)) mkdirSync(path, mode);
}

/** False when the folder above is missing. */
function isMade(path: string, mode: number): boolean {
  try {
    mkdirSync(path, mode);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" && dirname(path) !== path && !isFolder(dirname(path))) return false;
    if (code !== "EEXIST" || !isFolder(path)) throw error;
    return true;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

import { chmodSync, chownSync, lstatSync, utimesSync } from "node:fs";
import { chmod, chown, utimes } from "node:fs/promises";
import type { Entry } from "../../tar/entry.ts";

/** What a directory has besides its entries. */
export type DirectoryAttributes = Pick<Entry, "mode" | "uid" | "gid" | "mtime">;

/** Gives them to a directory. */
export async function setAttributes(
  path: string,
  { uid, gid, mode, mtime }: DirectoryAttributes,
): Promise<void> {
  await chown(path, uid, gid);
  await chmod(path, mode);
  await utimes(path, mtime, mtime);
}

/** Gives a directory the attributes that `path` has in the first of the layers in which it is, the highest first. */
export function adoptDirectory(directory: string, path: string, layers: readonly string[]): void {
  for (const layer of layers) {
    let at = layer;
    const isThere = path.split("/").every((name) => {
      at += `/${name}`;
      return lstatSync(at, { throwIfNoEntry: false })?.isDirectory();
    });
    if (!isThere) continue;
    const { uid, gid, mode, atime, mtime } = lstatSync(at);
    chownSync(directory, uid, gid);
    chmodSync(directory, mode & 0o7777);
    utimesSync(directory, atime, mtime);
    return;
  }
}

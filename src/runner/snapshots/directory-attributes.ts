import { chmodSync, chownSync, lstatSync, utimesSync } from "node:fs";
import type { Entry } from "../../tar/entry.ts";
import { fileTime } from "../files/file-time.ts";

export type DirectoryAttributes = Pick<Entry, "mode" | "uid" | "gid" | "mtime">;

export function setAttributes(path: string, { uid, gid, mode, mtime }: DirectoryAttributes): void {
  chownSync(path, uid, gid);
  chmodSync(path, mode);
  utimesSync(path, fileTime(mtime), fileTime(mtime));
}

/** Copies the attributes of `path` from the first layer that has it. @param layers the highest first */
export function adoptDirectory(directory: string, path: string, layers: readonly string[]): void {
  for (const layer of layers) {
    let at = layer;
    const exists = path.split("/").every((name) => {
      at += `/${name}`;
      return lstatSync(at, { throwIfNoEntry: false })?.isDirectory();
    });
    if (!exists) continue;
    const { uid, gid, mode, atime, mtime } = lstatSync(at);
    chownSync(directory, uid, gid);
    chmodSync(directory, mode & 0o7777);
    utimesSync(directory, atime, mtime);
    return;
  }
}

import { createWriteStream, lstatSync } from "node:fs";
import { chmod, link, lutimes, mkdir, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { makeFolder } from "../runner/make-folder.ts";
import type { Entry } from "../tar/entry.ts";
import { readTar } from "../tar/read.ts";
import { encodeName } from "../tar/text.ts";

/**
 * Writes the members of a tar into a folder, which is made when it is not there. Files belong to whoever does it; devices
 * are left out. What is there already is replaced, except folders. Nothing is written through a symbolic link that the
 * archive or the folder has.
 */
export async function unpackFolder(source: AsyncIterable<Uint8Array>, folder: string): Promise<void> {
  makeFolder(folder);
  /** By their paths; in the order of the archive. */
  const directories = new Map<string, Entry>();
  for await (const { entry, body } of readTar(source)) {
    if (entry.path === "") continue;
    await prepare(folder, entry);
    if (entry.type !== "dir") forget(directories, entry.path);
    const place = placeOf(folder, entry.path);
    switch (entry.type) {
      case "dir":
        directories.set(entry.path, entry);
        continue;
      case "file":
        // Nobody else may open it before it has its own mode.
        await pipeline(body, createWriteStream(place, { flags: "wx", mode: 0o600 }));
        await chmod(place, entry.mode);
        break;
      case "symlink":
        await symlink(entry.linkname ?? "", place);
        break;
      case "hardlink":
        await prepareTarget(folder, entry.linkname ?? "");
        await link(placeOf(folder, entry.linkname ?? ""), place);
        break;
      default:
        continue;
    }
    if (entry.type !== "hardlink") await lutimes(place, entry.mtime, entry.mtime);
  }
  // Those below come first: writing into a folder changes its time, and one may be closed to its owner.
  for (const { path, mode, mtime } of [...directories.values()].reverse()) {
    const place = placeOf(folder, path);
    await chmod(place, mode | 0o700);
    await lutimes(place, mtime, mtime);
  }
}

/** Makes the folders above an entry, and takes away what is in its place. */
async function prepare(folder: string, { path, type }: Entry): Promise<void> {
  const parts = path.split("/");
  const folders = type === "dir" ? parts : parts.slice(0, -1);
  for (let depth = 1; depth <= folders.length; depth++) {
    const place = placeOf(folder, parts.slice(0, depth).join("/"));
    const kind = kindOf(place);
    if (kind === "dir") continue;
    if (kind === "other") await rm(place);
    await mkdir(place);
  }
  if (type !== "dir") await rm(placeOf(folder, path), { recursive: true, force: true });
}

/** What came in the place of a directory may lead elsewhere: nothing that was said of that one holds any longer. */
function forget(directories: Map<string, Entry>, path: string): void {
  if (!directories.delete(path)) return;
  for (const below of [...directories.keys()]) if (below.startsWith(`${path}/`)) directories.delete(below);
}

/** The way to the target of a hard link leads through folders only. */
async function prepareTarget(folder: string, path: string): Promise<void> {
  const parts = path.split("/");
  for (let depth = 1; depth < parts.length; depth++) {
    if (kindOf(placeOf(folder, parts.slice(0, depth).join("/"))) !== "dir")
      throw new Error(`Cannot unpack a link to "${path}": it is not in the archive`);
  }
}

function kindOf(place: string | Buffer): "dir" | "other" | undefined {
  const stats = lstatSync(place, { throwIfNoEntry: false });
  return stats === undefined ? undefined : stats.isDirectory() ? "dir" : "other";
}

function placeOf(folder: string, path: string): string | Buffer {
  const place = join(folder, path);
  return path.isWellFormed() ? place : Buffer.from(encodeName(place));
}

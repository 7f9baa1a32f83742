import { randomUUID } from "node:crypto";
import { createWriteStream, lstatSync, mkdirSync, rmSync } from "node:fs";
import { chmod, link, lutimes, rename, rm, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { fileTime } from "../runner/files/file-time.ts";
import { makeFolder } from "../runner/files/make-folder.ts";
import type { Entry } from "../tar/entry.ts";
import { readTar, type TarMember } from "../tar/read.ts";
import { encodeName } from "../tar/text.ts";

/** Writes the members of a tar to a folder: see `unpackMembers`. */
export function unpackFolder(source: AsyncIterable<Uint8Array>, folder: string): Promise<void> {
  return unpackMembers(readTar(source), folder);
}

/**
 * Writes members of a tar to a folder, which is created if missing. Files belong to the current user; devices are
 * skipped. Replaces existing entries, except folders by folders. A file is replaced when its new contents are complete.
 * Never writes through a symbolic link of the archive or the folder.
 */
export async function unpackMembers(
  members: AsyncIterable<Pick<TarMember, "entry" | "body">>,
  folder: string,
): Promise<void> {
  makeFolder(folder);
  /** By path, in archive order. */
  const directories = new Map<string, Entry>();
  for await (const { entry, body } of members) {
    if (entry.path === "") continue;
    await prepare(folder, entry);
    if (entry.type !== "dir") forget(directories, entry.path);
    const place = placeOf(folder, entry.path);
    switch (entry.type) {
      case "dir":
        directories.set(entry.path, entry);
        continue;
      case "file":
        await writeFile(folder, entry, body);
        continue;
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
    if (entry.type !== "hardlink") await lutimes(place, fileTime(entry.mtime), fileTime(entry.mtime));
  }
  // Children first: writing into a folder changes its time, and its mode may deny access to its owner.
  for (const { path, mode, mtime } of [...directories.values()].reverse()) {
    const place = placeOf(folder, path);
    await chmod(place, mode | 0o700);
    await lutimes(place, fileTime(mtime), fileTime(mtime));
  }
}

async function writeFile(folder: string, { path, mode, mtime }: Entry, body: AsyncIterable<Uint8Array>) {
  const fresh = placeOf(folder, join(dirname(path), `.varve-${randomUUID()}`));
  // Ctrl-C ends the process during the output.
  const discard = () => rmSync(fresh, { force: true });
  process.on("exit", discard);
  try {
    // Only the user may open it before it has its final mode.
    await pipeline(body, createWriteStream(fresh, { flags: "wx", mode: 0o600 }));
    await chmod(fresh, mode);
    await lutimes(fresh, fileTime(mtime), fileTime(mtime));
    await rename(fresh, placeOf(folder, path));
  } catch (error) {
    await rm(fresh, { force: true }).catch(() => {});
    throw error;
  } finally {
    process.off("exit", discard);
  }
}

/** Creates the folders above an entry, and removes what the entry replaces, except a file by a file. */
async function prepare(folder: string, { path, type }: Entry): Promise<void> {
  const parts = path.split("/");
  const folders = type === "dir" ? parts : parts.slice(0, -1);
  for (let depth = 1; depth <= folders.length; depth++) {
    const place = placeOf(folder, parts.slice(0, depth).join("/"));
    const kind = kindOf(place);
    if (kind === "dir") continue;
    // Without a pause, because another output of a bake may make the same folder.
    if (kind === "other") rmSync(place);
    mkdirSync(place);
  }
  if (type === "dir") return;
  const place = placeOf(folder, path);
  if (type !== "file" || kindOf(place) === "dir") await rm(place, { recursive: true, force: true });
}

/** The replacement of a directory may lead elsewhere, so the cached state of that directory is invalid. */
function forget(directories: Map<string, Entry>, path: string): void {
  if (!directories.delete(path)) return;
  for (const below of [...directories.keys()]) if (below.startsWith(`${path}/`)) directories.delete(below);
}

/** The path to the target of a hard link must consist of folders. */
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

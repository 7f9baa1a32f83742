import { randomUUID } from "node:crypto";
import { createWriteStream, rmSync, statSync, writeFileSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { realPlace } from "../../machine/real-place.ts";
import { replaceFile } from "../../machine/replace-file.ts";
import { fileReason } from "../../runner/files/file-reason.ts";
import { makeFolder } from "../../runner/files/make-folder.ts";
import { CommandError } from "../command-error.ts";

/** Error codes of the local file system: the disk is full, or the path is not writable. */
const REFUSALS = new Set([
  "ENOSPC",
  "EDQUOT",
  "EFBIG",
  "EROFS",
  "EACCES",
  "EPERM",
  "EISDIR",
  "ENOTDIR",
  "EEXIST",
  "ENOENT",
  "ENXIO",
  "ELOOP",
  "ENAMETOOLONG",
  "EIO",
]);

/**
 * Writes bytes to stdout for `-`, into an existing device, FIFO or other special file, and otherwise atomically to a
 * regular file. Follows symbolic links.
 * @throws {CommandError} when the file cannot be written
 */
export async function writeTo(dest: string, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  if (dest === "-") return pipeline(Readable.from(bytes), process.stdout, { end: false });
  return addDestToErrors(dest, async () => {
    if (isWrittenInPlace(dest)) await pipeline(Readable.from(bytes), createWriteStream(dest));
    else await replace(dest, bytes);
  });
}

/** Characters of a file's name in that of its part, which is no longer than a name may be. */
const MAX_PREFIX = 50;

async function replace(dest: string, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  makeFolder(dirname(dest));
  const place = realPlace(dest);
  // In a folder that other users can write to, a predictable name could be a link that one of them created.
  const fresh = join(dirname(place), `${basename(place).slice(0, MAX_PREFIX)}.${randomUUID()}.part`);
  // Ctrl-C ends the process during the output.
  const discard = () => rmSync(fresh, { force: true });
  process.on("exit", discard);
  try {
    await pipeline(Readable.from(bytes), createWriteStream(fresh, { flags: "wx" }));
    await rename(fresh, place);
  } catch (error) {
    await rm(fresh, { force: true }).catch(() => {});
    throw error;
  } finally {
    process.off("exit", discard);
  }
}

/** Whether a path is not a regular file, so that its contents cannot be replaced. Includes links such as `/dev/stdout`. */
function isWrittenInPlace(dest: string): boolean {
  const stats = statSync(dest, { throwIfNoEntry: false });
  return stats !== undefined && (!stats.isFile() || /^\/(?:dev|proc)\//.test(dest));
}

/** Error codes for a file that can be written but not replaced: a mount point, in a folder of another user, with a long name. */
const IRREPLACEABLE = new Set(["EBUSY", "EACCES", "EPERM", "EROFS", "ENAMETOOLONG"]);

/** Writes a text into a file, atomically where possible. @throws {CommandError} when it cannot be written */
export function writeTextTo(dest: string, text: string): void {
  try {
    if (isWrittenInPlace(dest) || !replaceText(dest, text)) writeFileSync(dest, text);
  } catch (error) {
    throw addDest(dest, error);
  }
}

/** @returns false for a file that cannot be replaced */
function replaceText(dest: string, text: string): boolean {
  try {
    replaceFile(realPlace(dest), text, 0o666);
    return true;
  } catch (error) {
    if (IRREPLACEABLE.has((error as NodeJS.ErrnoException).code ?? "")) return false;
    throw error;
  }
}

/** Performs an action on a file or folder that the user has named. @throws {CommandError} with its name */
export async function addDestToErrors<T>(dest: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw addDest(dest, error);
  }
}

/** The error with the name of the file, which not all file errors contain. */
function addDest(dest: string, error: unknown): unknown {
  const { code = "" } = error as NodeJS.ErrnoException;
  return REFUSALS.has(code) ? new CommandError(`Cannot write ${dest}: ${fileReason(error)}`) : error;
}

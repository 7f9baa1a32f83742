import { createWriteStream, writeFileSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { CommandError } from "./command-error.ts";

/** What a file system says, and no server: the disk is full, or nothing may be written there. */
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
  "EIO",
]);

/**
 * Writes bytes into a file, which has all of them or is not there, or to stdout for `-`.
 * @throws {CommandError} when the file cannot be written
 */
export async function writeTo(dest: string, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  if (dest === "-") return pipeline(Readable.from(bytes), process.stdout, { end: false });
  const fresh = `${dest}.${process.pid}.part`;
  try {
    await mkdir(dirname(dest), { recursive: true });
    await pipeline(Readable.from(bytes), createWriteStream(fresh));
    await rename(fresh, dest);
  } catch (error) {
    await rm(fresh, { force: true }).catch(() => {});
    throw named(dest, error);
  }
}

/** Writes a text into a file. @throws {CommandError} when it cannot be written */
export function writeText(dest: string, text: string): void {
  try {
    writeFileSync(dest, text);
  } catch (error) {
    throw named(dest, error);
  }
}

/** Not all errors of files name the file. */
function named(dest: string, error: unknown): unknown {
  const { code = "", message } = error as NodeJS.ErrnoException;
  return REFUSALS.has(code) ? new CommandError(`Cannot write ${dest}: ${message}`) : error;
}

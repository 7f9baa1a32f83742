import { statfsSync } from "node:fs";
import { statfs } from "node:fs/promises";

/** A file system with fewer free bytes is full. */
const FULL_BYTES = 1024 * 1024;

/** Message of a job that fails because the file system of the runner's files is full. */
export const DISK_FULL = "no space left on the runner's disk";

/** Whether the file system of a folder is full. */
export async function isFull(folder: string): Promise<boolean> {
  return hasFew(await statfs(folder));
}

/** The same, without a promise; false when the file system is lost. */
export function isFullNow(folder: string): boolean {
  try {
    return hasFew(statfsSync(folder));
  } catch {
    return false;
  }
}

function hasFew({ bavail, bsize }: { bavail: number; bsize: number }): boolean {
  return bavail * bsize < FULL_BYTES;
}

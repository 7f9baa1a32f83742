import { statfs } from "node:fs/promises";

/** A file system with fewer free bytes is full. */
const FULL_BYTES = 1024 * 1024;

/** The file system that holds the runner's files is full. */
export class DiskFullError extends Error {
  override name = "DiskFullError";

  constructor(options?: ErrorOptions) {
    super("no space left on the runner's disk", options);
  }
}

/** Whether the file system of a folder is full. */
export async function isFull(folder: string): Promise<boolean> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize < FULL_BYTES;
}

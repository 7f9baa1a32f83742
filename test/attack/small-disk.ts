import { execFileSync } from "node:child_process";
import { closeSync, openSync, rmSync, statfsSync, writeSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../helpers/temporary-folder.ts";

/** A file system of some megabytes in memory. Mounting it requires root. */
export class SmallDisk implements Disposable {
  readonly #folder = temporaryFolder();
  readonly path = this.#folder.path;

  constructor(megabytes: number) {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", this.path]);
  }

  /** Bytes that can still be written. */
  get free(): number {
    const { bavail, bsize } = statfsSync(this.path);
    return bavail * bsize;
  }

  /** Writes a file of another program until nothing is free. */
  fill(): void {
    const file = openSync(join(this.path, "filler"), "a");
    try {
      // Whole pages first, then the rest.
      for (const size of [1 << 20, 4096, 1]) while (write(file, size));
    } finally {
      closeSync(file);
    }
  }

  /** Removes that file. */
  clear(): void {
    rmSync(join(this.path, "filler"), { force: true });
  }

  [Symbol.dispose](): void {
    execFileSync("umount", ["--lazy", this.path]);
    this.#folder[Symbol.dispose]();
  }
}

function write(file: number, size: number): boolean {
  try {
    return writeSync(file, Buffer.alloc(size, 1)) > 0;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
    return false;
  }
}

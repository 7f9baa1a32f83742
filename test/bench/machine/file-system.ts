import { rm, truncate, writeFile } from "node:fs/promises";
import { run } from "./program.ts";

/** Of the sparse file; only what is written needs space. */
const BYTES = 60 * 1024 ** 3;

/**
 * A new ext4 with its default options, mounted at `path` from the file `image`, for everything that builders write. A
 * machine's own file system may lack a journal. ext4 then does not give the number of a removed file to a new one for up
 * to six minutes, and searches past all of them: unpacking a base image takes seconds longer after the removal of one.
 */
export class FileSystem implements AsyncDisposable {
  readonly path: string;
  readonly #image: string;

  private constructor(image: string, path: string) {
    this.#image = image;
    this.path = path;
  }

  /** @throws {Error} when it cannot be made or mounted: that needs root and e2fsprogs */
  static async mount(image: string, path: string): Promise<FileSystem> {
    await writeFile(image, "");
    await truncate(image, BYTES);
    await run("mkfs.ext4", ["-q", image]);
    await run("mount", ["-o", "loop", image, path]);
    return new FileSystem(image, path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // A process that is about to end may still use it.
    await run("umount", ["--lazy", this.path]);
    await rm(this.#image);
  }
}

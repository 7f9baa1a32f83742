import type { LoadResult } from "../../../schemas/images.ts";
import { service } from "../service.ts";
import { ShellError } from "./shell-error.ts";

/** Maximum number of bytes of all archives. */
const MAX_BYTES = 128 * 1024 * 1024;

/** Archives of `docker save`, in memory until the page is closed. */
export class SavedFiles {
  readonly #files = new Map<string, Uint8Array<ArrayBuffer>>();

  /** @throws {ShellError} when the archives would exceed the limit */
  write(name: string, content: Uint8Array<ArrayBuffer>): void {
    const others = [...this.#files].filter(([other]) => other !== name);
    const bytes = others.reduce((sum, [, { length }]) => sum + length, content.length);
    if (bytes > MAX_BYTES) throw new ShellError(`write ${name}: no space left in the memory of this page`);
    this.#files.set(name, content);
  }

  /** Uploads an archive to the server. @returns names of its images @throws {ShellError} when there is no such file */
  async load(name: string): Promise<string[]> {
    const content = this.#files.get(name);
    if (content === undefined) throw new ShellError(`open ${name}: no such file or directory`);
    const { images } = await service.ask<LoadResult>("/v1/images/load", {
      method: "POST",
      headers: { "content-type": "application/x-tar" },
      body: content,
    });
    return images.map(({ name, tag = "<none>" }) => `${name}:${tag}`);
  }
}

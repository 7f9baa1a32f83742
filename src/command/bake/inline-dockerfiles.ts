import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Files with the Dockerfiles that bake and compose files contain, in a temporary folder. */
export class InlineDockerfiles implements Disposable {
  #folder: string | undefined;
  readonly #paths = new Map<string, string>();

  /** Writes the Dockerfile of a target. Returns its path. */
  write(target: string, text: string): string {
    this.#folder ??= mkdtempSync(join(tmpdir(), "varve-bake-"));
    const path = join(this.#folder, `${target}.Dockerfile`);
    writeFileSync(path, text);
    this.#paths.set(target, path);
    return path;
  }

  /** Path of the Dockerfile of a target; undefined when it is not inline. */
  get(target: string): string | undefined {
    return this.#paths.get(target);
  }

  [Symbol.dispose](): void {
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
  }
}

import { lstatSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "./command.ts";
import { rootPath } from "./root-path.ts";

/** A name that no volume can have. */
export class VolumeNameError extends Error {
  override name = "VolumeNameError";
}

const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;

/** Named folders that outlive the containers that write to them, as docker's driver "local" has them. */
export class Volumes {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * The folder of a volume, made when there is none.
   * @throws {VolumeNameError} with docker's words
   */
  open(name: string): string {
    if (!NAME.test(name)) {
      throw new VolumeNameError(
        `create ${name}: ${JSON.stringify(name)} includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path`,
      );
    }
    const data = join(this.#folder, name, "_data");
    mkdirSync(data, { recursive: true });
    return data;
  }
}

/**
 * Gives an empty volume what an image has at a path: files with their owners and times, and the directory's own. Does
 * nothing when the volume has something already, or the image no directory there.
 */
export async function fillVolume(volume: string, root: string, path: string): Promise<void> {
  if (readdirSync(volume).length > 0) return;
  const { found, missing } = rootPath(root, path);
  if (missing.length > 0 || !lstatSync(root + found).isDirectory()) return;
  await runCommand("cp", ["-a", "--", `${root}${found}/.`, volume]);
}

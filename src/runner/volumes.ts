import { existsSync, lstatSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "./command.ts";
import { removeTree } from "./remove-tree.ts";
import { rootPath } from "./root-path.ts";
import { isAlive } from "./snapshots/directory-claims.ts";

/** A name that no volume can have, or none has, or one that is in use. */
export class VolumeNameError extends Error {
  override name = "VolumeNameError";
}

/** Names of the programs that use a volume, and did: see `isAlive`. */
const USERS = "users";
const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;

/** Named folders that outlive the containers that write to them, as docker's driver "local" has them. */
export class Volumes {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * The folder of a volume, made when there is none.
   * @param user name of the program that uses it from now on: see `programName`
   * @throws {VolumeNameError} with docker's words
   */
  open(name: string, user: string): string {
    if (!NAME.test(name)) {
      throw new VolumeNameError(
        `create ${name}: ${JSON.stringify(name)} includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path`,
      );
    }
    const data = this.path(name);
    mkdirSync(data, { recursive: true });
    const users = join(this.#folder, name, USERS);
    mkdirSync(users, { recursive: true });
    for (const other of readdirSync(users)) if (!isAlive(other)) rmSync(join(users, other), { force: true });
    writeFileSync(join(users, user), "");
    return data;
  }

  /** Where the files of a volume are. */
  path(name: string): string {
    return join(this.#folder, name, "_data");
  }

  /** Names, in order. */
  list(): string[] {
    return existsSync(this.#folder) ? readdirSync(this.#folder).sort() : [];
  }

  /** @throws {VolumeNameError} with docker's words */
  async remove(name: string): Promise<void> {
    if (!this.list().includes(name)) throw new VolumeNameError(`get ${name}: no such volume`);
    const users = join(this.#folder, name, USERS);
    if (existsSync(users) && readdirSync(users).some(isAlive))
      throw new VolumeNameError(`remove ${name}: volume is in use`);
    await removeTree(join(this.#folder, name));
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

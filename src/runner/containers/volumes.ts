import { randomUUID } from "node:crypto";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { runProgram } from "../command.ts";
import { removeTree } from "../files/remove-tree.ts";
import { resolveInRoot } from "../files/root-path.ts";
import { isAlive } from "../snapshots/directory-claims.ts";
import { ContainerError } from "./container-error.ts";

/** Folder with a file for each program that uses or used the volume: see `isAlive`. */
const USERS = "users";
const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;

/** Named volumes, as docker's driver "local" has them. They persist after their containers. */
export class Volumes {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * The folder of a volume, made if missing.
   * @param user name of the program that will use it: see `programName`
   * @throws {ContainerError} with docker's message
   */
  open(name: string, user: string): string {
    if (!NAME.test(name)) {
      throw new ContainerError(
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

  /** The folder with the files of a volume. */
  path(name: string): string {
    return join(this.#folder, name, "_data");
  }

  /** Names, in order. */
  list(): string[] {
    return existsSync(this.#folder) ? readdirSync(this.#folder).sort() : [];
  }

  /** @throws {ContainerError} with docker's message */
  async remove(name: string): Promise<void> {
    if (!this.list().includes(name)) throw new ContainerError(`get ${name}: no such volume`);
    const users = join(this.#folder, name, USERS);
    if (existsSync(users) && readdirSync(users).some(isAlive))
      throw new ContainerError(`remove ${name}: volume is in use`);
    await removeTree(join(this.#folder, name));
  }
}

/**
 * Copies the directory of an image at `path` into an empty volume, with owners and times. Does nothing when the volume is
 * not empty or the image has no directory there.
 *
 * Another container may have the volume and put links into it meanwhile. So the copy is made beside the volume, and its
 * entries are then moved, which follows no link inside the volume.
 */
export async function fillVolume(volume: string, root: string, path: string): Promise<void> {
  if (readdirSync(volume).length > 0) return;
  const { found, missing } = resolveInRoot(root, path);
  if (missing.length > 0 || !lstatSync(root + found).isDirectory()) return;
  const copy = `${volume}.${randomUUID()}`;
  try {
    mkdirSync(copy, { mode: 0o700 });
    await runProgram("cp", ["-a", "--", `${root}${found}/.`, copy]);
    const { atime, mtime } = lstatSync(copy);
    for (const name of readdirSync(copy, "buffer")) moveEntry(name, copy, volume);
    utimesSync(copy, atime, mtime);
    // Now the copy is empty, and gives the volume only its owner, mode and times.
    if (readdirSync(copy).length === 0) await runProgram("cp", ["-a", "--", `${copy}/.`, volume]);
  } finally {
    await removeTree(copy);
  }
}

/** Moves an entry, unless another container has made one of its name that cannot be replaced. Names may be any bytes. */
function moveEntry(name: Buffer, from: string, to: string): void {
  const at = (folder: string) => Buffer.concat([Buffer.from(`${folder}/`), name]);
  try {
    renameSync(at(from), at(to));
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (!["ENOTEMPTY", "EEXIST", "ENOTDIR", "EISDIR"].includes(code)) throw error;
  }
}

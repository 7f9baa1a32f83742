import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { type DirectoryAttributes, setAttributes } from "./snapshots/directory-attributes.ts";

/** A file system made of layers, to be mounted in the job's folder. */
export interface Stack {
  /** Name of a directory of the job's folder, made for it. */
  name: string;
  /** Lower directories, the lowest first. */
  paths: readonly string[];
  /** Of the root directory; undefined for those that root has by default. */
  root: DirectoryAttributes | undefined;
  /** Writes go to `<name>/upper`. */
  writable: boolean;
}

/**
 * Makes the directories of the stacks in the job's folder; answers the commands that mount them, with `overlay` as
 * further options.
 */
export async function layOut(folder: string, stacks: readonly Stack[], overlay: string): Promise<string[]> {
  for (const name of ["memory", "lower", "empty"]) await mkdir(join(folder, name), { mode: 0o755 });
  // Options of a mount fit into one page: each layer gets a name of few letters.
  const names = new Map<string, string>();
  const commands: string[] = [];
  for (const { name, paths, root, writable } of stacks) {
    for (const part of ["", "/merged", "/upper", "/work"]) await mkdir(join(folder, name + part));
    if (root !== undefined) await setAttributes(join(folder, name, "upper"), root);
    const lower: string[] = [];
    for (const layer of paths) {
      let short = names.get(layer);
      if (short === undefined) {
        short = `lower/${names.size.toString(36)}`;
        names.set(layer, short);
        await symlink(layer, join(folder, short));
      }
      lower.unshift(short);
    }
    // Without an upper directory there have to be two lower ones, even when there are no layers.
    if (lower.length === 0 || !writable) lower.push("empty");
    if (!writable) lower.unshift(`${name}/upper`);
    const upper = writable ? `,upperdir=${name}/upper,workdir=${name}/work` : "";
    commands.push(`mount -t overlay overlay -o lowerdir=${lower.join(":")}${upper}${overlay} ${name}/merged`);
  }
  return commands;
}

import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { type DirectoryAttributes, setAttributes } from "../snapshots/directory-attributes.ts";

/** A stack of layers to mount in the job's folder. */
export interface Stack {
  /** Name of the directory that is made for it in the job's folder. */
  name: string;
  /** Lower directories, the lowest first. */
  paths: readonly string[];
  /** Attributes of the root directory; undefined for the defaults of root. */
  root: DirectoryAttributes | undefined;
  /** Writes go to `<name>/upper`. */
  writable: boolean;
}

/** The writable root of a container without an image. */
export const EMPTY_STACK: Stack = { name: "root", paths: [], root: undefined, writable: true };

/**
 * Makes the directories of the stacks in the job's folder.
 * @param overlay further mount options
 * @returns the commands that mount the stacks
 */
export function makeStackFolders(folder: string, stacks: readonly Stack[], overlay: string): string[] {
  for (const name of ["memory", "lower", "empty"]) mkdirSync(join(folder, name), { mode: 0o755 });
  // Mount options are limited to one page, so each layer gets a short name.
  const names = new Map<string, string>();
  const commands: string[] = [];
  for (const { name, paths, root, writable } of stacks) {
    for (const part of ["", "/merged", "/upper", "/work"]) mkdirSync(join(folder, name + part));
    if (root !== undefined) setAttributes(join(folder, name, "upper"), root);
    const lower: string[] = [];
    for (const layer of paths) {
      let short = names.get(layer);
      if (short === undefined) {
        short = `lower/${names.size.toString(36)}`;
        names.set(layer, short);
        symlinkSync(layer, join(folder, short));
      }
      lower.unshift(short);
    }
    // Without an upper directory, overlayfs requires two lower ones.
    if (lower.length === 0 || !writable) lower.push("empty");
    if (!writable) lower.unshift(`${name}/upper`);
    const upper = writable ? `,upperdir=${name}/upper,workdir=${name}/work` : "";
    commands.push(`mount -t overlay overlay -o lowerdir=${lower.join(":")}${upper}${overlay} ${name}/merged`);
  }
  return commands;
}

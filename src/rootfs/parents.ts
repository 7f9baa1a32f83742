import { isBelow, parentOf } from "./path-parts.ts";
import type { Node } from "./tree.ts";

/** A directory without an entry, with the metadata that the kernel would give it for root. */
export const IMPLIED: Omit<Node, "path"> = {
  type: "dir",
  mode: 0o755,
  uid: 0,
  gid: 0,
  mtime: 0,
  size: 0,
  implied: true,
};

/** Finds the directories that have no entry above entries in path order, including the root. */
export class Parents {
  /** The existing directories on the path of the last entry, the root first. */
  readonly #open: string[] = [];
  #last: Node | undefined;

  /** The missing directories above this entry, highest first. Undefined when something above it is not a directory. */
  missingBefore(entry: Node): Node[] | undefined {
    const { path } = entry;
    if (this.#last !== undefined && this.#last.type !== "dir" && isBelow(path, this.#last.path))
      return undefined;
    this.#last = entry;
    while (this.#open.length > 0 && !isBelow(path, this.#open.at(-1) as string)) this.#open.pop();
    const missing: Node[] = [];
    for (let above = this.#open.at(-1); path !== "" && above !== parentOf(path); ) {
      above =
        above === undefined ? "" : path.slice(0, path.indexOf("/", above === "" ? 0 : above.length + 1));
      missing.push({ ...IMPLIED, path: above });
      this.#open.push(above);
    }
    if (entry.type === "dir") this.#open.push(path);
    return missing;
  }
}

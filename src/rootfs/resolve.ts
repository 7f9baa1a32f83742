import { childPath } from "./path-parts.ts";
import type { Node, Tree } from "./tree.ts";

/** Linux follows 40; more is an error or an attack. */
const MAX_LINKS = 255;
/** Maximum number of names of a path and of all links on its way. A path on Linux has at most 2,048. */
const MAX_NAMES = 8192;

export interface Resolved {
  /** The path without symbolic links, except for the last name if it was not followed. */
  path: string;
  /** Undefined when the path does not exist. */
  node?: Node;
  /** Number of names that were visited. */
  names: number;
}

/** Following links did not end. */
export class TooManyLinksError extends Error {
  override name = "TooManyLinksError";
  readonly path: string;

  constructor(path: string) {
    super(`Cannot resolve "${path}": too many links`);
    this.path = path;
  }
}

/**
 * Resolves a path within a tree, like the kernel after `chroot`: follows links; `..` at the root remains there. For a
 * missing path, or one below a file, appends the remaining names unchanged, with `..` interpreted literally.
 * @throws {TooManyLinksError} after 255 links, or 8,192 names
 */
export function resolvePath(
  tree: Pick<Tree, "lookup">,
  path: string,
  { followLast = true }: { followLast?: boolean } = {},
): Resolved {
  /** Remaining names, the next one last. */
  const ahead = path.split("/").reverse();
  let at = "";
  let node = tree.lookup("");
  let links = 0;
  let names = 0;
  while (ahead.length > 0) {
    const name = ahead.pop() as string;
    if (name === "" || name === ".") continue;
    if (++names > MAX_NAMES) throw new TooManyLinksError(path);
    if (name === "..") {
      at = at.slice(0, Math.max(at.lastIndexOf("/"), 0));
      node = tree.lookup(at);
      continue;
    }
    const here = childPath(at, name);
    // Nothing exists below a missing directory.
    node = node === undefined ? undefined : tree.lookup(here);
    if (node?.type !== "symlink" || (!followLast && ahead.every(isNothing))) {
      at = here;
      continue;
    }
    if (++links > MAX_LINKS) throw new TooManyLinksError(path);
    const target = node.linkname ?? "";
    if (target.startsWith("/")) at = "";
    node = tree.lookup(at);
    for (const next of target.split("/").reverse()) ahead.push(next);
  }
  return { path: at, names, ...(node !== undefined && { node }) };
}

function isNothing(name: string): boolean {
  return name === "" || name === ".";
}

import type { Node, Tree } from "./tree.ts";

/** Linux follows 40; more is an accident or an attack. */
const MOST_LINKS = 255;
/** Names of a path and of all links on its way. A path of Linux has 2,048 at most. */
const MOST_NAMES = 8192;

export interface Resolved {
  /** The path without symbolic links, but for the last name when it was not to be followed. */
  path: string;
  /** Undefined when nothing is there. */
  node?: Node;
  /** Number of names that were walked through. */
  names: number;
}

/** Following links did not come to an end. */
export class TooManyLinksError extends Error {
  override name = "TooManyLinksError";
  readonly code = "too-many-links";
  readonly path: string;

  constructor(path: string) {
    super(`Cannot resolve "${path}": too many links`);
    this.path = path;
  }
}

/**
 * Where a path leads within a tree, as the kernel would find it after `chroot`: links are followed, `..` above the
 * root stays at the root. A path may go on where nothing is, or below a file: what remains is joined as it is, with
 * `..` taken literally.
 *
 * @throws TooManyLinksError after 255 links, or 8,192 names
 */
export function resolvePath(
  tree: Pick<Tree, "lookup">,
  path: string,
  { followLast = true }: { followLast?: boolean } = {},
): Resolved {
  /** Names still to be walked, the next one last. */
  const ahead = path.split("/").reverse();
  let at = "";
  let node = tree.lookup("");
  let links = 0;
  let names = 0;
  while (ahead.length > 0) {
    const name = ahead.pop() as string;
    if (name === "" || name === ".") continue;
    if (++names > MOST_NAMES) throw new TooManyLinksError(path);
    if (name === "..") {
      at = at.slice(0, Math.max(at.lastIndexOf("/"), 0));
      node = tree.lookup(at);
      continue;
    }
    const here = at === "" ? name : `${at}/${name}`;
    // Below what is not there nothing is.
    node = node === undefined ? undefined : tree.lookup(here);
    if (node?.type !== "symlink" || (!followLast && ahead.every(isNothing))) {
      at = here;
      continue;
    }
    if (++links > MOST_LINKS) throw new TooManyLinksError(path);
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

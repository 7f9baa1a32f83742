import type { Node, Tree } from "./tree.ts";

/** Linux follows 40; more is an accident or an attack. */
const MOST_LINKS = 255;

export interface Resolved {
  /** The path without symbolic links, but for the last name when it was not to be followed. */
  path: string;
  /** Undefined when nothing is there. */
  node?: Node;
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
 * `..` taken literally. Throws `TooManyLinksError` after 255 links.
 */
export function resolvePath(
  tree: Pick<Tree, "lookup">,
  path: string,
  { followLast = true }: { followLast?: boolean } = {},
): Resolved {
  /** Names still to be walked, the next one last. */
  const ahead = path.split("/").reverse();
  let at: string[] = [];
  let node = tree.lookup("");
  let links = 0;
  while (ahead.length > 0) {
    const name = ahead.pop() as string;
    if (name === "" || name === ".") continue;
    if (name === "..") {
      at.pop();
      node = tree.lookup(at.join("/"));
      continue;
    }
    const here = [...at, name];
    node = tree.lookup(here.join("/"));
    if (node?.type !== "symlink" || (!followLast && ahead.every(isNothing))) {
      at = here;
      continue;
    }
    if (++links > MOST_LINKS) throw new TooManyLinksError(path);
    const target = node.linkname ?? "";
    if (target.startsWith("/")) at = [];
    node = tree.lookup(at.join("/"));
    ahead.push(...target.split("/").reverse());
  }
  return node === undefined ? { path: at.join("/") } : { path: at.join("/"), node };
}

function isNothing(name: string): boolean {
  return name === "" || name === ".";
}

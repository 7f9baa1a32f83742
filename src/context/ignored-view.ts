import type { IgnoreMatcher } from "../dockerignore/match.ts";
import type { Node, Tree } from "../rootfs/tree.ts";

/**
 * A context without what its ignore file leaves out. A directory that is left out is still there when something
 * below it is let in again.
 */
export function ignoredView(tree: Tree, matcher: IgnoreMatcher): Tree {
  const holdsIncluded = (directory: string): boolean => {
    if (!matcher.mayContainIncluded(directory)) return false;
    for (const node of tree.children(directory)) {
      if (!matcher.excludes(node.path)) return true;
      if (node.type === "dir" && holdsIncluded(node.path)) return true;
    }
    return false;
  };
  const isVisible = (node: Node): boolean =>
    node.path === "" || !matcher.excludes(node.path) || (node.type === "dir" && holdsIncluded(node.path));

  /** A hard link to a file that is left out is that file. */
  const visible = (node: Node): Node | undefined => {
    if (!isVisible(node)) return undefined;
    if (node.type !== "hardlink" || !matcher.excludes(node.linkname ?? "")) return node;
    const { linkname: _, ...rest } = node;
    return { ...rest, type: "file", size: node.contents?.size ?? 0 };
  };

  return {
    lookup(path) {
      const node = tree.lookup(path);
      return node === undefined ? undefined : visible(node);
    },
    *children(path) {
      for (const child of tree.children(path)) {
        const node = visible(child);
        if (node !== undefined) yield node;
      }
    },
    *walk(path) {
      for (const child of this.children(path)) {
        yield child;
        if (child.type === "dir") yield* this.walk(child.path);
      }
    },
    read: (node) => tree.read(node),
  };
}

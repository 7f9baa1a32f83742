import type { Node, Tree } from "../../rootfs/tree.ts";

/** Longest accepted chain of hard links to hard links. Valid archives have none. */
const MAX_HARD_LINKS = 16;

/** Follows hard links to the entry with the contents; returns any other node unchanged. */
export function resolveHardLink(tree: Tree, node: Node): Node {
  let found = node;
  for (let hops = 0; found.type === "hardlink" && hops < MAX_HARD_LINKS; hops++) {
    const next = tree.lookup(found.linkname ?? "");
    if (next === undefined) break;
    found = next;
  }
  return found;
}

import type { Node, Tree } from "../../rootfs/tree.ts";

/** Hard links that lead to hard links are none that a sound archive has. */
const MOST_HARD_LINKS = 16;

/** The entry whose contents a hard link shares; any other node is its own. */
export function resolveHardLink(tree: Tree, node: Node): Node {
  let found = node;
  for (let hops = 0; found.type === "hardlink" && hops < MOST_HARD_LINKS; hops++) {
    const next = tree.lookup(found.linkname ?? "");
    if (next === undefined) break;
    found = next;
  }
  return found;
}

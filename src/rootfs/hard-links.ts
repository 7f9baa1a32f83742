import type { Node, Tree } from "./tree.ts";

/** The hard links of a tree, each at least once. */
export function* hardLinksOf(tree: Tree): Generator<Node> {
  for (const node of tree.hardLinks?.() ?? tree.walk("")) if (node.type === "hardlink") yield node;
}

import type { Node, Tree } from "../../rootfs/tree.ts";

const root: Node = { path: "", type: "dir", mode: 0o755, uid: 0, gid: 0, mtime: 0, size: 0 };

/** The tree of `FROM scratch`: an empty root. */
export const emptyTree: Tree = {
  lookup: (path) => (path === "" ? root : undefined),
  children: () => [],
  walk: () => [],
  read: (node) => {
    throw new TypeError(`Cannot read ${JSON.stringify(node.path)}: an empty tree has no files`);
  },
};

import type { Node, Tree } from "../../src/rootfs/tree.ts";
import { sha256 } from "../../src/streams/sha256.ts";
import { comparePaths } from "../../src/tar/text.ts";

/** Default time of entries. */
export const SOME_TIME = 1_600_000_000;

type Meta = Partial<Pick<Node, "mode" | "uid" | "gid" | "mtime" | "xattrs">>;

/** An entry of a test: the text of a file, or one of `file`, `dir`, `link`, `hardLink`, `device`. */
export type TreeEntry = string | (Meta & Pick<Node, "type" | "linkname" | "device"> & { content?: string });

export const file = (content: string, meta: Meta = {}): TreeEntry => ({ type: "file", content, ...meta });
export const dir = (meta: Meta = {}): TreeEntry => ({ type: "dir", ...meta });
export const link = (linkname: string, meta: Meta = {}): TreeEntry => ({
  type: "symlink",
  linkname,
  ...meta,
});
export const hardLink = (linkname: string, meta: Meta = {}): TreeEntry => ({
  type: "hardlink",
  linkname,
  ...meta,
});
export const device = (
  type: "char" | "block" | "fifo",
  major = 0,
  minor = 0,
  meta: Meta = {},
): TreeEntry => ({
  type,
  ...(type !== "fifo" && { device: { major, minor } }),
  ...meta,
});

export function nodeOf(path: string, entry: TreeEntry): Node {
  const { content, ...rest } = typeof entry === "string" ? { type: "file" as const, content: entry } : entry;
  const mode = rest.type === "dir" ? 0o755 : rest.type === "symlink" ? 0o777 : 0o644;
  const bytes = new TextEncoder().encode(content ?? "");
  return {
    mode,
    uid: 0,
    gid: 0,
    mtime: SOME_TIME,
    ...rest,
    path,
    size: bytes.length,
    ...(rest.type === "file" && { digest: sha256(bytes) }),
  };
}

/**
 * A tree from a literal: `tree({ "etc/passwd": "app:x:1000:1000", bin: link("usr/bin") })`. Parent directories
 * are optional; `""` is the root.
 */
export function tree(entries: Record<string, TreeEntry>): Tree {
  const nodes = new Map<string, Node>([["", nodeOf("", dir())]]);
  const contents = new Map<string, string>();
  for (const [path, entry] of Object.entries(entries)) {
    const names = path.split("/");
    for (let depth = 1; depth < names.length; depth++) {
      const above = names.slice(0, depth).join("/");
      if (!nodes.has(above)) nodes.set(above, nodeOf(above, dir()));
    }
    nodes.set(path, nodeOf(path, entry));
    contents.set(path, typeof entry === "string" ? entry : (entry.content ?? ""));
  }
  return treeOf([...nodes.values()], (node) => contents.get(node.path) ?? "");
}

/** A tree of nodes that include all directories. */
export function treeOf(nodes: Iterable<Node>, contentOf: (node: Node) => string): Tree {
  const byPath = new Map<string, Node>();
  const below = new Map<string, Node[]>();
  for (const node of [...nodes].sort((a, b) => comparePaths(a.path, b.path))) {
    byPath.set(node.path, node);
    if (node.path === "") continue;
    const parent = node.path.slice(0, Math.max(node.path.lastIndexOf("/"), 0));
    const siblings = below.get(parent);
    if (siblings === undefined) below.set(parent, [node]);
    else siblings.push(node);
  }
  const children = (path: string): readonly Node[] => below.get(path) ?? [];
  function* walk(path: string): Generator<Node> {
    for (const node of children(path)) {
      yield node;
      yield* walk(node.path);
    }
  }
  return {
    lookup: (path) => byPath.get(path),
    children,
    walk,
    async *read(node) {
      yield new TextEncoder().encode(contentOf(node));
    },
  };
}

import type { Node, Tree } from "../../rootfs/tree.ts";
import { sha256 } from "../../streams/sha256.ts";
import { namesInRoot } from "../../tar/path.ts";
import { systemCallError } from "./copy-error.ts";
import type { CopySource } from "./copy-request.ts";
import { emptyTree } from "./empty-tree.ts";

const encoder = new TextEncoder();

/**
 * A here-document as a source: a file of mode 0644, owned by root, created at the time of the build.
 * @throws {CopyError} for an invalid file name
 */
export function heredocSource(name: string, content: string): CopySource {
  const names = namesInRoot(name);
  const path = names.join("/");
  if (names.length === 0) throw systemCallError("open", "", "is a directory");
  if (names.length > 1) throw systemCallError("open", path, "no such file or directory");
  const bytes = encoder.encode(content);
  const node: Node = {
    path,
    type: "file",
    mode: 0o644,
    uid: 0,
    gid: 0,
    mtime: 0,
    size: bytes.length,
    digest: sha256(bytes),
  };
  const tree = singleFile(node, bytes);
  return { tree, ref: "inline", path: `/${path}`, literal: true, keepOwner: true, madeNow: true };
}

/** A tree with one small file in its root. */
function singleFile(node: Node, bytes: Uint8Array): Tree {
  return {
    lookup: (path) => (path === node.path ? node : emptyTree.lookup(path)),
    children: (path) => (path === "" ? [node] : []),
    walk: (path) => (path === "" ? [node] : []),
    read: async function* () {
      yield bytes;
    },
  };
}

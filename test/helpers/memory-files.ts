import type { FileStore } from "../../src/build/remote/file-store.ts";
import type { Node } from "../../src/rootfs/tree.ts";
import { concat } from "../../src/streams/concat.ts";
import { sha256 } from "../../src/streams/sha256.ts";
import { dir, nodeOf, treeOf } from "./tree.ts";

/** Contents in memory, and a look at them. */
export interface MemoryFiles extends FileStore {
  readonly contents: ReadonlyMap<string, Uint8Array>;
  /** Bytes that were read back. */
  readonly bytesRead: number;
}

export function memoryFiles(): MemoryFiles {
  const contents = new Map<string, Uint8Array>();
  let bytesRead = 0;
  const text = (digest: string | undefined) => new TextDecoder("latin1").decode(contents.get(digest ?? ""));
  return {
    contents,
    get bytesRead() {
      return bytesRead;
    },
    async add(given) {
      const parts: Uint8Array[] = [];
      if (given instanceof Uint8Array) parts.push(given);
      else for await (const chunk of given) parts.push(chunk.slice());
      const bytes = concat(parts).slice();
      const digest = sha256(bytes);
      contents.set(digest, bytes);
      return { digest, size: bytes.length };
    },
    async *read({ digest }) {
      const bytes = contents.get(digest);
      if (bytes === undefined) throw new Error(`There is no ${digest}`);
      bytesRead += bytes.length;
      for (let at = 0; at < bytes.length; at += 70_000) yield bytes.slice(at, at + 70_000);
    },
    async tree(nodes) {
      const all: Node[] = [nodeOf("", dir())];
      for await (const node of nodes) all.push(node);
      const tree = treeOf(all, (node) => text(node.digest));
      return { digest: sha256(JSON.stringify(all)), tree };
    },
  };
}

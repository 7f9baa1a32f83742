import type { ChunkIndex } from "../../src/layers/chunk-index.ts";
import type { ChunkWriterOptions } from "../../src/layers/chunk-writer.ts";
import type { LayerEntry } from "../../src/layers/entry.ts";
import { storeLayer } from "../../src/layers/store.ts";
import { type OpenLayer, openLayer } from "../../src/layers/toc.ts";
import { writeLayer } from "../../src/layers/write.ts";
import { blobKey } from "../../src/oci/content-key.ts";
import type { Tree } from "../../src/rootfs/tree.ts";
import type { ObjectStore } from "../../src/store/object-store.ts";
import { collect } from "../../src/streams/collect.ts";
import { type MemoryEntry, memoryTree } from "../helpers/memory-tree.ts";

/** The entries of a tree, for `writeLayer`. */
export function entriesOf(tree: Tree): LayerEntry[] {
  return [...tree.walk("")].map((node) => ({ node }));
}

/** Writes and stores the layer of these entries, by default with gzip level 4. */
export async function layerOf(
  store: ObjectStore,
  entries: Iterable<MemoryEntry> | Tree,
  options: Partial<ChunkWriterOptions> & { reuse?: ChunkIndex } = {},
): Promise<OpenLayer> {
  const tree = Symbol.iterator in entries ? memoryTree(entries) : entries;
  const draft = await writeLayer(entriesOf(tree), {
    compression: "gzip",
    level: 4,
    spool: store,
    ...options,
  });
  const { digest } = await storeLayer(store, draft);
  return (await openLayer(store, digest)) as OpenLayer;
}

export async function blobOf(store: ObjectStore, { digest }: { digest: string }): Promise<Uint8Array> {
  return (await store.getBytes(blobKey(digest))) ?? new Uint8Array(0);
}

/** Contents of a file of a tree. */
export async function contentsOf(tree: Tree, path: string): Promise<Uint8Array> {
  const node = tree.lookup(path);
  if (node === undefined) throw new Error(`No "${path}"`);
  return collect(tree.read(node), 2 ** 30);
}

export async function keysOf(store: ObjectStore, prefix = ""): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix)) keys.push(key);
  return keys;
}

/** A source tree of many small text files, some larger ones and one that is cut into pieces. */
export function sourceTree(files = 300): MemoryEntry[] {
  const entries: MemoryEntry[] = [];
  for (let i = 0; i < files; i++) {
    const line = `export const value${i} = ${(i * 7919) % 10007};\n`;
    entries.push({ path: `src/part${i % 17}/file${i}.ts`, contents: line.repeat(1 + ((i * 31) % 200)) });
  }
  entries.push({ path: "bin/tool", mode: 0o4755, contents: "0123456789abcdef".repeat(80_000) });
  entries.push({ path: "bin/sh", type: "symlink", linkname: "tool" });
  entries.push({ path: "empty" });
  return entries;
}

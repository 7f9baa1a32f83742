import { describe, expect, test } from "vitest";
import { chunkIndex } from "../../src/layers/chunk-index.ts";
import { storeLayer } from "../../src/layers/store.ts";
import type { OpenLayer } from "../../src/layers/toc.ts";
import { writeLayer } from "../../src/layers/write.ts";
import { memoryStore } from "../../src/store/memory-store.ts";
import { sha256 } from "../../src/streams/sha256.ts";
import { type MemoryEntry, memoryTree } from "../helpers/memory-tree.ts";
import { noise } from "../streams/source.ts";
import { blobOf, entriesOf, layerOf } from "./entries.ts";

/** 5,000 files of some kilobytes that hardly compress, in 100 directories, and one of 3 MiB. */
function manyFiles(): MemoryEntry[] {
  const entries: MemoryEntry[] = [{ path: "lib/large", contents: noise(3 * 1024 * 1024) }];
  for (let i = 0; i < 5000; i++) {
    const contents = noise(1000 + ((i * 7919) % 6000), i + 1);
    entries.push({ path: `lib/package${i % 100}/file${i}`, contents });
  }
  return entries;
}

const zstd = { compression: "zstd", level: 1 } as const;
const before = manyFiles();
const store = memoryStore();
const layer: OpenLayer = await layerOf(store, before, zstd);

/** Share of the bytes of the new layer that were compressed before. */
async function reused(after: MemoryEntry[]): Promise<number> {
  const tree = memoryTree(after);
  const reuse = chunkIndex([layer], "zstd", 1);
  const draft = await writeLayer(entriesOf(tree), { ...zstd, spool: store, reuse });
  const fresh = await writeLayer(entriesOf(tree), { ...zstd, spool: store });
  expect(draft.digest).toBe(fresh.digest);
  expect(sha256(await blobOf(store, await storeLayer(store, draft)))).toBe(draft.digest);
  return draft.reusedBytes / draft.size;
}

const change = (path: string, entry: Partial<MemoryEntry>) =>
  before.map((old) => (old.path === path ? { ...old, ...entry } : old));

describe("unchanged chunks of a layer of 5,001 files are reused", () => {
  test.each([
    ["nothing changed", before, 1],
    ["a file changed", change("lib/package42/file4242", { contents: "new" }), 0.95],
    [
      "a file grew by a twentieth of the layer",
      change("lib/package42/file4242", { contents: noise(1_000_000, 9) }),
      0.85,
    ],
    ["the first file changed", change("lib/large", { mode: 0o755 }), 0.95],
    [
      "a byte of the large file changed",
      change("lib/large", { contents: changed(noise(3 * 1024 * 1024)) }),
      0.95,
    ],
    ["a file was added", [...before, { path: "lib/package42/file0", contents: "new" }], 0.95],
    ["a file was removed", before.filter(({ path }) => path !== "lib/package0/file100"), 0.95],
    [
      "a directory was renamed",
      before.map((entry) => ({ ...entry, path: entry.path.replace("package7/", "package7b/") })),
      0.9,
    ],
  ])("when %s", async (_, after, least) => {
    expect(await reused(after)).toBeGreaterThanOrEqual(least);
  });
});

test("a layer with other settings is not reused", async () => {
  expect(chunkIndex([layer], "zstd", 1).size).toBe(layer.written?.chunks.length);
  expect(chunkIndex([layer], "zstd", 2).size).toBe(0);
  expect(chunkIndex([layer], "gzip", 1).size).toBe(0);
});

test("chunks are of some hundred kilobytes each", () => {
  const sizes = (layer.written?.chunks ?? []).map(([, size]) => size);
  const mean = sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
  expect(mean).toBeGreaterThan(256 * 1024);
  expect(mean).toBeLessThan(512 * 1024);
  expect(Math.max(...sizes)).toBeLessThan(1024 * 1024);
});

test("a layer is not stored when a chunk that it reuses was lost", async () => {
  const other = memoryStore();
  const reuse = chunkIndex([layer], "zstd", 1);
  await expect(writeLayer(entriesOf(memoryTree(before)), { ...zstd, spool: other, reuse })).rejects.toThrow(
    /Cannot read "blobs\/sha256\/[0-9a-f]+": it was deleted/,
  );
});

function changed(bytes: Uint8Array): Uint8Array {
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
  return bytes;
}

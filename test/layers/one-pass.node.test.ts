import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { writeStepLayer } from "../../src/engine/solve/write-layer.ts";
import type { LayerEntry } from "../../src/layers/entry.ts";
import { compressInPool } from "../../src/runner/tasks/zlib-pool.ts";
import { diskStore } from "../../src/serve/objects/disk-store.ts";
import { memoryStore } from "../../src/store/memory-store.ts";
import type { ObjectStore } from "../../src/store/object-store.ts";
import { sha256 } from "../../src/streams/sha256.ts";
import { memoryTree } from "../helpers/memory-tree.ts";
import { testFolder } from "../helpers/test-folder.ts";
import { blobOf, entriesOf, sourceTree } from "./entries.ts";

const folder = testFolder("one-pass");

const disk = diskStore(folder);

function write(store: ObjectStore, files: number, last?: string) {
  const tree = memoryTree(sourceTree(files));
  return writeStepLayer(store, () => entriesOf(tree), {
    compression: "gzip",
    level: 4,
    last,
    compress: compressInPool("gzip"),
    pending: 8,
    signal: new AbortController().signal,
    onProgress: () => {},
  });
}

test("a store that hashes what it writes gets the same layers in one pass, new and with reused chunks", async () => {
  let last: string | undefined;
  for (const files of [300, 301]) {
    const layer = await write(disk, files, last);
    expect(layer).toEqual(await write(memoryStore(), files));
    expect(sha256(await blobOf(disk, layer))).toBe(layer.digest);
    last = layer.digest;
  }
});

test("a layer that fails leaves nothing", async () => {
  const before = readdirSync(join(folder, "files"));
  const entries = entriesOf(memoryTree([...sourceTree(), { path: "z", contents: "five" }]));
  const last = entries.pop() as LayerEntry;
  entries.push({ node: { ...last.node, size: 5 } });
  await expect(
    writeStepLayer(disk, () => entries, {
      compression: "zstd",
      level: 1,
      last: undefined,
      signal: new AbortController().signal,
      onProgress: () => {},
    }),
  ).rejects.toThrow('Cannot write the layer entry "z"');
  expect(readdirSync(join(folder, "files"))).toEqual(before);
  expect(readdirSync(join(folder, "incoming"))).toEqual([]);
});

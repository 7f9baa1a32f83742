import { describe, expect, test } from "vitest";
import { decompress } from "../../src/compression/decompress.ts";
import { storeLayer } from "../../src/layers/store.ts";
import { type OpenLayer, openLayer } from "../../src/layers/toc.ts";
import { writeLayer } from "../../src/layers/write.ts";
import type { Node } from "../../src/rootfs/tree.ts";
import { memoryStore } from "../../src/store/memory-store.ts";
import { collect } from "../../src/streams/collect.ts";
import { sha256 } from "../../src/streams/sha256.ts";
import { readTar } from "../../src/tar/read.ts";
import { memoryTree } from "../helpers/memory-tree.ts";
import { source, utf8 } from "../streams/source.ts";
import { blobOf, contentsOf, entriesOf, keysOf, layerOf, sourceTree } from "./entries.ts";

const file = (path: string, size: number): Node => ({
  ...{ path, type: "file", mode: 0o644, uid: 0, gid: 0, mtime: 0 },
  size,
});

describe.each(["gzip", "zstd"] as const)("a layer in %s", (compression) => {
  test("is one archive with the given entries and contents", async () => {
    const store = memoryStore();
    const tree = memoryTree(sourceTree());
    const layer = await layerOf(store, tree, { compression });
    const blob = await blobOf(store, layer);
    expect(sha256(blob)).toBe(layer.digest);
    expect(blob.length).toBe(layer.size);
    const { kind, body } = await decompress(source(blob));
    expect(kind).toBe(compression);
    const tar = await collect(body, 2 ** 30);
    expect(sha256(tar)).toBe(layer.diffId);
    const found: string[] = [];
    for await (const { entry, body: contents } of readTar(source(tar))) {
      found.push(entry.path);
      const { contents: _, digest, implied: __, ...expected } = tree.lookup(entry.path) as Node;
      expect(entry).toEqual(expected);
      if (digest !== undefined) expect(sha256(await collect(contents, 2 ** 30))).toBe(digest);
    }
    expect(found).toEqual([...tree.walk("")].map(({ path }) => path));
  });

  test("returns every file by its table of contents alone", async () => {
    const store = memoryStore();
    const tree = memoryTree(sourceTree());
    const { digest } = await layerOf(store, tree, { compression });
    const layer = await openLayer(store, digest);
    expect([...(layer?.tree.walk("") ?? [])]).toMatchObject(
      [...tree.walk("")].map(({ contents: _, ...node }) => node),
    );
    for (const { path, type } of tree.walk("")) {
      if (type !== "file" || layer === undefined) continue;
      expect(sha256(await contentsOf(layer.tree, path)), path).toBe(tree.lookup(path)?.digest);
    }
  });

  test("is the same for any spool and any reused chunks", async () => {
    const store = memoryStore();
    const tree = memoryTree(sourceTree());
    const options = { compression, level: 3, spool: store };
    const kept = await writeLayer(entriesOf(tree), options);
    const spooled = await writeLayer(entriesOf(tree), { ...options, keep: () => false });
    expect(spooled.spoolKeys).toHaveLength(1);
    expect(spooled.digest).toBe(kept.digest);
    expect((await storeLayer(store, spooled)).digest).toBe(kept.digest);
    expect(await keysOf(store, "spool/")).toEqual([]);
    expect(sha256(await blobOf(store, kept))).toBe(kept.digest);
  });
});

test("a layer has the same digest in every runtime, today and next year", async () => {
  const { digest, diffId } = await layerOf(memoryStore(), sourceTree(), { level: 6 });
  expect({ digest, diffId }).toMatchInlineSnapshot(`
    {
      "diffId": "sha256:6f6aa9383240697c4b8e51f96a9e0f3bd1f5e6bd637df9569831c523a39d4834",
      "digest": "sha256:53ba2b1d9bbad0834e9acb016fd257a8b1f1c5e76096059ba845950228661b27",
    }
  `);
});

test("a layer without entries is the end of an archive", async () => {
  const store = memoryStore();
  const layer = await layerOf(store, []);
  expect(layer.diffId).toBe(sha256(new Uint8Array(1024)));
  expect([...layer.tree.walk("")]).toEqual([]);
  expect(layer.tree.lookup("")).toMatchObject({ type: "dir" });
});

test("parents that no entry states are in the tree, but not in the layer", async () => {
  const draft = await writeLayer([{ node: file("a/b/c", 1), read: () => utf8("x") }], {
    compression: "gzip",
    level: 1,
    spool: memoryStore(),
  });
  expect(draft.written?.chunks.map(([, size]) => size)).toEqual([512 + 512 + 1024]);
  const store = memoryStore();
  const { digest } = await storeLayer(store, draft);
  const { tree } = (await openLayer(store, digest)) as OpenLayer;
  expect([...tree.walk("")].map(({ path, implied }) => [path, implied])).toEqual([
    ["a", true],
    ["a/b", true],
    ["a/b/c", undefined],
  ]);
  expect(tree.lookup("a/b/c")?.digest).toBe(sha256("x"));
});

describe("entries that cannot be written", () => {
  const write = (...entries: Parameters<typeof entryOf>[]) =>
    writeLayer(
      entries.map((entry) => entryOf(...entry)),
      { compression: "gzip", level: 1, spool: memoryStore() },
    );
  const entryOf = (path: string, size = 0, contents = "") => ({
    node: file(path, size),
    read: () => utf8(contents),
  });

  test("are those out of order", async () => {
    await expect(write(["b"], ["a"])).rejects.toThrow('Cannot write the layer entry "a": it comes after "b"');
    await expect(write(["a"], ["a"])).rejects.toThrow("Cannot write the layer entry");
  });

  test("are those below a file", async () => {
    await expect(write(["a"], ["a/b"])).rejects.toThrow('"a/b": something above it is not a directory');
  });

  test("are those with more or fewer bytes than stated", async () => {
    await expect(write(["a", 3, "1234"])).rejects.toThrow('"a": it has more than 3 bytes');
    await expect(write(["a", 5, "1234"])).rejects.toThrow('"a": it has 4 bytes, not 5');
  });

  test("are those without contents", async () => {
    const entries = [{ node: file("a", 5) }];
    await expect(
      writeLayer(entries, { compression: "gzip", level: 1, spool: memoryStore() }),
    ).rejects.toThrow('"a": it has no contents');
  });
});

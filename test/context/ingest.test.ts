import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { gzipMember, zstdFrame } from "../../src/compression/members.ts";
import { ingestTar } from "../../src/context/ingest.ts";
import { knownPacks } from "../../src/context/known-packs.ts";
import { contextKey, openContext, openEntries, saveContext } from "../../src/context/store.ts";
import type { Node, Tree } from "../../src/rootfs/tree.ts";
import { memoryStore } from "../../src/store/memory-store.ts";
import type { ObjectStore } from "../../src/store/object-store.ts";
import { concat } from "../../src/streams/concat.ts";
import { sha256 } from "../../src/streams/sha256.ts";
import { atOnce } from "../../src/streams/turns.ts";
import { comparePaths } from "../../src/tar/text.ts";
import { contentsOf, keysOf, layerOf } from "../layers/entries.ts";
import { cutBy, noise, Source, source, utf8 } from "../streams/source.ts";
import { archive, member } from "../tar/archive.ts";

const MIB = 1024 * 1024;

const pathsOf = (tree: Tree) => [...tree.walk("")].map(({ path }) => path);
const bare = (tree: Tree): Node[] => [...tree.walk("")].map(({ contents: _, ...node }) => node);

describe("an archive becomes a context", () => {
  const tar = archive(
    member({ path: "", type: "dir", mode: 0o755 }),
    member({ path: "src", type: "dir", mode: 0o750, uid: 7, gid: 8, mtime: 5 }),
    member({ path: "src/main.ts", mode: 0o600, mtime: 12.25 }, "main"),
    member({ path: "src/same.ts" }, "main"),
    member({ path: "link", type: "symlink", linkname: "src/main.ts" }),
    member({ path: "hard", type: "hardlink", linkname: "src/main.ts" }),
    member({ path: "empty" }),
    member({ path: "deep/down/file", xattrs: { "user.a": "eA==" } }, "deep"),
  );

  test.each([
    ["plain", tar],
    ["in gzip", gzipMember(tar, 6)],
    ["in zstd", zstdFrame(tar, 3)],
  ])("%s", async (_, bytes) => {
    const { tree } = await ingestTar(source(bytes), { store: memoryStore() });
    expect(bare(tree)).toEqual([
      expect.objectContaining({ path: "deep", implied: true }),
      expect.objectContaining({ path: "deep/down", implied: true }),
      expect.objectContaining({
        path: "deep/down/file",
        size: 4,
        digest: sha256("deep"),
        xattrs: { "user.a": "eA==" },
      }),
      expect.objectContaining({ path: "empty", size: 0, digest: sha256("") }),
      expect.objectContaining({
        path: "hard",
        type: "hardlink",
        linkname: "src/main.ts",
        digest: sha256("main"),
      }),
      expect.objectContaining({ path: "link", type: "symlink", linkname: "src/main.ts" }),
      { path: "src", type: "dir", mode: 0o750, uid: 7, gid: 8, mtime: 5, size: 0 },
      {
        path: "src/main.ts",
        type: "file",
        mode: 0o600,
        uid: 0,
        gid: 0,
        mtime: 12.25,
        size: 4,
        digest: sha256("main"),
      },
      expect.objectContaining({ path: "src/same.ts", digest: sha256("main") }),
    ]);
    expect(await contentsOf(tree, "src/same.ts")).toEqual(utf8("main"));
    expect(await contentsOf(tree, "hard")).toEqual(utf8("main"));
    expect(await contentsOf(tree, "empty")).toEqual(utf8(""));
  });

  test("that is unchanged after it is saved and opened", async () => {
    const store = memoryStore();
    const context = await ingestTar(source(tar), { store });
    expect(await openContext(store, context.digest)).toBeUndefined();
    await saveContext(store, context);
    const opened = await openContext(store, context.digest);
    expect(opened?.packs).toEqual(context.packs);
    expect(opened && bare(opened.tree)).toEqual(bare(context.tree));
    expect(opened && (await contentsOf(opened.tree, "deep/down/file"))).toEqual(utf8("deep"));
    const entries = await openEntries(store, contextKey(context.digest));
    expect(entries?.packs).toEqual(context.packs);
    for (let pass = 0; pass < 2; pass++)
      expect([...(entries?.tree.placed() ?? [])]).toEqual([...context.tree.placed()]);
    expect(await openEntries(store, "contexts/none")).toBeUndefined();
  });
});

describe("an archive is read as when it is unpacked", () => {
  const ingest = (...members: Uint8Array[]) =>
    ingestTar(source(archive(...members)), { store: memoryStore() });

  test("the last of several entries with one name counts", async () => {
    const { tree } = await ingest(member({ path: "a" }, "old"), member({ path: "a" }, "newer"));
    expect(pathsOf(tree)).toEqual(["a"]);
    expect(await contentsOf(tree, "a")).toEqual(utf8("newer"));
  });

  test("a hard link keeps its target", async () => {
    const { tree } = await ingest(
      member({ path: "a" }, "old"),
      member({ path: "b", type: "hardlink", linkname: "a" }),
      member({ path: "a" }, "newer"),
    );
    expect(tree.lookup("b")).toMatchObject({ type: "file", size: 3 });
    expect(await contentsOf(tree, "b")).toEqual(utf8("old"));
  });
});

describe("large files", () => {
  const large = noise(21 * MIB + 12_345);
  const tar = archive(
    member({ path: "before" }, "b"),
    member({ path: "large" }, large),
    member({ path: "z" }, "z"),
  );

  test("are split into several packs and read back whole", async () => {
    const store = memoryStore();
    const context = await ingestTar(source(tar), { store });
    await saveContext(store, context);
    const opened = await openContext(store, context.digest);
    expect(opened && sha256(await contentsOf(opened.tree, "large"))).toBe(sha256(large));
    const packs = await keysOf(store, "packs/");
    expect(packs.length).toBe(7);
    for (const key of packs) {
      const bytes = (await store.getBytes(key)) ?? new Uint8Array(0);
      expect(key).toBe(`packs/${sha256(bytes).slice(7)}`);
      expect(bytes.length).toBeLessThan(5 * MIB);
    }
  });

  test("give the same packs regardless of chunks and other files", async () => {
    const store = memoryStore();
    await ingestTar(source(tar), { store });
    const packs = await keysOf(store, "packs/");
    const other = archive(member({ path: "other" }, "o"), member({ path: "renamed" }, large));
    await ingestTar(new Source(cutBy(other, [1_000_001, 7, 300_000])), { store });
    expect((await keysOf(store, "packs/")).length).toBe(packs.length + 1);
  });
});

describe("stored contents are not stored again", () => {
  const files = (changed: string) =>
    archive(
      ...Array.from({ length: 500 }, (_, i) =>
        member({ path: `f${i}` }, i === 7 ? changed : noise(20_000, i + 1)),
      ),
    );

  test("of an earlier context, except changed files", async () => {
    const store = memoryStore();
    const first = await ingestTar(source(files("one")), { store });
    const stored = await keysOf(store);
    const second = await ingestTar(source(files("two")), { store, base: atOnce(knownPacks([first])) });
    const added = (await keysOf(store)).filter((key) => !stored.includes(key));
    expect(added.length).toBe(1);
    expect((await store.head(added[0] ?? ""))?.size).toBeLessThan(1000);
    await saveContext(store, second);
    const opened = await openContext(store, second.digest);
    expect(opened && (await contentsOf(opened.tree, "f7"))).toEqual(utf8("two"));
    expect(opened && (await contentsOf(opened.tree, "f8"))).toEqual(noise(20_000, 9));
  });

  test("and unreferenced packs are dropped", async () => {
    const store = memoryStore();
    const first = await ingestTar(source(archive(member({ path: "a" }, "a"))), { store });
    const second = await ingestTar(source(archive(member({ path: "b" }, "b"))), {
      store,
      base: atOnce(knownPacks([first])),
    });
    expect(second.packs.map((pack) => pack !== undefined)).toEqual([false, true]);
  });
});

test("law: an archive of any files, in any chunks, results in the last contents of each", async () => {
  const aFile = fc.record({
    path: fc.constantFrom("a", "b", "d/a", "d/b", "e/f/g", "\udcff"),
    size: fc.oneof(fc.constantFrom(0, 1, 511, 512, 513, 65_536), fc.nat(200_000)),
    seed: fc.nat(5),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(aFile, { maxLength: 12 }),
      fc.array(fc.integer({ min: 1, max: 100_000 }), { minLength: 1, maxLength: 4 }),
      async (files, sizes) => {
        const bytes = archive(...files.map(({ path, size, seed }) => member({ path }, noise(size, seed))));
        const { tree } = await ingestTar(new Source(cutBy(bytes, sizes)), { store: memoryStore() });
        const last = new Map(files.map((file) => [file.path, file]));
        const found = [...tree.walk("")].filter(({ type }) => type === "file").map(({ path }) => path);
        expect(found).toEqual([...last.keys()].sort(comparePaths));
        for (const [path, { size, seed }] of last) {
          const contents = await contentsOf(tree, path);
          expect(sha256(contents)).toBe(sha256(noise(size, seed)));
          expect(tree.lookup(path)?.digest).toBe(sha256(contents));
        }
      },
    ),
    { numRuns: 40 },
  );
});

test("a layer reads few parts of the packs of an archive in another order", async () => {
  const inner = memoryStore();
  let reads = 0;
  const store: ObjectStore = {
    ...inner,
    getBytes(key, range) {
      if (key.startsWith("packs/")) reads += 1;
      return inner.getBytes(key, range);
    },
  };
  // A factor without common divisors visits every file once.
  const files = Array.from({ length: 1000 }, (_, i) => (i * 389) % 1000);
  const bytes = archive(...files.map((number) => member({ path: `f${number}` }, noise(10_000, number + 1))));
  const { tree } = await ingestTar(source(bytes), { store });
  await layerOf(store, tree);
  expect(reads).toBeLessThan(30);
});

test("progress is reported in entries and bytes, finally with the totals", async () => {
  const reports: { entries: number; bytes: number }[] = [];
  const members = Array.from({ length: 1100 }, (_, i) => member({ path: `f${i}` }, "12345"));
  await ingestTar(source(concat([...members, new Uint8Array(1024)])), {
    store: memoryStore(),
    onProgress: (progress) => reports.push(progress),
  });
  expect(reports).toEqual([
    { entries: 512, bytes: 2560 },
    { entries: 1024, bytes: 5120 },
    { entries: 1100, bytes: 5500 },
  ]);
});

import { readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { StoredLayer } from "../../schemas/runner.ts";
import { DirectoryStore } from "../../src/runner/snapshots/directory-store.ts";
import { holdStack } from "../../src/runner/snapshots/layer-stack.ts";
import { sha256 } from "../../src/streams/sha256.ts";
import { singleChunk } from "../../src/streams/single-chunk.ts";
import { type TemporaryFolder, temporaryFolder } from "../helpers/temporary-folder.ts";
import { archive, unable } from "./workbench.ts";

describe("a snapshot that was written as a layer", () => {
  const noMarks = { xattrs: {}, opaque: [], links: [], hasRemovals: false };
  let store: DirectoryStore;
  let folder: TemporaryFolder;
  const { signal } = new AbortController();
  const layer = (letter: string): StoredLayer => {
    const diffId = `sha256:${letter.repeat(64)}`;
    return { mediaType: "application/vnd.oci.image.layer.v1.tar", digest: diffId, size: 1, diffId };
  };
  const add = async (file: string, below?: string[]) => {
    const { id } = await store.addSnapshot("build", signal, async (tree) => {
      await writeFile(join(tree, file), file);
      return { bytes: 1, implied: [], index: noMarks, ...(below && { below }) };
    });
    return id;
  };
  const neverFetch = () => Promise.reject(new Error("it was fetched"));
  /** The names of the top entries of the directories of a stack. */
  const filesOf = async (...layers: StoredLayer[]) => {
    const stack = await holdStack(store, layers, neverFetch, signal);
    stack.release();
    return Promise.all(stack.paths.map(async (path) => (await readdir(path)).join()));
  };

  beforeEach(async () => {
    folder = temporaryFolder();
    store = await DirectoryStore.open(join(folder.path, "layers"), 1e9, "trusted");
  });
  afterEach(() => folder[Symbol.dispose]());

  it("serves as that layer on top of the layers below it, in any order of writing", async () => {
    const first = await add("a", []);
    const copied = await add("b");
    const last = await add("c", [first, copied]);
    for (const [id, letter] of [
      [last, "c"],
      [copied, "b"],
      [first, "a"],
    ] as const) {
      await store.setLayer(id, layer(letter));
    }
    expect(await filesOf(layer("a"), layer("b"), layer("c"))).toEqual(["a", "b", "c"]);
    const later = await DirectoryStore.open(join(folder.path, "layers"), 1e9, "trusted");
    expect(later.nameOf(layer("c"), [first, copied])).toBe(last);
  });

  it("does not serve as that layer on top of other layers", async () => {
    const first = await add("a", []);
    const other = await add("d", []);
    const last = await add("c", [first]);
    for (const [id, letter] of [
      [first, "a"],
      [other, "d"],
      [last, "c"],
    ] as const) {
      await store.setLayer(id, layer(letter));
    }
    await expect(filesOf(layer("d"), layer("c"))).rejects.toThrow("it was fetched");
    await expect(filesOf(layer("c"))).rejects.toThrow("it was fetched");
  });

  it("does not serve as a blob that only claims to be that layer", async () => {
    await store.setLayer(await add("a", []), layer("a"));
    await expect(filesOf({ ...layer("a"), digest: layer("b").digest })).rejects.toThrow("it was fetched");
  });

  it("is fetched again after it was removed", async () => {
    const first = await add("a", []);
    await store.setLayer(first, layer("a"));
    await rm(join(folder.path, "layers", first), { recursive: true });
    await expect(filesOf(layer("a"))).rejects.toThrow("it was fetched");
  });

  it("can be recorded several times at once", async () => {
    const first = await add("a", []);
    await Promise.all(["a", "b", "c", "d"].map((letter) => store.setLayer(first, layer(letter))));
  });
});

describe("a snapshot of a build", () => {
  const { signal } = new AbortController();
  let folder: TemporaryFolder;
  beforeEach(() => {
    folder = temporaryFolder();
  });
  afterEach(() => {
    vi.useRealTimers();
    folder[Symbol.dispose]();
  });
  const open = () => DirectoryStore.open(join(folder.path, "layers"), 15, "trusted");
  const add = async (store: DirectoryStore, build: string) => {
    const index = { xattrs: {}, opaque: [], links: [], hasRemovals: false };
    return (await store.addSnapshot(build, signal, async () => ({ bytes: 10, implied: [], index }))).id;
  };

  it("can be removed a day after the last one, although the runner does not know that the build has ended", async () => {
    const store = await open();
    const now = Date.now();
    vi.useFakeTimers({ toFake: ["Date"], now });
    const first = await add(store, "first");
    await add(store, "second");
    const snapshots = () => readdir(join(folder.path, "layers"));
    expect(await snapshots()).toContain(first);
    vi.setSystemTime(now + 25 * 60 * 60 * 1000);
    const third = await add(store, "third");
    await expect.poll(snapshots).toEqual([third]);
  });

  it("leaves no name once it was removed and there are many names", async () => {
    const store = await open();
    const names = (count: number, prefix: string) =>
      Array.from({ length: count }, (_, i) => `${prefix} ${i}`);
    await store.names.keep("snapshot-gone", names(900, "gone"));
    const kept = await add(store, "build");
    await store.names.keep(kept, names(150, "kept"));
    expect((await readdir(store.names.folder)).length).toBe(150);
    expect((await store.names.find(names(2, "kept"))).size).toBe(2);
    await store.names.keep("snapshot-gone", names(900, "gone"));
    await open();
    expect((await readdir(store.names.folder)).length).toBe(150);
  });
});

describe.skipIf(unable)("two programs with one folder of layers", () => {
  let temporary: TemporaryFolder;
  let folder: string;
  beforeEach(() => {
    temporary = temporaryFolder();
    folder = join(temporary.path, "layers");
  });
  afterEach(() => temporary[Symbol.dispose]());

  const { signal } = new AbortController();
  let fetched = 0;
  const blobs = new Map<string, Buffer>();
  const fetchBlob = async (digest: string) => {
    fetched += 1;
    return singleChunk(blobs.get(digest) as Uint8Array);
  };
  function layer(name: string): StoredLayer {
    const bytes = archive([{ path: name, content: new Uint8Array(1_000_000) }]);
    const digest = sha256(bytes);
    blobs.set(digest, bytes);
    const mediaType = "application/vnd.oci.image.layer.v1.tar";
    return { mediaType, digest, size: bytes.length, diffId: digest };
  }
  const open = (limit: number) => DirectoryStore.open(folder, limit, "trusted");
  const layers = () => readdir(folder);

  it("use each other's layers", async () => {
    const [a, b] = [await open(1e9), await open(1e9)];
    const first = await a.holdLayer(layer("f"), fetchBlob, signal);
    const before = fetched;
    const second = await b.holdLayer(layer("f"), fetchBlob, signal);
    expect([second.path, fetched]).toEqual([first.path, before]);
  });

  it("do not give a directory to another blob that claims to be its layer", async () => {
    const store = await open(1e9);
    (await store.holdLayer(layer("f"), fetchBlob, signal)).release();
    const other = { ...layer("g"), diffId: layer("f").diffId };
    await expect(store.holdLayer(other, fetchBlob, signal)).rejects.toThrow("its diffID is");
    const packed = gzipSync(blobs.get(layer("f").digest) as Buffer);
    const digest = sha256(packed);
    blobs.set(digest, packed);
    for (const times of [1, 0]) {
      const before = fetched;
      const equal = { ...layer("f"), digest, size: packed.length };
      (await store.holdLayer(equal, fetchBlob, signal)).release();
      expect(fetched - before).toBe(times);
    }
  });

  it("can unpack the same layer at the same time", async () => {
    const [a, b] = [await open(1e9), await open(1e9)];
    const held = await Promise.all([a, b].map((store) => store.holdLayer(layer("f"), fetchBlob, signal)));
    expect(held[0]?.path).toBe(held[1]?.path);
    expect(await layers()).toHaveLength(1);
  });

  it("remove no layer that the other uses, until it is closed", async () => {
    const [a, b] = [await open(1), await open(1)];
    const held = await a.holdLayer(layer("f"), fetchBlob, signal);
    (await b.holdLayer(layer("f"), fetchBlob, signal)).release();
    (await b.holdLayer(layer("g"), fetchBlob, signal)).release();
    await expect.poll(layers).toHaveLength(1);
    expect((await stat(join(held.path, "f"))).size).toBe(1_000_000);
    a.close();
    (await b.holdLayer(layer("g"), fetchBlob, signal)).release();
    await expect.poll(layers).toHaveLength(0);
  });

  it("fetch a layer again that the other removed", async () => {
    const [a, b] = [await open(1e9), await open(1)];
    const known = layer("f");
    (await b.holdLayer(known, fetchBlob, signal)).release();
    const late = await open(1e9);
    await expect.poll(layers).toHaveLength(0);
    for (const store of [a, late]) {
      const held = await store.holdLayer(known, fetchBlob, signal);
      expect((await stat(join(held.path, "f"))).size).toBe(1_000_000);
    }
  });
});

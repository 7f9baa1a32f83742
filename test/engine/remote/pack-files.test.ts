import { describe, expect, test } from "vitest";
import { ContextScope } from "../../../src/context/scope.ts";
import { contextKey, openContext, readContextPacks } from "../../../src/context/store.ts";
import { PackFiles } from "../../../src/engine/remote/pack-files.ts";
import type { Node } from "../../../src/rootfs/tree.ts";
import { memoryStore } from "../../../src/store/memory-store.ts";
import { collect } from "../../../src/streams/collect.ts";
import { sha256 } from "../../../src/streams/sha256.ts";
import { bytesOf } from "../../helpers/git-pack.ts";
import { contextOf } from "../../helpers/memory-context.ts";
import { dir, link, nodeOf } from "../../helpers/tree.ts";
import { noise } from "../../streams/source.ts";

async function* chunksOf(...parts: Uint8Array[]) {
  yield* parts;
}

describe("PackFiles", () => {
  test("reads back new files, repeatedly", async () => {
    const files = new PackFiles(memoryStore());
    const large = noise(9_000_000);
    const added = [
      await files.add(bytesOf("small")),
      await files.add(chunksOf(bytesOf("in "), bytesOf("parts"))),
      await files.add(new Uint8Array(0)),
      await files.add(chunksOf(large.subarray(0, 5_000_000), large.subarray(5_000_000))),
      await files.add(bytesOf("small")),
    ];
    expect(added.map(({ size }) => size)).toEqual([5, 8, 0, 9_000_000, 5]);
    for (const file of [...added, await files.add(bytesOf("later"))]) {
      expect(sha256(await collect(files.read(file), file.size))).toBe(file.digest);
    }
  });

  test("reads while a large file is being added", async () => {
    const files = new PackFiles(memoryStore());
    const small = await files.add(bytesOf("small"));
    async function* copies() {
      for (let i = 0; i < 12; i++) {
        yield noise(1_000_000);
        yield* files.read(small);
      }
    }
    const large = await files.add(copies());
    expect(large.size).toBe(12 * 1_000_005);
    expect(sha256(await collect(files.read(large), large.size))).toBe(large.digest);
  });

  test("stores a tree that later readers find", async () => {
    const store = memoryStore();
    const files = new PackFiles(store);
    async function* nodes(): AsyncGenerator<Node> {
      yield { ...nodeOf("b/file", "text"), ...(await files.add(bytesOf("text"))) };
      yield nodeOf("b", dir({ mode: 0o700 }));
      yield nodeOf("a", link("b/file"));
      yield { ...nodeOf("empty", ""), ...(await files.add(new Uint8Array(0))) };
    }
    const { digest, tree } = await files.tree(nodes());
    const again = await openContext(store, digest);
    for (const found of [tree, again?.tree ?? tree]) {
      expect([...found.walk("")].map(({ path, mode }) => [path, mode])).toEqual([
        ["a", 0o777],
        ["b", 0o700],
        ["b/file", 0o644],
        ["empty", 0o644],
      ]);
      const node = found.lookup("b/file");
      expect(node && (await collect(found.read(node), 4))).toEqual(bytesOf("text"));
      const empty = found.lookup("empty");
      expect(empty && (await collect(found.read(empty), 4))).toHaveLength(0);
    }
  });

  test("shares no context with a client that has sent an equal listing", async () => {
    const store = memoryStore();
    const add = async (...others: string[]) => {
      const files = new PackFiles(store);
      for (const other of others) await files.add(bytesOf(other));
      async function* nodes(): AsyncGenerator<Node> {
        yield { ...nodeOf("file", "text"), ...(await files.add(bytesOf("text"))) };
      }
      return files.tree(nodes());
    };
    const scope = new ContextScope(store, "team/app");
    const context = await contextOf(memoryStore(), { file: "text" });
    await scope.saveContext(context);
    const own = await readContextPacks(store, contextKey(context.digest));
    // Its pack has a file of the repository that the tree does not contain.
    const fetched = await add("secret");
    expect(await readContextPacks(store, contextKey(context.digest))).toEqual(own);
    const before = await readContextPacks(store, contextKey(fetched.digest));
    await add("other");
    expect(await readContextPacks(store, contextKey(fetched.digest))).toEqual(before);
  });

  test("rejects a tree of files that were not added", async () => {
    const files = new PackFiles(memoryStore());
    async function* nodes(): AsyncGenerator<Node> {
      yield nodeOf("file", "text");
    }
    await expect(files.tree(nodes())).rejects.toThrow("it was not added");
  });
});

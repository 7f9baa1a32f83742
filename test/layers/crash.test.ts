import { describe, expect, test } from "vitest";
import type { LayerEntry } from "../../src/layers/entry.ts";
import { dropLayer, storeLayer } from "../../src/layers/store.ts";
import { openLayer, tocKey } from "../../src/layers/toc.ts";
import { writeLayer } from "../../src/layers/write.ts";
import { blobKey } from "../../src/oci/content-key.ts";
import { memoryStore } from "../../src/store/memory-store.ts";
import type { ObjectStore } from "../../src/store/object-store.ts";
import { memoryTree } from "../helpers/memory-tree.ts";
import { entriesOf, keysOf, sourceTree } from "./entries.ts";

const gzip = { compression: "gzip", level: 1 } as const;
const entries = () => entriesOf(memoryTree(sourceTree(50)));

function* breaksAfter(count: number): Generator<LayerEntry> {
  yield* entries().slice(0, count);
  throw new Error("the entries broke");
}

describe("a failure leaves nothing behind", () => {
  test("in the first pass", async () => {
    const spool = memoryStore();
    await expect(writeLayer(breaksAfter(40), { ...gzip, spool, keep: () => false })).rejects.toThrow(
      "the entries broke",
    );
    expect(await keysOf(spool)).toEqual([]);
  });

  test("between the passes: only the spool, which no address names", async () => {
    const store = memoryStore();
    const draft = await writeLayer(entries(), { ...gzip, spool: store, keep: () => false });
    expect(await keysOf(store)).toEqual(draft.spoolKeys);
    await dropLayer(store, draft);
    expect(await keysOf(store)).toEqual([]);
  });

  test("in the second pass: a spool that is missing or changed", async () => {
    const store = memoryStore();
    const draft = await writeLayer(entries(), { ...gzip, spool: store, keep: () => false });
    const key = draft.spoolKeys[0] ?? "";
    const { size = 0 } = (await store.head(key)) ?? {};
    await store.put(key, new Uint8Array(size), size);
    await expect(storeLayer(store, draft)).rejects.toThrow(/its bytes have/);
    expect(await keysOf(store)).toEqual([]);
    await expect(storeLayer(store, draft)).rejects.toThrow(/it was deleted/);
    expect(await keysOf(store)).toEqual([]);
  });

  test("between blob and table of contents: the blob, and the next build continues with it", async () => {
    const store = memoryStore();
    const broken: ObjectStore = {
      ...store,
      async put(key, ...rest) {
        if (key.startsWith("tocs/")) throw new Error("the store broke");
        return store.put(key, ...rest);
      },
    };
    const draft = await writeLayer(entries(), { ...gzip, spool: store });
    await expect(storeLayer(broken, draft)).rejects.toThrow("the store broke");
    expect(await keysOf(store)).toEqual([blobKey(draft.digest)]);
    const again = await writeLayer(entries(), { ...gzip, spool: store });
    expect((await storeLayer(store, again)).digest).toBe(draft.digest);
    expect((await openLayer(store, draft.digest))?.diffId).toBe(draft.diffId);
  });
});

test("an existing blob is not stored again", async () => {
  const store = memoryStore();
  const puts: string[] = [];
  const counting: ObjectStore = {
    ...store,
    async put(key, ...rest) {
      const stored = await store.put(key, ...rest);
      if (stored) puts.push(key.replace(/\/.*/, ""));
      return stored;
    },
  };
  for (let i = 0; i < 2; i++)
    await storeLayer(counting, await writeLayer(entries(), { ...gzip, spool: store }));
  expect(puts).toEqual(["blobs", "tocs", "tocs"]);
});

test("a table of contents of another version, or with other bytes, is ignored", async () => {
  const store = memoryStore();
  const digest = `sha256:${"a".repeat(64)}`;
  for (const bytes of ["", "vrv1", "not ours at all, but longer", "vrv1\0\0\0\0\xff\xff\xff\xff{}"]) {
    const stored = Uint8Array.from(bytes, (character) => character.charCodeAt(0));
    await store.put(`tocs/${digest.slice(7)}`, stored, stored.length);
    expect(await openLayer({ ...store }, digest), bytes).toBeUndefined();
  }
});

test("a damaged table of contents never blocks or crashes the reader", async () => {
  const store = memoryStore();
  const { digest } = await storeLayer(store, await writeLayer(entries(), { ...gzip, spool: store }));
  const key = tocKey(digest);
  const toc = (await store.getBytes(key)) ?? new Uint8Array(0);
  for (let at = 0; at < toc.length; at += 13) {
    const damaged = toc.slice();
    damaged[at] = (damaged[at] ?? 0) ^ 0x55;
    await store.put(key, damaged, damaged.length);
    const layer = await openLayer({ ...store }, digest);
    expect(layer === undefined || layer.tree.size > 0).toBe(true);
    await store.put(key, toc.subarray(0, at), at);
    expect(await openLayer({ ...store }, digest)).toBeUndefined();
  }
});

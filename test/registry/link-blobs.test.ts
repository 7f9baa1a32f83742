import { expect, test } from "vitest";
import { blobKey } from "../../src/oci/content-key.ts";
import { StoreRegistry } from "../../src/registry/store/store-registry.ts";
import { memoryStore } from "../../src/store/memory-store.ts";
import type { ObjectStore } from "../../src/store/object-store.ts";
import { sha256 } from "../../src/streams/sha256.ts";

const blobs = ["a", "b", "c", "d"].map((text) => new TextEncoder().encode(text));
const digests = blobs.map((bytes) => sha256(bytes));

/** A store with these blobs that counts accesses to a key. */
async function open() {
  const store = memoryStore();
  for (const bytes of blobs) await store.put(blobKey(sha256(bytes)), bytes, bytes.length);
  const accesses = new Map<string, number>();
  const count = (key: string) => accesses.set(key, (accesses.get(key) ?? 0) + 1);
  const counting: ObjectStore = {
    ...store,
    head(key) {
      count(key);
      return store.head(key);
    },
    put(key, ...rest) {
      count(key);
      return store.put(key, ...rest);
    },
  };
  return { registry: new StoreRegistry(counting), store, accesses };
}

test("blobs that are linked together read the epoch twice and name the repository once", async () => {
  const { registry, accesses } = await open();
  await registry.linkBlobs("app", digests);
  expect(accesses.get("epochs/app")).toBe(2);
  expect(accesses.get("catalog/app")).toBe(1);
  for (const digest of digests)
    expect(await registry.resolveBlob("app", digest)).toEqual({ digest, size: 1 });
});

test("if one blob is not stored, linking fails and links none", async () => {
  const { registry } = await open();
  const missing = sha256("missing");
  await expect(registry.linkBlobs("app", [...digests, missing])).rejects.toThrow("no such blob");
  await expect(registry.resolveBlob("app", digests[0] as string)).rejects.toThrow("no such blob");
});

test("an empty list causes no access to the store", async () => {
  const { registry, accesses } = await open();
  await registry.linkBlobs("app", []);
  expect(accesses.size).toBe(0);
});

test("a removal while blobs are linked stores all their markers again", async () => {
  const { registry, store } = await open();
  await registry.linkBlobs("app", digests);
  const put = async (key: string, ...rest: unknown[]) => {
    // Another process removes the markers, and writes a new epoch, while the catalog is written.
    if (key === "catalog/app") {
      for (const digest of digests) await store.delete(`repos/app/_blobs/${digest}`);
      await store.put("epochs/app", new Uint8Array(), 0, { metadata: { id: "new" } });
    }
    return (store.put as (...args: unknown[]) => Promise<boolean>)(key, ...rest);
  };
  await new StoreRegistry({ ...store, put }).linkBlobs("app", digests);
  for (const digest of digests)
    expect(await registry.resolveBlob("app", digest)).toEqual({ digest, size: 1 });
});

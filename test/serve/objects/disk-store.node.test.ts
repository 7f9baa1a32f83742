import { mkdtempSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { diskStore } from "../../../src/serve/objects/disk-store.ts";
import { sha256 } from "../../../src/streams/sha256.ts";
import { suiteFolder } from "../../helpers/suite-folder.ts";
import { composeSuite, objectStoreSuite } from "../../store/object-store.suite.ts";

const folder = suiteFolder();
const open = () => diskStore(mkdtempSync(join(folder, "store-")));

objectStoreSuite("on disk", async () => open());
composeSuite("on disk", async () => open());

const part = new Uint8Array(200_000).fill(1);

test("parts are joined to one object only, also with concurrent requests", async () => {
  const store = open();
  await store.put("part", part, part.length);
  const made = await Promise.all([
    store.compose("a", ["part"], part.length),
    store.compose("b", ["part"], part.length),
  ]);
  expect(made.toSorted()).toEqual([true, undefined]);
  const [kept, other] = made[0] ? ["a", "b"] : ["b", "a"];
  await store.delete(other);
  expect(await store.head(other)).toBeUndefined();
  expect(await store.getBytes(kept)).toEqual(part);
});

test("parts that are removed meanwhile do not become an empty object", async () => {
  const store = open();
  for (let round = 0; round < 20; round++) {
    await store.put("part", part, part.length);
    const [isMade] = await Promise.all([
      store.compose("a", ["part"], part.length),
      new Promise((resolve) => setTimeout(resolve, round / 5)).then(() => store.delete("part")),
    ]);
    if (isMade) expect(await store.getBytes("a")).toEqual(part);
    else expect(await store.head("a")).toBeUndefined();
    await store.delete("a");
  }
});

test("an object is kept when the parts that would replace it are removed meanwhile", async () => {
  const store = open();
  const old = new Uint8Array(100).fill(2);
  await store.put("a", old, old.length);
  await store.put("part", part, part.length);
  const made = store.compose("a", ["part"], part.length);
  await store.delete("part");
  await expect(made).resolves.toBeUndefined();
  await expect(store.getBytes("a")).resolves.toEqual(old);
});

test.each([100, 200_000])("an empty part is joined to one of %d bytes", async (size) => {
  const store = open();
  const bytes = new Uint8Array(size).fill(3);
  await store.put("part", bytes, size);
  await store.put("empty", new Uint8Array(), 0);
  await expect(store.compose("a", ["part", "empty"], size)).resolves.toBe(true);
  await expect(store.getBytes("a")).resolves.toEqual(bytes);
});

test("an object cannot be joined from itself", async () => {
  const store = open();
  await store.put("a", part, part.length);
  await expect(store.compose("a", ["a"], part.length)).rejects.toThrow("of itself");
  expect(await store.getBytes("a")).toEqual(part);
});

test.each([100, 3_000_000])(
  "%d bytes are stored under a key that is chosen after they are hashed",
  async (size) => {
    const store = open();
    const bytes = new Uint8Array(size).fill(7);
    const writer = await store.createHashed();
    await writer.write(bytes.subarray(0, 50));
    await writer.write(bytes.subarray(50));
    const key = writer.digest();
    expect(`sha256:${key}`).toBe(sha256(bytes));
    expect(await store.head(key)).toBeUndefined();
    await writer.complete(key);
    expect(await store.getBytes(key)).toEqual(bytes);
    // What exists stays.
    const other = await store.createHashed();
    await other.write(part);
    await other.complete(key);
    expect(await store.getBytes(key)).toEqual(bytes);
  },
);

test("hashed bytes that are dropped leave no file", async () => {
  const own = mkdtempSync(join(folder, "dropped-"));
  const writer = await diskStore(own).createHashed();
  await writer.write(new Uint8Array(3_000_000));
  await writer.abort();
  expect([...readdirSync(join(own, "files")), ...readdirSync(join(own, "incoming"))]).toEqual([]);
});

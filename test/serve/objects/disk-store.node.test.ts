import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { diskStore } from "../../../src/serve/objects/disk-store.ts";
import { composeSuite, objectStoreSuite } from "../../store/object-store.suite.ts";

const folder = mkdtempSync(join(tmpdir(), "varve-objects-"));
afterAll(() => rmSync(folder, { recursive: true }));
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

test("an object cannot be joined from itself", async () => {
  const store = open();
  await store.put("a", part, part.length);
  await expect(store.compose("a", ["a"], part.length)).rejects.toThrow("of itself");
  expect(await store.getBytes("a")).toEqual(part);
});

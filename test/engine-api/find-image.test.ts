import { expect, test } from "vitest";
import { findImage } from "../../src/engine-api/find-image.ts";
import { StoreRegistry } from "../../src/registry/store/store-registry.ts";
import { countCalls } from "../../src/store/count-calls.ts";
import { memoryCache } from "../../src/store/memory-cache.ts";
import { memoryStore } from "../../src/store/memory-store.ts";
import type { ObjectStore } from "../../src/store/object-store.ts";
import { allOf } from "../helpers/all-of.ts";
import { pushImage, type TestImage, testImage, testIndex } from "../registry/test-image.ts";

const push = (store: ObjectStore, name: string, image: TestImage, tag: string) =>
  pushImage(new StoreRegistry(store), name, image, tag);

const find = (store: ObjectStore, text: string) =>
  findImage(text, { store, cache: memoryCache(), canPull: (name) => name !== "secret", own: "localhost" });

test("finds an image by its ID or digest without reading other repositories", async () => {
  const store = memoryStore();
  for (let name = 0; name < 40; name += 1) await push(store, `app${name}`, testImage([`${name}`]), "1");
  const image = testImage(["wanted"]);
  const index = testIndex({ "linux/amd64": image });
  await push(store, "x", index, "1");
  await push(store, "y", image, "2");
  await push(store, "secret", image, "3");
  const id = image.blobs[0]?.descriptor.digest ?? "";
  for (const text of [id, id.slice("sha256:".length, 27)]) {
    const { store: counted, calls } = countCalls(store);
    const { name, byId } = await find(counted, text);
    expect(name).toBe("x");
    expect(byId?.id).toBe(id);
    expect(byId?.tags.map(({ repository, tag }) => `${repository}:${tag}`)).toEqual(["x:1", "y:2"]);
    expect(calls()).toBeLessThan(25);
  }
  const byDigest = await find(store, index.descriptor.digest.slice("sha256:".length));
  expect(byDigest.byId?.id).toBe(id);
});

test("finds images that an earlier version has stored", async () => {
  const store = memoryStore();
  const image = testImage(["wanted"]);
  await push(store, "x", image, "1");
  await store.delete(...(await allOf(store.list("refs/"))).map(({ key }) => key));
  const id = image.blobs[0]?.descriptor.digest ?? "";
  expect((await find(store, id)).byId?.id).toBe(id);
});

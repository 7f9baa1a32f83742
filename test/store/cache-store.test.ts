import { describe, expect, test } from "vitest";
import type { CacheStore } from "../../src/store/cache-store.ts";
import { kvCache } from "../../src/store/kv-cache.ts";
import { memoryCache } from "../../src/store/memory-cache.ts";
import { bindings } from "../helpers/bindings.ts";

function cacheStoreSuite(name: string, open: () => CacheStore): void {
  describe(name, () => {
    test("returns the JSON values of existing keys", async () => {
      const cache = open();
      await cache.put(
        new Map<string, unknown>([
          ["step/a", { layer: "x", parts: [1, null] }],
          ["step/b", 2],
        ]),
      );
      expect(await cache.get(["step/a", "step/b", "step/never"])).toEqual(
        new Map<string, unknown>([
          ["step/a", { layer: "x", parts: [1, null] }],
          ["step/b", 2],
        ]),
      );
    });

    test("stores and returns any number of keys, including duplicates", async () => {
      const cache = open();
      const values = new Map(Array.from({ length: 250 }, (_, i) => [`many/${i}`, i]));
      await cache.put(values, 3600);
      expect(await cache.get([...values.keys(), "many/0"])).toEqual(values);
      expect(await cache.get([])).toEqual(new Map());
    });

    test("the last value of a key counts", async () => {
      const cache = open();
      await cache.put(new Map([["k", 1]]));
      await cache.put(new Map([["k", 2]]), 1);
      expect(await cache.get(["k"])).toEqual(new Map([["k", 2]]));
    });
  });
}

cacheStoreSuite("in memory", () => memoryCache());

test("in memory: a value is forgotten when its time is over", async () => {
  let now = 1_000_000;
  const cache = memoryCache(() => now);
  await cache.put(new Map([["k", 1]]), 60);
  now += 59_999;
  expect(await cache.get(["k"])).toEqual(new Map([["k", 1]]));
  now += 1;
  expect(await cache.get(["k"])).toEqual(new Map());
});

const env = await bindings();
if (env !== undefined) cacheStoreSuite("in KV", () => kvCache(env.CACHE));

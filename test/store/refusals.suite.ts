import { describe, expect, test } from "vitest";
import { kvCache } from "../../src/store/kv-cache.ts";
import { r2Store } from "../../src/store/r2-store.ts";
import { type Clock, StoreBusyError } from "../../src/store/retry.ts";
import { limitsWith } from "../edge/limits.ts";
import { Platform } from "../edge/platform.ts";
import { strictBucket } from "../edge/strict-bucket.ts";
import { strictNamespace } from "../edge/strict-namespace.ts";
import { folderOf } from "../helpers/folder-of.ts";
import { composeSuite, objectStoreSuite } from "./object-store.suite.ts";

/** Each pause lasts until a key accepts another write in these tests. */
const fast: Clock = {
  now: () => Date.now(),
  sleep: () => new Promise((resolve) => setTimeout(resolve, 8)),
  random: () => 0.5,
};
const settings = { r2WriteInterval: 5, kvWriteInterval: 5, kvElsewhere: 0 };
const busy = new Error("put: Reduce your concurrent request rate for the same object. (10058)");
const fault = new Error("put: We encountered an internal error. Please try again. (10001)");

/** Tests of a Worker's stores when R2 and KV reject operations. */
export function refusalsSuite({ BUCKET, CACHE }: { BUCKET: R2Bucket; CACHE: KVNamespace }): void {
  const open = async () => {
    const platform = new Platform(limitsWith({ ...settings, r2Faults: 0.2 }));
    return folderOf(r2Store(strictBucket(BUCKET, platform), fast), `${crypto.randomUUID()}/`);
  };
  objectStoreSuite("in R2 of which one operation in five fails", open);
  composeSuite("in R2 of which one operation in five fails", open);

  /** The bucket, whose puts fail with these errors first. `stores` states whether a put that fails is executed. */
  const failing = (errors: Error[], stores: boolean) => {
    const put = async (key: string, value: ReadableStream | Uint8Array, options?: R2PutOptions) => {
      const error = errors.shift();
      if (error === undefined || stores) {
        const stored = await BUCKET.put(key, value, options);
        if (error === undefined) return stored;
      }
      // The body is left unread.
      throw error;
    };
    const methods = { put, head: BUCKET.head.bind(BUCKET), get: BUCKET.get.bind(BUCKET) };
    return r2Store(methods as unknown as R2Bucket, fast);
  };
  const bytes = (size: number) => new Uint8Array(size).fill(1);
  async function* stream(size: number) {
    for (let at = 0; at < size; at += 2 ** 20) yield bytes(Math.min(2 ** 20, size - at));
  }
  const newKey = () => crypto.randomUUID();

  describe("a put that R2 rejects", () => {
    test("that was executed in spite of the error is recognised by its writer", async () => {
      const key = newKey();
      const store = failing([fault], true);
      expect(await store.put(key, bytes(3), 3, { ifAbsent: true, metadata: { kind: "own" } })).toBe(true);
      expect((await store.head(key))?.metadata).toEqual({ kind: "own" });
    });

    test("because another writer was faster does not count as done", async () => {
      const key = newKey();
      await BUCKET.put(key, bytes(1));
      // The object is written after the first look.
      const head = BUCKET.head.bind(BUCKET);
      let looks = 0;
      const methods = {
        head: async (name: string) => (looks++ === 0 ? null : head(name)),
        put: async () => {
          throw busy;
        },
      };
      const store = r2Store(methods as unknown as R2Bucket, fast);
      expect(await store.put(key, bytes(3), 3, { ifAbsent: true })).toBe(false);
      expect((await store.head(key))?.size).toBe(1);
    });

    test("while others replace the object counts as done before theirs", async () => {
      const key = newKey();
      let puts = 0;
      const methods = {
        head: BUCKET.head.bind(BUCKET),
        put: async () => {
          puts += 1;
          await BUCKET.put(key, bytes(puts));
          throw busy;
        },
      };
      const store = r2Store(methods as unknown as R2Bucket, fast);
      expect(await store.put(key, bytes(30), 30)).toBe(true);
      expect(puts).toBe(2);
    });

    test("is repeated when its bytes are held, or can be read again", async () => {
      const [small, large] = [newKey(), newKey()];
      expect(await failing([busy, fault], false).put(small, stream(100), 100)).toBe(true);
      const size = 9 * 2 ** 20;
      expect(await failing([fault, fault], false).put(large, () => stream(size), size)).toBe(true);
      expect((await BUCKET.head(large))?.size).toBe(size);
    });

    test.each([
      ["unread", false],
      ["cancelled", true],
    ])("because the connection was lost is repeated when its body is %s", async (_, isCancelled) => {
      const key = newKey();
      const size = 9 * 2 ** 20;
      let puts = 0;
      const put = async (name: string, value: ReadableStream, options?: R2PutOptions) => {
        puts += 1;
        if (puts > 1) return BUCKET.put(name, value, options);
        if (isCancelled) await value.cancel();
        throw new Error("Network connection lost.");
      };
      const reads = { head: BUCKET.head.bind(BUCKET), get: BUCKET.get.bind(BUCKET) };
      const store = r2Store({ ...reads, put } as unknown as R2Bucket, fast);
      expect(await store.put(key, () => stream(size), size)).toBe(true);
      expect((await BUCKET.head(key))?.size).toBe(size);
      puts = 0;
      expect(await store.compose?.(`${key}-joined`, [key, key], 2 * size)).toBe(true);
      expect((await BUCKET.head(`${key}-joined`))?.size).toBe(2 * size);
    });

    test("of many bytes that can be read only once fails as a temporary error", async () => {
      const size = 9 * 2 ** 20;
      const stored = failing([fault], false).put(newKey(), stream(size), size);
      await expect(stored).rejects.toThrow(StoreBusyError);
    });

    test("each time fails with the reason", async () => {
      const stored = failing(Array(10).fill(busy), false).put("a/key", bytes(1), 1, { ifAbsent: true });
      await expect(stored).rejects.toThrow(`Cannot write "a/key" after 10 attempts: ${busy.message}`);
    });
  });

  describe("KV that rejects", () => {
    const limits = limitsWith({ ...settings, kvWriteInterval: 60_000 });
    const platform = new Platform(limits);

    test("fails no write, and receives the last value for a key", async () => {
      const wakeUp = Promise.withResolvers<void>();
      const cache = kvCache(strictNamespace(CACHE, platform), { ...fast, sleep: () => wakeUp.promise });
      for (const value of [1, 2, 3, 4]) await cache.put(new Map([["trail/app", value]]));
      expect(platform.observed).toMatchObject({ kvBusy: 3, operations: { "kv.put": 4 } });
      limits.kvWriteInterval = 0;
      wakeUp.resolve();
      await expect.poll(() => CACHE.get("trail/app")).toBe("4");
      // One writer has waited, those before it have not written.
      expect(platform.observed).toMatchObject({ kvBusy: 3, operations: { "kv.put": 5 } });
    });

    test("fails no read: the key is treated as missing", async () => {
      const get = async () => {
        throw new Error("KV GET failed: 503 Service Unavailable");
      };
      const cache = kvCache({ get } as unknown as KVNamespace, fast);
      expect(await cache.get(["a"])).toEqual(new Map());
    });

    test("fails no write for a permanent error", async () => {
      const cache = kvCache(strictNamespace(CACHE, platform), fast);
      await cache.put(new Map([["k".repeat(600), 1]]));
      expect(await CACHE.list({ prefix: "kkk" })).toMatchObject({ keys: [] });
    });
  });
}

import { describe, expect, test } from "vitest";
import { DigestMismatchError, type ObjectStore } from "../../src/store/object-store.ts";
import { chunks } from "../../src/streams/chunks.ts";
import { collect } from "../../src/streams/collect.ts";
import { Digester, sha256 } from "../../src/streams/sha256.ts";
import { ContentMismatchError, verifyChunks } from "../../src/streams/verify.ts";
import { noise, source } from "../streams/source.ts";

const text = (value: string) => new TextEncoder().encode(value);

async function failing(): Promise<never> {
  throw new Error("the source broke");
}

async function* breaksAfter(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
  await failing();
}

async function contents(store: ObjectStore, key: string): Promise<Uint8Array | undefined> {
  const stream = await store.get(key);
  return stream && (await collect(chunks(stream), 64 * 1024 * 1024));
}

async function keysOf(store: ObjectStore, prefix: string, after?: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix, after)) keys.push(key);
  return keys;
}

/** Tests of every implementation. `open` returns an empty store. */
export function objectStoreSuite(name: string, open: () => Promise<ObjectStore>): void {
  describe(name, () => {
    test("returns the stored bytes, size and metadata", async () => {
      const store = await open();
      expect(await store.put("a/b", text("hello"), 5, { metadata: { kind: "greeting" } })).toBe(true);
      const before = Date.now();
      const info = await store.head("a/b");
      expect(info).toEqual({
        key: "a/b",
        size: 5,
        metadata: { kind: "greeting" },
        uploaded: expect.any(Number),
      });
      // Clocks of a store and its user are not the same.
      expect(Math.abs((info?.uploaded ?? 0) - before)).toBeLessThan(60_000);
      expect(await store.getBytes("a/b")).toEqual(text("hello"));
      expect(await contents(store, "a/b")).toEqual(text("hello"));
    });

    test("returns nothing for a missing key", async () => {
      const store = await open();
      expect(await store.head("a")).toBeUndefined();
      expect(await store.get("a")).toBeUndefined();
      expect(await store.getBytes("a", { offset: 3 })).toBeUndefined();
    });

    test("stores an empty object, whole and in a stream", async () => {
      const store = await open();
      await store.put("bytes", new Uint8Array(0), 0);
      await store.put("stream", source(new Uint8Array(0), 1), 0);
      expect(await store.getBytes("bytes")).toEqual(new Uint8Array(0));
      expect(await contents(store, "stream")).toEqual(new Uint8Array(0));
    });

    test("stores nothing when the stream of an empty object fails", async () => {
      const store = await open();
      const failing = (async function* (): AsyncGenerator<Uint8Array> {
        yield new Uint8Array();
        throw new Error("the source failed");
      })();
      await expect(store.put("a", failing, 0)).rejects.toThrow("the source failed");
      expect(await store.head("a")).toBeUndefined();
    });

    test("accepts a stream of known size", async () => {
      const store = await open();
      const bytes = noise(300_000);
      await store.put("a", source(bytes, 7_001), bytes.length, { sha256: sha256(bytes).slice(7) });
      expect(await contents(store, "a")).toEqual(bytes);
    });

    test("reads ranges, cut off where the object ends", async () => {
      const store = await open();
      await store.put("a", text("0123456789"), 10);
      expect(await store.getBytes("a", { offset: 2, length: 3 })).toEqual(text("234"));
      expect(await store.getBytes("a", { offset: 7 })).toEqual(text("789"));
      expect(await store.getBytes("a", { offset: 7, length: 100 })).toEqual(text("789"));
    });

    test("reads ranges of large objects", async () => {
      const store = await open();
      const bytes = noise(300_000);
      await store.put("a", bytes, bytes.length);
      for (const [offset, length] of [
        [0, 1],
        [0, 300_000],
        [1, 299_998],
        [299_999, 1],
        [200_000, 300_000],
      ] as const) {
        expect(await store.getBytes("a", { offset, length })).toEqual(bytes.slice(offset, offset + length));
      }
      expect(await store.getBytes("a", { offset: 0 })).toEqual(bytes);
      expect(await store.getBytes("a", { offset: 150_000 })).toEqual(bytes.slice(150_000));
      await expect(store.get("a", { offset: 300_000 })).rejects.toThrow(RangeError);
    });

    test("a read continues to its end when the object is replaced or deleted", async () => {
      const store = await open();
      const bytes = noise(3_000_000);
      await store.put("a", bytes, bytes.length);
      const [replaced, deleted] = [await store.get("a"), await store.get("a")];
      await store.put("a", noise(3_000_000, 2), 3_000_000);
      await store.delete("a");
      for (const stream of [replaced, deleted]) {
        if (stream === undefined) throw new Error("It was there");
        expect(sha256(await collect(chunks(stream), 4_000_000))).toBe(sha256(bytes));
      }
      expect(await store.get("a")).toBeUndefined();
    });

    test.each([10, 11, 4_000])("rejects a range from byte %i of 10", async (offset) => {
      const store = await open();
      await store.put("a", text("0123456789"), 10);
      await expect(store.getBytes("a", { offset, length: 1 })).rejects.toThrow(RangeError);
      await expect(store.get("a", { offset })).rejects.toThrow(RangeError);
    });

    test.each([["whole"], ["as a stream"]])("rejects bytes of another digest, %s", async (how) => {
      const store = await open();
      const bytes = text("evil");
      const body = how === "whole" ? bytes : source(bytes, 2);
      const put = store.put("a", body, 4, { sha256: sha256("good").slice(7) });
      await expect(put).rejects.toThrow(DigestMismatchError);
      expect(await store.head("a")).toBeUndefined();
    });

    test("verifies sha512 too", async () => {
      const store = await open();
      const hex = (value: string) => new Digester("sha512").update(text(value)).digest().slice(7);
      await store.put("a", text("good"), 4, { sha512: hex("good") });
      await expect(store.put("b", text("evil"), 4, { sha512: hex("good") })).rejects.toThrow(
        DigestMismatchError,
      );
    });

    test.each([3, 5])("rejects a stream and bytes of 4 when %i are promised", async (promised) => {
      const store = await open();
      await expect(store.put("a", source(text("1234"), 1), promised)).rejects.toThrow(/bytes were promised/);
      await expect(store.put("a", text("1234"), promised)).rejects.toThrow(/bytes were promised/);
      expect(await store.head("a")).toBeUndefined();
    });

    test("keeps no bytes of a stream that failed, and throws its error", async () => {
      const store = await open();
      await expect(store.put("a", breaksAfter(text("12")), 4)).rejects.toThrow("the source broke");
      expect(await store.head("a")).toBeUndefined();
    });

    test("a put replaces an object, unless it must be the first", async () => {
      const store = await open();
      await store.put("a", text("one"), 3);
      expect(await store.put("a", text("two"), 3, { ifAbsent: true })).toBe(false);
      expect(await store.getBytes("a")).toEqual(text("one"));
      expect(await store.put("a", text("three"), 5)).toBe(true);
      expect(await store.getBytes("a")).toEqual(text("three"));
      expect(await store.put("b", text("new"), 3, { ifAbsent: true })).toBe(true);
    });

    test.each([10, 5_000_000])(
      "a put that is not wanted leaves its body to be verified: %i bytes",
      async (size) => {
        const store = await open();
        await store.put("a", text("one"), 3);
        const bytes = noise(size);
        for (const isRight of [true, false]) {
          const digest = isRight ? sha256(bytes) : sha256("one");
          const body = verifyChunks(source(bytes, 100_000), { digest, size });
          // It may be read by the store itself.
          const put = store.put("a", body, size, { ifAbsent: true }).then(async (isStored) => {
            expect(isStored).toBe(false);
            for await (const _ of body);
          });
          if (isRight) await put;
          else await expect(put).rejects.toThrow(ContentMismatchError);
        }
        expect(await store.getBytes("a")).toEqual(text("one"));
      },
    );

    test("only one of two concurrent first puts succeeds", async () => {
      const store = await open();
      const puts = await Promise.all(
        ["one", "two"].map((value) => store.put("a", text(value), 3, { ifAbsent: true })),
      );
      expect(puts.filter((first) => first)).toHaveLength(1);
      expect(await store.getBytes("a")).toEqual(text(puts[0] ? "one" : "two"));
    });

    test("writes an object of unknown length, visible only when complete", async () => {
      const store = await open();
      const writer = await store.create("a", { metadata: { kind: "spool" } });
      await writer.write(text("one "));
      await writer.write(text("two"));
      expect(await store.head("a")).toBeUndefined();
      await writer.complete();
      await writer.abort();
      expect(await store.getBytes("a")).toEqual(text("one two"));
      expect(await store.head("a")).toMatchObject({ size: 7, metadata: { kind: "spool" } });
    });

    test.each([8, 17])("writes an object of %i MiB in parts", async (mebibytes) => {
      const store = await open();
      const bytes = noise(mebibytes * 1024 * 1024 + (mebibytes === 8 ? 0 : 5));
      const writer = await store.create("a");
      for await (const chunk of source(bytes, 3_000_001)) await writer.write(chunk);
      await writer.complete();
      expect(sha256((await contents(store, "a")) ?? "")).toBe(sha256(bytes));
    });

    test.each([3, 9_000_000])("drops what was written: %i bytes", async (size) => {
      const store = await open();
      const writer = await store.create("a");
      await writer.write(noise(size));
      await writer.abort();
      await writer.abort();
      await expect(writer.write(text("more"))).rejects.toThrow(/complete or dropped/);
      await expect(writer.complete()).rejects.toThrow(/complete or dropped/);
      expect(await keysOf(store, "")).toEqual([]);
    });

    test("deletes any number of keys, known or not", async () => {
      const store = await open();
      await store.put("a", text("1"), 1);
      await store.put("b", text("2"), 1);
      await store.delete();
      await store.delete(...Array.from({ length: 1_001 }, (_, i) => `none/${i}`), "a");
      expect(await keysOf(store, "")).toEqual(["b"]);
    });

    test("lists keys of a prefix in order, after a key, page by page", async () => {
      const store = await open();
      const keys = Array.from({ length: 1_003 }, (_, i) => `many/${String(i).padStart(4, "0")}`);
      for (let i = 0; i < keys.length; i += 50) {
        await Promise.all(keys.slice(i, i + 50).map((key) => store.put(key, text("x"), 1)));
      }
      await store.put("other", text("x"), 1, { metadata: { a: "b" } });
      expect(await keysOf(store, "many/")).toEqual(keys);
      expect(await keysOf(store, "many/", "many/0999")).toEqual(["many/1000", "many/1001", "many/1002"]);
      expect(await keysOf(store, "none")).toEqual([]);
      for await (const found of store.list("oth"))
        expect(found).toMatchObject({ metadata: { a: "b" }, size: 1, uploaded: expect.any(Number) });
    });
  });
}

/** Tests of stores that can join objects. */
export function composeSuite(name: string, open: () => Promise<ObjectStore>): void {
  test(`${name}: joins objects to one`, async () => {
    const store = await open();
    if (store.compose === undefined) throw new Error("This store cannot");
    const [first, second, third] = [noise(200_000), text("small"), noise(3_000_000, 2)];
    const whole = new Uint8Array([...first, ...second, ...third]);
    const size = whole.length;
    const parts = ["parts/1", "parts/2", "parts/3"];
    for (const [i, part] of [first, second, third].entries())
      await store.put(parts[i] ?? "", part, part.length);
    const hex = (value: Uint8Array | string) => sha256(value).slice(7);

    await expect(store.compose("a", parts, size, { sha256: hex("evil") })).rejects.toThrow(
      DigestMismatchError,
    );
    expect(await store.compose("a", [...parts, "parts/4"], size)).toBeUndefined();
    expect(await keysOf(store, "")).toEqual(parts);

    await expect(store.compose("a", parts, size - 1)).rejects.toThrow("bytes were promised");
    await expect(store.compose("a", parts, size + 1)).rejects.toThrow("bytes were promised");
    expect(await keysOf(store, "")).toEqual(parts);

    const metadata = { kind: "whole" };
    const options = { sha256: hex(whole), metadata, ifAbsent: true };
    expect(await store.compose("a", parts, size, options)).toBe(true);
    await store.delete(...parts);
    expect(await keysOf(store, "")).toEqual(["a"]);
    expect(await store.head("a")).toMatchObject({ size: whole.length, metadata });
    expect(sha256((await contents(store, "a")) ?? "")).toBe(sha256(whole));
    for (const [offset, length] of [
      [0, 10],
      [199_990, 30],
      [200_003, 2],
      [200_004, 1_000_000],
      [3_200_000, 99],
    ] as const) {
      expect(await store.getBytes("a", { offset, length })).toEqual(whole.slice(offset, offset + length));
    }

    await store.put("parts/1", text("again"), 5);
    const other = store.compose("a", ["parts/1"], 5, { ifAbsent: true, sha256: hex(whole) });
    await expect(other).rejects.toThrow(DigestMismatchError);
    expect(await store.compose("a", ["parts/1"], 5, { ifAbsent: true, sha256: hex("again") })).toBe(false);
    await store.delete("parts/1");
    expect(await keysOf(store, "")).toEqual(["a"]);
    await store.delete("a");
    expect(await store.head("a")).toBeUndefined();
  });
}

/** Tests of stores that accept bodies of unknown length. */
export function receiveSuite(name: string, open: () => Promise<ObjectStore>): void {
  const stored = async (key: string, size: number, max: number) => {
    const store = await open();
    if (store.receive === undefined) throw new Error("This store cannot");
    const bytes = noise(size);
    const body = () => new Blob([bytes]).stream();
    return { store, bytes, body, size: await store.receive(key, body(), max) };
  };

  test.each([1, 70_000, 5_000_000])(
    `${name}: receives %i bytes and stores an object of them`,
    async (size) => {
      const { store, bytes, body, size: came } = await stored("part", size, size);
      expect(came).toBe(size);
      expect(await store.receive?.("part", body(), size)).toBeUndefined();
      expect(await contents(store, "part")).toEqual(bytes);
      const hex = sha256(bytes).slice(7);
      const other = sha256("other").slice(7);
      const sha512 = new Digester("sha512").update(bytes).digest().slice(7);
      await expect(store.compose?.("a", ["part"], size, { sha256: other })).rejects.toThrow(
        DigestMismatchError,
      );
      await expect(store.compose?.("a", ["part"], size, { sha512: `${other}${other}` })).rejects.toThrow(
        DigestMismatchError,
      );
      expect(await keysOf(store, "")).toEqual(["part"]);
      expect(await store.compose?.("a", ["part"], size, { sha256: hex, sha512 })).toBe(true);
      expect(await store.compose?.("b", ["a"], size, { sha256: hex })).toBe(true);
      expect(await contents(store, "b")).toEqual(bytes);
    },
  );

  test(`${name}: joined parts are verified against the digest of the whole`, async () => {
    const { store, bytes } = await stored("parts/1", 100_000, 100_000);
    await store.receive?.("parts/2", new Blob([bytes]).stream(), 100_000);
    const parts = ["parts/1", "parts/2"];
    const hex = (value: Uint8Array) => sha256(value).slice(7);
    await expect(store.compose?.("a", parts, 200_000, { sha256: hex(bytes) })).rejects.toThrow(
      DigestMismatchError,
    );
    const twice = { sha256: hex(new Uint8Array([...bytes, ...bytes])) };
    expect(await store.compose?.("a", parts, 200_000, twice)).toBe(true);
  });

  test(`${name}: an empty body stores nothing, and a body above the limit is rejected`, async () => {
    const { store, size } = await stored("none", 0, 10);
    expect(size).toBe(0);
    await expect(stored("more", 3_000_001, 3_000_000)).rejects.toThrow(RangeError);
    expect(await keysOf(store, "")).toEqual([]);
  });
}

import { expect, test, vi } from "vitest";
import { memoryStore } from "../../src/store/memory-store.ts";
import { Recent } from "../../src/store/recent.ts";
import { isolateMemory } from "../../src/streams/memory-budget.ts";

const MEGABYTE = 1024 * 1024;
const sized = (megabytes: number) => ({ size: megabytes, memory: megabytes * MEGABYTE });

test("all kinds of objects and stores share one limit, and the oldest are forgotten", () => {
  const [store, other] = [memoryStore(), memoryStore()];
  const [contexts, layers] = [new Recent<string>(), new Recent<string>()];
  contexts.set(store, "a", "context a", sized(10));
  layers.set(other, "a", "layer a", sized(10));
  expect(contexts.get(store, "a")).toEqual({ value: "context a", size: 10 });
  expect(contexts.get(other, "a")).toBeUndefined();
  layers.set(store, "b", "layer b", sized(1));
  // The layer was not used since it was remembered.
  expect(layers.get(other, "a")).toBeUndefined();
  expect(contexts.get(store, "a")?.value).toBe("context a");
  expect(layers.get(store, "b")?.value).toBe("layer b");
});

test("a replaced object counts once", () => {
  const store = memoryStore();
  const recent = new Recent<number>();
  recent.set(store, "other", 0, sized(1));
  for (let index = 0; index < 100; index++) recent.set(store, "key", index, sized(18));
  expect(recent.get(store, "key")?.value).toBe(99);
  expect(recent.get(store, "other")?.value).toBe(0);
});

test("an object above the limit is not remembered, and displaces no other", () => {
  const store = memoryStore();
  const recent = new Recent<string>();
  recent.set(store, "small", "small", sized(20));
  recent.set(store, "large", "large", sized(21));
  expect(recent.get(store, "large")).toBeUndefined();
  expect(recent.get(store, "small")?.value).toBe("small");
});

test("objects are forgotten when work needs their memory, the oldest first", async () => {
  const store = memoryStore();
  const recent = new Recent<string>();
  for (const key of ["a", "b", "c"]) recent.set(store, key, key, sized(5));
  const { total } = isolateMemory;
  const { signal } = new AbortController();
  try {
    isolateMemory.total = 20 * MEGABYTE;
    await isolateMemory.use(10 * MEGABYTE, { signal }, async () => {
      expect(["a", "b", "c"].map((key) => recent.get(store, key)?.value)).toEqual([undefined, "b", "c"]);
      recent.set(store, "d", "d", sized(11));
      expect(recent.get(store, "d")).toBeUndefined();
    });
  } finally {
    isolateMemory.total = total;
  }
});

test("an object is forgotten after five minutes", () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  try {
    const store = memoryStore();
    const recent = new Recent<string>();
    recent.set(store, "key", "value", sized(1));
    vi.setSystemTime(Date.now() + 5 * 60_000 - 1);
    expect(recent.get(store, "key")?.value).toBe("value");
    vi.setSystemTime(Date.now() + 1);
    expect(recent.get(store, "key")).toBeUndefined();
  } finally {
    vi.useRealTimers();
  }
});

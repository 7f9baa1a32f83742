import { expect, test, vi } from "vitest";
import { memoryStore } from "../../src/store/memory-store.ts";
import { Recent } from "../../src/store/recent.ts";

const megabyte = 1024 * 1024;

test("all kinds of objects of a store share one limit, and the oldest are forgotten", () => {
  const store = memoryStore();
  const [contexts, layers] = [new Recent<string>(), new Recent<string>()];
  contexts.set(store, "a", "context a", 3 * megabyte);
  layers.set(store, "a", "layer a", 3 * megabyte);
  expect(contexts.get(store, "a")).toEqual({ value: "context a", size: 3 * megabyte });
  layers.set(store, "b", "layer b", megabyte);
  // The layer was not used since it was remembered.
  expect(layers.get(store, "a")).toBeUndefined();
  expect(contexts.get(store, "a")?.value).toBe("context a");
  expect(layers.get(store, "b")?.value).toBe("layer b");
});

test("an object that is replaced counts once", () => {
  const store = memoryStore();
  const recent = new Recent<number>();
  recent.set(store, "other", 0, megabyte);
  for (let index = 0; index < 100; index++) recent.set(store, "key", index, 5 * megabyte);
  expect(recent.get(store, "key")?.value).toBe(99);
  expect(recent.get(store, "other")?.value).toBe(0);
});

test("an object above the limit is not remembered, and displaces no other", () => {
  const store = memoryStore();
  const recent = new Recent<string>();
  recent.set(store, "small", "small", 6 * megabyte);
  recent.set(store, "large", "large", 7 * megabyte);
  expect(recent.get(store, "large")).toBeUndefined();
  expect(recent.get(store, "small")?.value).toBe("small");
});

test("an object is forgotten after five minutes", () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  try {
    const store = memoryStore();
    const recent = new Recent<string>();
    recent.set(store, "key", "value", 1);
    vi.setSystemTime(Date.now() + 5 * 60_000 - 1);
    expect(recent.get(store, "key")?.value).toBe("value");
    vi.setSystemTime(Date.now() + 1);
    expect(recent.get(store, "key")).toBeUndefined();
  } finally {
    vi.useRealTimers();
  }
});

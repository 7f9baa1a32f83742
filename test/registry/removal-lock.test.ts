import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { readEpoch, withRemovalLock } from "../../src/registry/store/removal-lock.ts";
import { memoryStore } from "../../src/store/memory-store.ts";
import type { ObjectStore } from "../../src/store/object-store.ts";
import { StoreBusyError } from "../../src/store/retry.ts";
import { Tombstones } from "../../src/store/tombstones.ts";

const MINUTE = 60_000;
let store: ObjectStore;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date", "setTimeout", "clearTimeout", "setInterval", "clearInterval"] });
  store = memoryStore();
});

afterEach(() => {
  vi.useRealTimers();
});

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Leaves a lock behind, as a process that ends does. */
async function abandonLock(): Promise<void> {
  await new Tombstones(store).claim("repos/app/", "ended", MINUTE);
  await vi.advanceTimersByTimeAsync(2 * MINUTE);
}

test("gives an abandoned lock to one of several removals that find it at the same time", async () => {
  await abandonLock();
  // Both see the abandoned lock before either of them takes it over.
  const { head } = store;
  const both = Promise.withResolvers<void>();
  let readers = 0;
  store.head = async (key) => {
    const found = await head(key);
    if (++readers === 2) both.resolve();
    if (readers <= 2) await both.promise;
    if (readers === 2) await sleep(10);
    return found;
  };
  const running = new Set<string>();
  let most = 0;
  const remove = (id: string) =>
    withRemovalLock(store, "app", async () => {
      running.add(id);
      most = Math.max(most, running.size);
      await sleep(1000);
      running.delete(id);
    });
  const removals = Promise.all([remove("a"), remove("b")]);
  await vi.advanceTimersByTimeAsync(MINUTE);
  await removals;
  expect(most).toBe(1);
  await expect(new Tombstones(store).has("repos/app/")).resolves.toBe(false);
});

test("does not take the lock from a removal that takes longer than an abandoned one is waited for", async () => {
  const order: string[] = [];
  const slow = withRemovalLock(store, "app", async () => {
    await sleep(3 * MINUTE);
    order.push("slow");
  });
  await vi.advanceTimersByTimeAsync(2.75 * MINUTE);
  const second = withRemovalLock(store, "app", async () => {
    order.push("second");
  });
  await vi.advanceTimersByTimeAsync(MINUTE);
  await Promise.all([slow, second]);
  expect(order).toEqual(["slow", "second"]);
  await expect(new Tombstones(store).has("repos/app/")).resolves.toBe(false);
});

test("a writer does not go on while a removal runs", async () => {
  const removal = withRemovalLock(store, "app", async (beginRemoval) => {
    await beginRemoval();
    await sleep(2 * MINUTE);
  });
  await vi.advanceTimersByTimeAsync(1);
  const epoch = readEpoch(store, "app").catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(2 * MINUTE);
  await expect(epoch).resolves.toBeInstanceOf(StoreBusyError);
  await removal;
  await expect(readEpoch(store, "app")).resolves.toEqual(expect.any(String));
});

test("a writer does not wait for an abandoned lock", async () => {
  await abandonLock();
  const epoch = readEpoch(store, "app");
  await vi.advanceTimersByTimeAsync(1);
  await expect(epoch).resolves.toBeUndefined();
});

test("a writer that waited for a removal does not return the epoch of the next one while that runs", async () => {
  const first = withRemovalLock(store, "app", async () => sleep(1000));
  await vi.advanceTimersByTimeAsync(1);
  // The next removal begins as soon as the writer sees that the first one has ended.
  const { head } = store;
  let isRunning = false;
  let next: Promise<void> | undefined;
  store.head = async (key) => {
    const found = await head(key);
    if (key === "condemned/repos/app/" && found === undefined && next === undefined) {
      const { promise, resolve } = Promise.withResolvers<void>();
      next = withRemovalLock(store, "app", async (beginRemoval) => {
        isRunning = true;
        await beginRemoval();
        resolve();
        await sleep(1000);
        isRunning = false;
      });
      await promise;
    }
    return found;
  };
  const before = readEpoch(store, "app").then((epoch) => ({ epoch, isRunning }));
  await vi.advanceTimersByTimeAsync(10_000);
  await Promise.all([first, next]);
  const after = await readEpoch(store, "app");
  const { epoch, isRunning: wasRunning } = await before;
  expect(wasRunning && epoch === after).toBe(false);
});

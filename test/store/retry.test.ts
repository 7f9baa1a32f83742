import { expect, test } from "vitest";
import { backoff, type Clock, refusalOf, StoreBusyError, withStoreRetries } from "../../src/store/retry.ts";

/** A clock that records pauses without waiting. */
function noted(random = 0.5): Clock & { slept: number[] } {
  const slept: number[] = [];
  return {
    slept,
    now: () => slept.reduce((sum, milliseconds) => sum + milliseconds, 0),
    sleep: async (milliseconds) => void slept.push(milliseconds),
    random: () => random,
  };
}

const busy = new Error("put: Reduce your concurrent request rate for the same object. (10058)");
const fault = new Error("get: We encountered an internal error. Please try again. (10001)");

test.each([
  ["R2's limit per key", busy, "busy"],
  ["R2's internal error", fault, "fault"],
  ["an error of R2 without a number", new Error("get: Unspecified error (0)"), "fault"],
  ["KV's limit per key", new Error("KV PUT failed: 429 Too Many Requests"), "busy"],
  ["a fault of KV", new Error("KV GET failed: 503 Service Unavailable"), "fault"],
  ["a lost connection", new Error("Network connection lost."), "fault"],
  ["a time-out", new Error("get: the operation timed out"), "fault"],
  ["another digest", new Error("put: The SHA-256 checksum you specified did not match. (10037)"), undefined],
  ["a key that is too long", new Error("KV PUT failed: 414 UTF-8 encoded length of 513"), undefined],
  ["a number that only looks like a status", new Error("Cannot read 42950 bytes"), undefined],
  ["an error with a name of its own", new TypeError("429"), undefined],
  ["no error", "429", undefined],
] as const)("%s is retried or not", (_, error, refusal) => {
  expect(refusalOf(error)).toBe(refusal);
});

test("an operation is repeated until it succeeds, and receives the number of attempts", async () => {
  const clock = noted();
  const attempts: number[] = [];
  const value = await withStoreRetries(
    `read "a"`,
    async (before) => {
      attempts.push(before);
      if (before < 2) throw fault;
      return "value";
    },
    clock,
  );
  expect(value).toBe("value");
  expect(attempts).toEqual([0, 1, 2]);
  expect(clock.slept).toEqual([75, 150]);
});

test("a key that was written within the second is free before the second attempt ends waiting", async () => {
  expect([0, 1, 2, 3, 4].map((before) => backoff("busy", before, 0))).toEqual([500, 1000, 2000, 2500, 2500]);
  expect([0, 1, 2, 3, 4].map((before) => backoff("busy", before, 1))).toEqual([1000, 2000, 4000, 5000, 5000]);
});

test("an operation that never succeeds ends within a minute, with the reason", async () => {
  const clock = noted(1);
  const failing = withStoreRetries(`write "blobs/a"`, () => Promise.reject(busy), clock);
  await expect(failing).rejects.toThrow(
    new StoreBusyError(`Cannot write "blobs/a" after 10 attempts: ${busy.message}`),
  );
  expect(clock.now()).toBeLessThan(60_000);
});

test("other errors are thrown at once", async () => {
  const clock = noted();
  const error = new RangeError("no");
  await expect(withStoreRetries("read", () => Promise.reject(error), clock)).rejects.toBe(error);
  expect(clock.slept).toEqual([]);
});

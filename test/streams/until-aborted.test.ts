import { expect, test } from "vitest";
import { untilAborted } from "../../src/streams/until-aborted.ts";

test("returns the result of the work, and throws its error", async () => {
  const { signal } = new AbortController();
  expect(await untilAborted(Promise.resolve(1), signal)).toBe(1);
  await expect(untilAborted(Promise.reject(new Error("work")), signal)).rejects.toThrow("work");
});

test("throws the reason of a signal, before or while it waits, also when the work fails later", async () => {
  const controller = new AbortController();
  const work = Promise.withResolvers<void>();
  const waiting = untilAborted(work.promise, controller.signal);
  controller.abort(new Error("cancelled"));
  await expect(waiting).rejects.toThrow("cancelled");
  await expect(untilAborted(work.promise, controller.signal)).rejects.toThrow("cancelled");
  work.reject(new Error("late"));
});

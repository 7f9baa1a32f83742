import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MemoryBudget } from "../../../src/engine/solve/memory-budget.ts";

const { signal } = new AbortController();

describe("a memory budget", () => {
  test("law: never gives more than it has, and runs all work in order", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 100 }),
        fc.array(fc.record({ bytes: fc.nat(150), turns: fc.nat(5), fails: fc.boolean() }), { maxLength: 30 }),
        async (total, pieces) => {
          const budget = new MemoryBudget(total);
          const started: number[] = [];
          const results = await Promise.allSettled(
            pieces.map(({ bytes, turns, fails }, number) =>
              budget.use(bytes, signal, async () => {
                started.push(number);
                expect(budget.used).toBeLessThanOrEqual(total);
                for (let turn = 0; turn < turns; turn++) await Promise.resolve();
                if (fails) throw new Error("failed");
                return number;
              }),
            ),
          );
          expect(started).toEqual(pieces.map((_, number) => number));
          expect(results.map(({ status }) => status === "rejected")).toEqual(
            pieces.map(({ fails }) => fails),
          );
          expect(budget.used).toBe(0);
        },
      ),
    );
  });

  test("starts other work when the first in the queue is aborted", async () => {
    const budget = new MemoryBudget(10);
    const first = Promise.withResolvers<void>();
    const running = budget.use(6, signal, () => first.promise);
    const cancel = new AbortController();
    const large = budget.use(8, cancel.signal, async () => "large");
    const small = budget.use(4, signal, async () => "small");
    cancel.abort(new Error("cancelled"));
    await expect(large).rejects.toThrow("cancelled");
    await expect(small).resolves.toBe("small");
    first.resolve();
    await running;
    expect(budget.used).toBe(0);
  });

  test("starts nothing for a signal that has aborted", async () => {
    const budget = new MemoryBudget(10);
    const reason = new Error("cancelled");
    await expect(budget.use(1, AbortSignal.abort(reason), async () => 1)).rejects.toBe(reason);
    expect(budget.used).toBe(0);
  });
});

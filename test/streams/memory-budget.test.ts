import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { MemoryBudget, type Reservation } from "../../src/streams/memory-budget.ts";

const { signal } = new AbortController();
const options = { signal };

describe("a memory budget", () => {
  test("law: exceeds its size only for a single piece of work, and runs all work in order", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 100 }),
        fc.array(fc.record({ bytes: fc.nat(150), turns: fc.nat(5), fails: fc.boolean() }), { maxLength: 30 }),
        async (total, pieces) => {
          const budget = new MemoryBudget(total);
          const started: number[] = [];
          let running = 0;
          const results = await Promise.allSettled(
            pieces.map(({ bytes, turns, fails }, number) =>
              budget.use(bytes, options, async () => {
                started.push(number);
                running++;
                if (budget.used > total) expect(running).toBe(1);
                for (let turn = 0; turn < turns; turn++) await Promise.resolve();
                running--;
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
    const budget = new MemoryBudget(16);
    const first = Promise.withResolvers<void>();
    const running = [6, 4].map((bytes) => budget.use(bytes, options, () => first.promise));
    const cancel = new AbortController();
    const large = budget.use(8, { signal: cancel.signal }, async () => "large");
    const small = budget.use(4, options, async () => "small");
    cancel.abort(new Error("cancelled"));
    await expect(large).rejects.toThrow("cancelled");
    await expect(small).resolves.toBe("small");
    first.resolve();
    await Promise.all(running);
    expect(budget.used).toBe(0);
  });

  test("starts no work whose signal has aborted", async () => {
    const budget = new MemoryBudget(10);
    const reason = new Error("cancelled");
    await expect(budget.use(1, { signal: AbortSignal.abort(reason) }, async () => 1)).rejects.toBe(reason);
    expect(budget.used).toBe(0);
  });
});

describe("loans and growth", () => {
  test("law: work that waits always starts, and nothing stays reserved", async () => {
    const action = fc.record({
      kind: fc.constantFrom("use", "lend", "hold"),
      bytes: fc.nat(150),
      growth: fc.array(fc.nat(40), { maxLength: 4 }),
      turns: fc.nat(6),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2, max: 100 }),
        fc.array(action, { maxLength: 30 }),
        async (total, actions) => {
          const budget = new MemoryBudget(total);
          const wait = async (turns: number) => {
            for (let turn = 0; turn < turns; turn++) await Promise.resolve();
          };
          const grow = async (part: Reservation, growth: number[], turns: number) => {
            for (const more of growth) {
              if (part.grow(more)) expect(budget.used).toBeLessThanOrEqual(total);
              await wait(turns);
            }
          };
          // A loan that never ends, as with a client that sends nothing.
          budget.lend().grow(total);
          budget.lend().grow(total / 2);
          const idle = budget.used;
          await Promise.all(
            actions.map(async ({ kind, bytes, growth, turns }) => {
              if (kind === "use") return budget.use(bytes, options, (part) => grow(part, growth, turns));
              if (kind === "hold") {
                using _held = budget.hold(bytes);
                await wait(turns);
                return;
              }
              using loan = budget.lend();
              await grow(loan, [bytes, ...growth], turns);
            }),
          );
          expect(budget.used).toBe(idle);
        },
      ),
    );
  });

  test("no loan grows while work waits", async () => {
    const budget = new MemoryBudget(10);
    using loan = budget.lend();
    await budget
      .use(5, options, async (first) => {
        expect(first.grow(3)).toBe(true);
        const next = budget.use(5, options, async (second) => second.grow(5));
        expect(first.grow(1)).toBe(false);
        expect(loan.grow(1)).toBe(false);
        return { next };
      })
      .then(async ({ next }) => expect(await next).toBe(true));
  });

  test("half of the budget is never lent", async () => {
    const budget = new MemoryBudget(10);
    using loan = budget.lend();
    expect(loan.grow(6)).toBe(false);
    expect(loan.grow(5)).toBe(true);
    using other = budget.lend();
    expect(other.grow(1)).toBe(false);
    loan[Symbol.dispose]();
    loan[Symbol.dispose]();
    expect(other.grow(5)).toBe(true);
    expect(budget.used).toBe(5);
  });

  test("a cache is evicted for other work", async () => {
    const budget = new MemoryBudget(10);
    const cache = {
      bytes: 8,
      shrink(bytes: number) {
        cache.bytes -= bytes;
      },
    };
    budget.attach(cache);
    await budget.use(5, options, async (part) => {
      expect(cache.bytes).toBe(5);
      part.grow(2);
      expect(cache.bytes).toBe(3);
    });
    expect(cache.bytes).toBe(3);
  });

  test("work that waits for a while reports it once", async () => {
    vi.useFakeTimers();
    try {
      const budget = new MemoryBudget(10);
      const first = Promise.withResolvers<void>();
      const reports: string[] = [];
      const use = (name: string, work: () => Promise<void>) =>
        budget.use(5, { signal, onWait: () => reports.push(name) }, work);
      const all = ["a", "b", "c"].map((name) => use(name, () => first.promise));
      await vi.advanceTimersByTimeAsync(1_900);
      expect(reports).toEqual([]);
      await vi.advanceTimersByTimeAsync(10_000);
      expect(reports).toEqual(["c"]);
      first.resolve();
      await Promise.all(all);
    } finally {
      vi.useRealTimers();
    }
  });
});

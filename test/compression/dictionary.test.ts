import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Dictionary } from "../../src/compression/dictionary.ts";
import { noise } from "../streams/source.ts";

describe("Dictionary", () => {
  it("returns the added bytes and any earlier ones within its size, after growing and wrapping", () => {
    const step = fc.record({
      count: fc.integer({ min: 1, max: 16 }),
      distance: fc.nat(40),
      kind: fc.constantFrom("put", "append", "copy" as const),
    });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.array(step, { maxLength: 60 }), (size, steps) => {
        const dictionary = new Dictionary(size, 16);
        const model: number[] = [];
        for (const [i, { count, distance, kind }] of steps.entries()) {
          dictionary.reserve(count);
          const bytes = noise(count, i);
          if (kind === "copy") {
            if (distance >= Math.min(model.length, size)) {
              expect(() => dictionary.copy(distance, count)).toThrow("match before the beginning");
              continue;
            }
            dictionary.copy(distance, count);
            for (let n = 0; n < count; n++) model.push(model[model.length - 1 - distance] as number);
          } else {
            if (kind === "append") dictionary.append(bytes);
            else for (const byte of bytes) dictionary.put(byte);
            model.push(...bytes);
          }
          expect(Array.from(dictionary.take(count))).toEqual(model.slice(-count));
          const back = Math.min(size, model.length) - 1;
          expect(dictionary.back(back)).toBe(model[model.length - 1 - back]);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("forgets everything at a reset", () => {
    const dictionary = new Dictionary(16, 16);
    dictionary.reserve(4);
    dictionary.append(noise(4));
    dictionary.reset();
    expect(dictionary.back(0)).toBe(0);
    expect(() => dictionary.copy(0, 1)).toThrow("match before the beginning");
  });
});

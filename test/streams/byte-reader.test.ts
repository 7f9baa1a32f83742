import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ByteReader } from "../../src/streams/byte-reader.ts";
import { collect } from "../../src/streams/collect.ts";
import { cutBy, noise, Source, source } from "./source.ts";

describe("ByteReader", () => {
  it("returns bytes of the current chunk immediately, without a copy", async () => {
    const bytes = noise(100);
    const reader = new ByteReader(source(bytes, 50));
    expect(reader.take(10)).toBeUndefined();
    expect(await reader.read(10)).toEqual(bytes.subarray(0, 10));
    const taken = reader.take(40);
    expect(taken).toEqual(bytes.subarray(10, 50));
    expect(taken?.buffer).toBe(bytes.buffer);
    expect(reader.take(1)).toBeUndefined();
    expect(reader.take(0)).toHaveLength(0);
    expect(reader.offset).toBe(50);
  });

  it("returns fewer bytes only at the end", async () => {
    const reader = new ByteReader(source(noise(10), 3));
    expect(await reader.read(100)).toEqual(noise(10));
    expect(await reader.read(1)).toHaveLength(0);
    expect(await reader.skip(5)).toBe(0);
    expect(await reader.some(1)).toBeUndefined();
    expect(await reader.atEnd()).toBe(true);
  });

  it("streams a part and continues after it", async () => {
    const bytes = noise(100);
    const reader = new ByteReader(source(bytes, 7));
    expect(await collect(reader.stream(33), 33)).toEqual(bytes.subarray(0, 33));
    expect(await reader.read(67)).toEqual(bytes.subarray(33));
  });

  it("ends its source when it is closed", async () => {
    const given = source(noise(100), 10);
    const reader = new ByteReader(given);
    await reader.read(5);
    await reader.close();
    await reader.close();
    expect(given.isEnded).toBe(true);
    expect(await reader.read(5)).toHaveLength(0);
    expect(reader.offset).toBe(5);
  });

  it("fails with the error of its source", async () => {
    async function* failing() {
      yield noise(5);
      throw new Error("connection lost");
    }
    const reader = new ByteReader(failing());
    await expect(reader.read(6)).rejects.toThrow("connection lost");
    await reader.close();
  });

  it("reads the same bytes for any chunks and any order of calls", async () => {
    const call = fc.record({
      kind: fc.constantFrom("read", "take", "skip", "peek", "some" as const),
      n: fc.integer({ min: 0, max: 30 }),
    });
    const sizes = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(sizes, fc.array(call, { maxLength: 40 }), async (sizes, calls) => {
        const bytes = noise(200);
        const reader = new ByteReader(new Source(cutBy(bytes, sizes)));
        let at = 0;
        for (const { kind, n } of calls) {
          const expected = bytes.subarray(at, at + n);
          if (kind === "read") expect(await reader.read(n)).toEqual(expected);
          else if (kind === "peek") expect(await reader.peek(n)).toEqual(expected);
          else if (kind === "skip") expect(await reader.skip(n)).toBe(expected.length);
          else if (kind === "take") {
            const taken = reader.take(n);
            if (taken === undefined) continue;
            expect(taken).toEqual(expected);
          } else if (n > 0) {
            const some = await reader.some(n);
            expect(some ?? new Uint8Array(0)).toEqual(bytes.subarray(at, at + (some?.length ?? 0)));
            at += some?.length ?? 0;
          }
          if (kind === "read" || kind === "skip" || kind === "take") at += expected.length;
          expect(reader.offset).toBe(at);
        }
      }),
    );
  });
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { formatReceived, parseChunkRange } from "../../src/registry/server/chunk-range.ts";

test.each<[string, ReturnType<typeof parseChunkRange>]>([
  ["0-0", { first: 0, last: 0 }],
  ["0-99", { first: 0, last: 99 }],
  ["100-199", { first: 100, last: 199 }],
  ["007-8", { first: 7, last: 8 }],
  ["", undefined],
  ["5-4", undefined],
  ["-4", undefined],
  ["4-", undefined],
  ["0-9/10", undefined],
  ["bytes 0-9/10", undefined],
  ["bytes=0-9", undefined],
  ["0-9 ", undefined],
  ["0x1-0x2", undefined],
  [`0-${"9".repeat(16)}`, undefined],
])("parseChunkRange() of %o", (header, range) => {
  expect(parseChunkRange(header)).toEqual(range);
});

test("parseChunkRange() reads the output of formatReceived(), and rejects other texts", () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (size) => {
      const range = parseChunkRange(formatReceived(size));
      if (size < 1e15) expect(range).toEqual({ first: 0, last: Math.max(size - 1, 0) });
    }),
  );
  fc.assert(
    fc.property(fc.string(), (text) => {
      const range = parseChunkRange(text);
      if (range !== undefined) expect(Number.isSafeInteger(range.first + range.last)).toBe(true);
    }),
  );
});

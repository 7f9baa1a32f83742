import fc from "fast-check";
import { expect, test } from "vitest";
import { parseRange } from "../../src/registry/server/range.ts";

test.each<[header: string | null, size: number, answer: ReturnType<typeof parseRange>]>([
  [null, 10, { kind: "whole" }],
  ["bytes=0-0", 10, { kind: "part", offset: 0, length: 1 }],
  ["bytes=2-5", 10, { kind: "part", offset: 2, length: 4 }],
  ["bytes=2-", 10, { kind: "part", offset: 2, length: 8 }],
  ["bytes=2-99", 10, { kind: "part", offset: 2, length: 8 }],
  ["bytes=-3", 10, { kind: "part", offset: 7, length: 3 }],
  ["bytes=-99", 10, { kind: "part", offset: 0, length: 10 }],
  ["Bytes = 1 - 2 ", 10, { kind: "part", offset: 1, length: 2 }],
  ["bytes=10-", 10, { kind: "unsatisfiable" }],
  ["bytes=5-0", 10, { kind: "unsatisfiable" }],
  ["bytes=-0", 10, { kind: "unsatisfiable" }],
  ["bytes=0-", 0, { kind: "unsatisfiable" }],
  ["bytes=-1", 0, { kind: "unsatisfiable" }],
  ["bytes=0-1,3-4", 10, { kind: "whole" }],
  ["bytes=-", 10, { kind: "whole" }],
  ["items=0-1", 10, { kind: "whole" }],
  ["bytes=a-b", 10, { kind: "whole" }],
  ["bytes=1-9999999999999999999999", 10, { kind: "whole" }],
])("%s of %i bytes", (header, size, answer) => {
  expect(parseRange(header, size)).toEqual(answer);
});

test("a part is within the whole", () => {
  const number = fc.oneof(fc.constant(""), fc.nat(20).map(String));
  fc.assert(
    fc.property(number, number, fc.nat(20), (first, last, size) => {
      const answer = parseRange(`bytes=${first}-${last}`, size);
      if (answer.kind !== "part") return;
      expect(answer.length).toBeGreaterThan(0);
      expect(answer.offset).toBeGreaterThanOrEqual(0);
      expect(answer.offset + answer.length).toBeLessThanOrEqual(size);
    }),
  );
});

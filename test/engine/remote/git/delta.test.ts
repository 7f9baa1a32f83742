import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { applyDelta, readDeltaHeader } from "../../../../src/engine/remote/git/delta.ts";
import { GitError } from "../../../../src/engine/remote/git/git-error.ts";
import { concat } from "../../../../src/streams/concat.ts";
import { bytesOf, deltaOf, type Instruction } from "../../../helpers/git-pack.ts";

const apply = (base: Uint8Array, delta: Uint8Array) =>
  concat([...applyDelta(base, delta, readDeltaHeader(delta))]);

describe("applyDelta()", () => {
  test("applies any list of instructions", () => {
    const steps = fc.array(
      fc.oneof(
        fc.record({ insert: fc.uint8Array({ minLength: 1, maxLength: 127 }) }),
        fc.record({ copy: fc.tuple(fc.nat(99_999), fc.integer({ min: 1, max: 70_000 })) }),
      ),
    );
    const base = Uint8Array.from({ length: 200_000 }, (_, i) => i * 7 + (i >> 8));
    fc.assert(
      fc.property(steps, (instructions) => {
        const expected = concat(
          instructions.map((step) =>
            "insert" in step ? step.insert : base.subarray(step.copy[0], step.copy[0] + step.copy[1]),
          ),
        );
        const delta = deltaOf(base.length, expected.length, instructions as Instruction[]);
        expect(apply(base, delta)).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });

  test("copies 65536 bytes when no size is given", () => {
    const base = new Uint8Array(70_000).fill(3);
    expect(apply(base, deltaOf(70_000, 0x10000, [{ copy: [1, 0x10000] }]))).toHaveLength(0x10000);
  });

  const base = bytesOf("0123456789");
  test.each([
    ["for another base", deltaOf(9, 1, [{ copy: [0, 1] }]), "its base must have 9 bytes"],
    ["beyond the base", deltaOf(10, 8, [{ copy: [5, 8] }]), "beyond the end of its base"],
    ["far beyond the base", deltaOf(10, 8, [{ copy: [0xffffffff, 8] }]), "beyond the end of its base"],
    ["longer than stated", deltaOf(10, 4, [{ copy: [0, 5] }]), "more than 4 bytes"],
    ["shorter than stated", deltaOf(10, 6, [{ copy: [0, 5] }]), "5 bytes instead of 6"],
    ["with instruction 0", concat([deltaOf(10, 0, []), Uint8Array.of(0)]), "reserved instruction"],
    ["cut in an insert", deltaOf(10, 3, [{ insert: bytesOf("abc") }]).subarray(0, -1), "ends inside"],
    ["cut in a copy", deltaOf(10, 3, [{ copy: [1, 3] }]).subarray(0, -1), "ends inside"],
    ["empty", new Uint8Array(0), "ends inside"],
    ["with an endless size", new Uint8Array(20).fill(0xff), "size is too large"],
  ])("rejects a delta %s", (_, delta, message) => {
    expect(() => apply(base, delta)).toThrow(message);
  });

  test("gives bytes or GitError for any delta", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          apply(base, bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(GitError);
        }
      }),
      { numRuns: 500 },
    );
  });
});

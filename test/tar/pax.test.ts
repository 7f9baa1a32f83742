import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decimalTime, readPax, writePax } from "../../src/tar/pax.ts";
import { utf8 } from "../streams/source.ts";
import { text } from "./archive.ts";

describe("writePax", () => {
  it("counts the digits of the length", () => {
    for (const size of [1, 88, 89, 90, 91, 92, 93, 988, 989, 990, 991, 992]) {
      const record = writePax([["k", "v".repeat(size)]]);
      expect(text(record)).toBe(`${record.length} k=${"v".repeat(size)}\n`);
    }
  });

  it("is read back by readPax", () => {
    const keyword = fc.stringMatching(/^[A-Za-z.]{1,10}$/);
    const records = fc.uniqueArray(fc.tuple(keyword, fc.uint8Array({ maxLength: 200 })), {
      selector: ([k]) => k,
    });
    fc.assert(
      fc.property(records, (records) => {
        expect([...readPax(writePax(records))]).toEqual(records);
      }),
    );
  });
});

describe("readPax", () => {
  it("keeps the last of equal keywords, equals signs and newlines in values", () => {
    expect(text(readPax(utf8("6 k=v\n13 k=a=b\nc=d\n")).get("k"))).toBe("a=b\nc=d");
  });

  it("collects the map of a sparse file of format 0.0", () => {
    const records = writePax([
      ["GNU.sparse.offset", "0"],
      ["GNU.sparse.numbytes", "10"],
      ["GNU.sparse.offset", "20"],
      ["GNU.sparse.numbytes", "5"],
    ]);
    expect(text(readPax(records).get("GNU.sparse.map"))).toBe("0,10,20,5");
  });

  it.each([
    "6 k=v",
    "7 k=v\n",
    "5 k=v\n",
    "x k=v\n",
    " k=v\n",
    "6 kvv\n",
    "5 =v\n",
    "99999999999 k=v\n",
    "0 k=v\n",
    "6",
  ])("rejects %j", (records) => {
    expect(() => readPax(utf8(records))).toThrow("record");
  });
});

describe("formatTime", () => {
  it.each([
    [0, "0"],
    [-1, "-1"],
    [1.5, "1.5"],
    [-0.25, "-0.25"],
    [1700000000.1234567, "1700000000.1234567"],
    [1e-9, "0.000000001"],
    [1e-12, "0"],
    [0.1 + 0.2, "0.3"],
    [2 ** 40, "1099511627776"],
  ])("writes %d", (seconds, expected) => {
    expect(decimalTime(seconds)).toBe(expected);
  });
});

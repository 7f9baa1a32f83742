import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { comparePaths, decodeName, encodeName } from "../../src/tar/text.ts";
import { utf8 } from "../streams/source.ts";

describe("decodeName", () => {
  it("reads UTF-8", () => {
    expect(decodeName(utf8("Grüße/文件/🎉"))).toBe("Grüße/文件/🎉");
    expect(decodeName(utf8("\ufeffmark"))).toBe("\ufeffmark");
  });

  it.each([
    ["latin-1", [0x67, 0x72, 0xfc, 0xdf], "gr\udcfc\udcdf"],
    ["a sequence that breaks off", [0x61, 0xe6, 0x96], "a\udce6\udc96"],
    ["an overlong slash", [0xc0, 0xaf], "\udcc0\udcaf"],
    ["an encoded surrogate", [0xed, 0xb2, 0x80], "\udced\udcb2\udc80"],
    ["more than U+10FFFF", [0xf4, 0x90, 0x80, 0x80], "\udcf4\udc90\udc80\udc80"],
    ["valid text around", [0xc3, 0xa9, 0xff, 0xc3, 0xa9], "é\udcffé"],
  ])("keeps bytes that are not UTF-8: %s", (_, bytes, name) => {
    expect(decodeName(Uint8Array.from(bytes))).toBe(name);
  });

  it("is the inverse of encodeName for any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        expect(encodeName(decodeName(bytes))).toEqual(bytes);
      }),
    );
  });

  it("survives JSON", () => {
    const name = decodeName(Uint8Array.of(0xff, 0x2f, 0x80));
    expect(JSON.parse(JSON.stringify(name))).toBe(name);
  });
});

describe("encodeName", () => {
  it.each(["\ud800", "\udc00", "a\udc7fb"])("rejects a lone surrogate that stands for no byte", (name) => {
    expect(() => encodeName(name)).toThrow(TypeError);
  });
});

describe("comparePaths", () => {
  it("sorts the entries of a directory directly after it", () => {
    const paths = ["a-b", "a/z", "a", "a/b/c", "a/b", "a b", "a.txt", ""];
    expect(paths.toSorted(comparePaths)).toEqual(["", "a", "a/b", "a/b/c", "a/z", "a b", "a-b", "a.txt"]);
  });

  it("is the order of the bytes, with the slash before all others", () => {
    const unit = fc.oneof(
      fc.constantFrom("/", "a", "b", "-", "é", "文", "\uffff", "🎉", "🎊", "\udc80", "\udcff", "\udcc3"),
      fc.string({ unit: "binary", maxLength: 1 }),
    );
    const path = fc
      .array(unit, { maxLength: 6 })
      .map((units) => units.join(""))
      .filter(isName);
    fc.assert(
      fc.property(path, path, (a, b) => {
        expect(Math.sign(comparePaths(a, b))).toBe(Math.sign(compareByBytes(a, b)));
      }),
      { numRuns: 500 },
    );
  });
});

function isName(path: string): boolean {
  try {
    return decodeName(encodeName(path)) === path;
  } catch {
    return false;
  }
}

function compareByBytes(a: string, b: string): number {
  const weigh = (path: string) => Array.from(encodeName(path), (byte) => (byte === 0x2f ? -1 : byte));
  const left = weigh(a);
  const right = weigh(b);
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const difference = (left[i] as number) - (right[i] as number);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

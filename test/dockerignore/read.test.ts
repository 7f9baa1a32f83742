import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cleanPath } from "../../src/dockerignore/clean-path.ts";
import { readIgnoreFile } from "../../src/dockerignore/read.ts";

describe("readIgnoreFile()", () => {
  test("drops comments, empty lines and the byte order mark, and cleans paths", () => {
    const file = "\uFEFF# comment\n\n  #kept \n/a/./b/\r\n! /x/../y\n!\n../up\n";
    const patterns = ["#kept", "a/b", "!y", "!", "../up"];
    expect(readIgnoreFile(file)).toEqual(patterns);
    expect(readIgnoreFile(new TextEncoder().encode(file))).toEqual(patterns);
  });

  test("trims the white space of Go, not that of JavaScript", () => {
    expect(readIgnoreFile("\u0085a\u00a0\n\u3000b\n \uFEFFc")).toEqual(["a", "b", "\uFEFFc"]);
  });

  test("keeps bytes that are not UTF-8 as the names of entries do", () => {
    expect(readIgnoreFile(Uint8Array.of(0x61, 0xff))).toEqual(["a\udcff"]);
  });

  test("bounds lines and patterns", () => {
    const tooLarge = expect.objectContaining({ code: "IGNORE_FILE_TOO_LARGE" });
    expect(() => readIgnoreFile("a".repeat(65_536))).toThrow(tooLarge);
    expect(() => readIgnoreFile("a\n".repeat(10_001))).toThrow(tooLarge);
    expect(readIgnoreFile("a\n".repeat(10_000))).toHaveLength(10_000);
  });

  test("reads any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        for (const pattern of readIgnoreFile(bytes)) expect(pattern).not.toBe("");
      }),
    );
  });
});

describe("cleanPath()", () => {
  test.each([
    ["", "."],
    [".", "."],
    ["/", "/"],
    ["//a//b/", "/a/b"],
    ["a/./b/../c", "a/c"],
    ["../../a", "../../a"],
    ["/../a", "/a"],
    ["a/..", "."],
    ["a/../..", ".."],
  ])("%j is %j", (path, clean) => {
    expect(cleanPath(path)).toBe(clean);
  });

  test("cleaning twice changes nothing", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("a", ".", "/") }), (path) => {
        expect(cleanPath(cleanPath(path))).toBe(cleanPath(path));
      }),
    );
  });
});

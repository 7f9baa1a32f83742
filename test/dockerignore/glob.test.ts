import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileGlob, hasWildcard } from "../../src/dockerignore/glob.ts";
import { PatternError } from "../../src/dockerignore/pattern-error.ts";

// With lone surrogates, as in names that are not UTF-8.
const anyText = fc.string({ unit: fc.nat(0xffff).map((code) => String.fromCharCode(code)) });

describe("compileGlob()", () => {
  test.each<[pattern: string, name: string, matches: boolean]>([
    ["", "", true],
    ["abc", "abc", true],
    ["*", "abc", true],
    ["*", "", true],
    ["*", "a/b", false],
    ["*c", "abc", true],
    ["a*/b", "abc/b", true],
    ["a*/b", "a/c/b", false],
    ["a*b*c*d*e*/f", "axbxcxdxexxx/f", true],
    ["a*b*c*d*e*/f", "axbxcxdxexxx/fff", false],
    ["a*b?c*x", "abxbbxdbxebxczzx", true],
    ["a*b?c*x", "abxbbxdbxebxczzy", false],
    ["**/b", "a/b", true],
    ["**/b", "b", false],
    ["ab[c]", "abc", true],
    ["ab[b-d]", "abc", true],
    ["ab[^b-d]", "abc", false],
    ["a\\*b", "a*b", true],
    ["a\\*b", "axb", false],
    ["a?b", "a☺b", true],
    ["a???b", "a☺b", false],
    ["a[^a]b", "a/b", true],
    ["a?b", "a/b", false],
    ["[\\]a]", "]", true],
    ["[x\\-]", "-", true],
    ["[z-a]", "m", false],
    ["*x", "xxx", true],
    ["*😀", "a😀", true],
    ["[😀-😂]", "😁", true],
  ])("%j on %j: %s", (pattern, name, matches) => {
    expect(compileGlob(pattern).matches(name)).toBe(matches);
  });

  test.each([["["], ["[]a]"], ["[-]"], ["[x-]"], ["[-x]"], ["\\"], ["[a-b-c]"], ["[^"], ["a["], ["*["]])(
    "refuses %j",
    (pattern) => {
      expect(() => compileGlob(pattern).matches("")).toThrow(
        expect.objectContaining({ code: "BAD_PATTERN" }),
      );
    },
  );

  test("patterns match like a hand-made regular expression", () => {
    const parts = fc.array(fc.constantFrom("a", "b", "*", "?", "/", "[ab]", "[^b/]"), { maxLength: 6 });
    const names = fc.string({ unit: fc.constantFrom("a", "b", "/"), maxLength: 8 });
    fc.assert(
      fc.property(parts, names, (pieces, name) => {
        const pattern = pieces.join("");
        const source = pattern.replaceAll(/\*+/g, "[^/]*").replaceAll("?", "[^/]");
        expect(compileGlob(pattern).matches(name)).toBe(new RegExp(`^${source}$`).test(name));
      }),
      { numRuns: 2000 },
    );
  });

  test("an escaped text matches itself alone", () => {
    fc.assert(
      fc.property(anyText, anyText, (text, other) => {
        const pattern = text.replaceAll(/./gsu, "\\$&");
        expect(compileGlob(pattern).matches(text)).toBe(true);
        expect(compileGlob(pattern).matches(other)).toBe(other === text);
      }),
    );
  });

  test("any text is accepted, or rejected with a code", () => {
    fc.assert(
      fc.property(anyText, (pattern) => {
        try {
          compileGlob(pattern).matches("name");
        } catch (error) {
          expect(error).toBeInstanceOf(PatternError);
        }
      }),
    );
  });
});

test.each([
  ["a", false],
  ["a*", true],
  ["a?", true],
  ["[a", true],
  ["\\*", false],
  ["\\\\*", true],
  ["a]", false],
])("hasWildcard(%j) is %s", (path, wild) => {
  expect(hasWildcard(path)).toBe(wild);
});

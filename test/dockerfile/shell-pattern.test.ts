import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { removePrefix, removeSuffix, replaceMatches } from "../../src/dockerfile/shell-pattern.ts";

describe("patterns", () => {
  test("do not match across line feeds", () => {
    expect(removePrefix("a\nb", "*b", true)).toBe("a\nb");
    expect(removePrefix("a\nb", "*\n*", true)).toBe("");
    expect(removeSuffix("a\nb", "?b", false)).toBe("a\nb");
  });

  test("count a character outside the basic plane as one", () => {
    expect(removePrefix("\u{1f600}x", "?", false)).toBe("x");
    expect(removeSuffix("x\u{1f600}", "?", false)).toBe("x");
  });

  test("that match the empty text are replaced between all characters", () => {
    expect(replaceMatches("ab", "", "-", true)).toBe("-a-b-");
    expect(replaceMatches("ab", "*", "-", true)).toBe("-");
    expect(replaceMatches("", "*", "-", true)).toBe("-");
  });

  test("replace every match with a template and a single one with a text", () => {
    expect(replaceMatches("ab", "a", "<$0$$$x>", false)).toBe("<$0$$$x>b");
    expect(replaceMatches("ab", "a", "<$0$$$x>", true)).toBe("<a$>b");
  });

  test("match like an equivalent regular expression", () => {
    const element = fc.constantFrom("a", "b", "*", "?", "\n");
    fc.assert(
      fc.property(
        fc.string({ unit: element, maxLength: 6 }),
        fc.string({ unit: fc.constantFrom("a", "b", "\n"), maxLength: 8 }),
        (pattern, value) => {
          const expression = (star: string) =>
            pattern.replace(/[*?]/g, (mark) => (mark === "*" ? star : "[^\n]"));
          const longest = expression("[^\n]*");
          const shortest = expression("[^\n]*?");
          expect(removePrefix(value, pattern, true)).toBe(value.replace(new RegExp(`^${longest}`), ""));
          expect(removePrefix(value, pattern, false)).toBe(value.replace(new RegExp(`^${shortest}`), ""));
          expect(replaceMatches(value, pattern, "x", false)).toBe(value.replace(new RegExp(longest), "x"));
        },
      ),
      { numRuns: 2000 },
    );
  });
});

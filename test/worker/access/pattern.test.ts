import fc from "fast-check";
import { expect, test } from "vitest";
import { matchesPattern } from "../../../src/worker/access/pattern.ts";

test.each([
  ["team/app", "team/app", true],
  ["team/app", "team/app2", false],
  ["team/app", "team", false],
  ["team/*", "team/app", true],
  ["team/*", "team/", true],
  ["team/*", "team", false],
  ["team/*", "team/app/sub", false],
  ["team/*", "teams/app", false],
  ["team/**", "team/app/sub", true],
  ["team/**", "team/app", true],
  ["team**", "teams/app", true],
  ["*", "app", true],
  ["*", "team/app", false],
  ["**", "team/app", true],
  ["**", "", true],
  ["***", "a/b", true],
  ["*/app", "team/app", true],
  ["**/app", "a/b/app", true],
  ["**/app", "app", false],
  ["a*b*c", "a-b-b-c", true],
  ["a*b**c", "ab/c", true],
  ["a**b*c", "a/b/c", false],
  ["refs/heads/*", "refs/heads/main", true],
  ["refs/heads/*", "refs/heads/feature/x", false],
  // Every other character stands for itself.
  ["t.am/app", "team/app", false],
  ["team/[a]pp", "team/app", false],
  ["team/a?p", "team/app", false],
  ["repo:org/app:*", "repo:org/app:environment", true],
  ["", "", true],
  ["", "a", false],
])("the pattern %j matches %j: %s", (pattern, text, matches) => {
  expect(matchesPattern(pattern, text)).toBe(matches);
});

test("matches like an equivalent regular expression", () => {
  const piece = fc.constantFrom("a", "b", "/", "*", "**");
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 8 }),
      fc.array(fc.constantFrom("a", "b", "/"), { maxLength: 10 }),
      (p, t) => {
        const [pattern, text] = [p.join(""), t.join("")];
        const source = pattern.replace(/\*+/g, (stars) => (stars.length === 1 ? "[^/]*" : ".*"));
        expect(matchesPattern(pattern, text)).toBe(new RegExp(`^${source}$`, "s").test(text));
      },
    ),
  );
});

test("is fast for hostile patterns", () => {
  const began = Date.now();
  expect(matchesPattern(`${"*a".repeat(120)}b`, "a".repeat(2000))).toBe(false);
  expect(Date.now() - began).toBeLessThan(10_000);
});

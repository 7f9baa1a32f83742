import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cleanPath } from "../../src/dockerignore/clean-path.ts";
import { compileIgnorePattern } from "../../src/dockerignore/ignore-pattern.ts";
import { ignoreMatcher } from "../../src/dockerignore/match.ts";
import { PatternError } from "../../src/dockerignore/pattern-error.ts";
import { atOnce } from "../../src/streams/turns.ts";

const excludes = (patterns: string[], path: string) => ignoreMatcher(patterns).excludes(path);
const withholds = (patterns: string[], path: string) => atOnce(ignoreMatcher(patterns).withholding(path));

describe("ignoreMatcher()", () => {
  test.each<[patterns: string[], path: string, excluded: boolean]>([
    [["a"], "a", true],
    [["a"], "a/b/c", true],
    [["a"], "b/a", false],
    [["/a"], "a", false], // only the reader takes the slash away
    [["*.md"], "README.md", true],
    [["*.md"], "docs/README.md", false],
    [["**/*.md"], "README.md", true],
    [["**/*.md"], "a/b/README.md", true],
    [["a/**"], "a", false],
    [["a/**"], "a/b", true],
    [["a/**/z"], "a/z", true],
    [["a/**/z"], "a/b/c/z", true],
    [["**file"], "dir/myfile", true],
    [["**"], "anything/at/all", true],
    [["*", "!keep"], "keep/inner", false],
    [["*", "!keep"], "drop", true],
    [["a", "!a/b", "a/b/c"], "a/b/x", false],
    [["a", "!a/b", "a/b/c"], "a/b/c", true],
    [["a?c"], "a/c", false],
    [["a[^b]c"], "a/c", true],
    [["a?b"], "a☺b", true],
    [["*?b"], "😀b", true],
    [["*", "!src", "src/lib"], "src/lib/util.js", true],
    [["**/.env", "!packages"], "packages/app/.env", true],
    [["**/.env", "!packages/**"], "packages/app/.env", false],
    [["**", "!packages"], "packages/app/.env", false],
    [["docs", "!docs/a", "docs"], "docs/a", false],
    [["[[:alpha:]]*"], "a1", true],
    [["[[:alpha:]]*"], "1a", false],
    [["[[:^digit:]_]x"], "1x", false],
    [["[[:xdigit:]-]"], "-", true],
    // moby translates the wildcards of a class, too: `q[?]` becomes `q[[^/]]`.
    [["q[?]"], "q?", false],
    [["q[?]"], "q[]", true],
    [["[*]"], "*", false],
    [["[*]"], "[^/]", true],
    [["[?-a]"], "[-a]", true],
    [["[**]x"], ".x", true],
    [["[\\d-z]"], "-", true],
    [["\\x41*"], "AB", true],
    [["a\\*b"], "a*b", true],
    [["\\d\\d"], "42", true],
    [["a/\\bb"], "a/b", true],
    [["src\\bin*"], "srcbin", false],
    [["\\101*"], "ABC", true],
    [["^*"], "top", true],
    [["a^*"], "a^b", false],
    [["a^b"], "a^b", true],
    [["a**b*"], "a/x/\nbc", false],
    [["a]*"], "a]b", true],
  ])("%j on %j: %s", (patterns, path, excluded) => {
    expect(excludes(patterns, path)).toBe(excluded);
  });

  test.each([
    ["["],
    ["[]a]"],
    ["[x-]"],
    ["a\\"],
    ["\\q"],
    ["\\é"],
    ["[z-a]"],
    ["[[:foo:]]"],
    ["\\xg0"],
    ["\\pL"],
    ["\\Qa"],
  ])("rejects %j", (pattern) => {
    expect(() => ignoreMatcher([pattern])).toThrow(expect.objectContaining({ code: "BAD_PATTERN" }));
  });

  test("names the pattern in the error", () => {
    expect(() => ignoreMatcher(["ok", "[bad"])).toThrow('Cannot use pattern "[bad": syntax error in pattern');
    expect(() => ignoreMatcher(["!"])).toThrow(expect.objectContaining({ code: "EMPTY_EXCEPTION" }));
  });

  test.each<[patterns: string[], dir: string, may: boolean]>([
    [["a"], "a", false],
    [["*", "!a/b"], "a", true],
    [["*", "!a/b"], "c", false],
    [["*", "!a/b"], "a/c", false],
    [["*", "!**/*.go"], "x/y", true],
    [["*", "!src/*.go"], "src", true],
    [["*", "!src/*.go"], "srcs", false],
    [["!a/b", "*"], "a", false],
    [["*", "!a?/[bc]/d"], "ax", true],
    [["*", "!a?/[bc]/d"], "ax/b", true],
    [["*", "!a?/[bc]/d"], "ax/d", false],
    [["b"], "a", true],
  ])("%j may include entries below %j: %s", (patterns, dir, may) => {
    expect(atOnce(ignoreMatcher(patterns).letsInBelow(dir))).toBe(may);
  });

  test("a pathological pattern is fast", () => {
    const pattern = `${"*a".repeat(40)}b`;
    const deep = `${"**/a*/".repeat(30)}b`;
    const path = "a".repeat(2000);
    const before = performance.now();
    expect(excludes([pattern, deep], path)).toBe(false);
    expect(excludes([deep], "a/".repeat(500))).toBe(false);
    expect(performance.now() - before).toBeLessThan(10_000);
  });
});

// Few letters, so that patterns often match paths.
const name = fc.string({ unit: fc.constantFrom("a", "b", "."), minLength: 1, maxLength: 3 });
const path = fc
  .array(name, { minLength: 1, maxLength: 4 })
  .map((names) => names.map((part) => part.replace(/^\.+$/, "c")).join("/"));
const pattern = fc
  .array(fc.constantFrom("a", "b", ".", "*", "**", "?", "/", "[ab]", "[^a]", "\\*"), {
    minLength: 1,
    maxLength: 6,
  })
  .map((parts) => parts.join(""))
  // With a `!` before them, these are cleaned as a path whose first name holds the `!`.
  .filter((text) => !/^\.?\//.test(text) && !text.includes(".."));
const patterns = fc.array(
  fc.tuple(fc.boolean(), pattern).map(([exception, text]) => (exception ? `!${text}` : text)),
  { maxLength: 5 },
);

// With lone surrogates, as in names that are not UTF-8.
const anyText = fc.string({ unit: fc.nat(0xffff).map((code) => String.fromCharCode(code)) });

describe("laws of ignoreMatcher()", () => {
  test("a path inherits the match of its parent, and a rule counts when it changes the result", () => {
    fc.assert(
      fc.property(patterns, path, (lines, target) => {
        const rules = lines.map((line) => ({
          exception: line.startsWith("!"),
          matches: (name: string) =>
            compileIgnorePattern(cleanPath(line.replace(/^!/, ""))).matches(name, { work: 0 }),
        }));
        const inherited = new Set<number>();
        let excluded = false;
        for (const [depth] of target.split("/").entries()) {
          const name = target.split("/", depth + 1).join("/");
          excluded = false;
          for (const [index, { exception, matches }] of rules.entries()) {
            if (!inherited.has(index) && (exception !== excluded || !matches(name))) continue;
            inherited.add(index);
            excluded = !exception;
          }
        }
        expect(excludes(lines, target)).toBe(excluded);
      }),
    );
  });

  test("a path is excluded when the last rule that matches it or a parent excludes it", () => {
    expect(withholds(["docs", "!docs/a", "docs"], "docs/a")).toBe(true);
    expect(withholds(["docs", "!docs/a"], "docs/a")).toBe(false);
    fc.assert(
      fc.property(patterns, path, (lines, target) => {
        const parents = target.split("/").map((_, index, names) => names.slice(0, index + 1).join("/"));
        const matcher = ignoreMatcher(lines);
        fc.pre(!matcher.excludes(target));
        const decisive = lines.findLast((line) => {
          const alone = ignoreMatcher([line.replace(/^!/, "")]);
          return parents.some((parent) => alone.excludes(parent));
        });
        expect(withholds(lines, target)).toBe(decisive !== undefined && !decisive.startsWith("!"));
      }),
    );
  });

  test("a directory that cannot contain included paths is skipped", () => {
    fc.assert(
      fc.property(patterns, path, path, (lines, dir, below) => {
        const matcher = ignoreMatcher(lines);
        if (!atOnce(matcher.letsInBelow(dir))) expect(matcher.excludes(`${dir}/${below}`)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  test("the order of queries does not matter", () => {
    fc.assert(
      fc.property(patterns, fc.array(path), (lines, paths) => {
        const matcher = ignoreMatcher(lines);
        const answers = paths.map((target) => matcher.excludes(target));
        expect(paths.map((target) => excludes(lines, target))).toEqual(answers);
      }),
    );
  });

  test("patterns without `**` match like a hand-made regular expression", () => {
    const simple = fc
      .array(fc.constantFrom("a", "b", "*", "?", "/", "[ab]"), { minLength: 1, maxLength: 6 })
      .map((parts) => parts.join("").replaceAll(/\*+/g, "*"))
      .filter((text) => !/^\/|\/$|\/\//.test(text));
    fc.assert(
      fc.property(simple, path, (text, target) => {
        const source = text.replaceAll("*", "[^/]*").replaceAll("?", "[^/]");
        expect(excludes([text], target)).toBe(new RegExp(`^${source}(?:/.*)?$`).test(target));
      }),
    );
  });

  test("any text is accepted, or rejected with a code", () => {
    fc.assert(
      fc.property(anyText, anyText, (line, target) => {
        try {
          ignoreMatcher([line]).excludes(target);
        } catch (error) {
          expect(error).toBeInstanceOf(PatternError);
        }
      }),
    );
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Attributes, type LineEnds } from "../../../../src/engine/remote/git/attributes.ts";
import { withIdent } from "../../../../src/engine/remote/git/ident.ts";
import { isTextWithLf, withCrLf } from "../../../../src/engine/remote/git/line-ends.ts";
import { compilePathPattern } from "../../../../src/engine/remote/git/path-pattern.ts";
import { collect } from "../../../../src/streams/collect.ts";
import { bytesOf } from "../../../helpers/git-pack.ts";
import { source } from "../../../streams/source.ts";

describe("Attributes", () => {
  const lineEnds = async (text: string, path = "a.bat") => {
    const attributes = new Attributes();
    await attributes.add("", text);
    return (await attributes.conversionOf(path)).lineEnds;
  };

  test.each<[string, LineEnds | undefined]>([
    ["*.bat text eol=crlf", "crlf"],
    ["*.bat eol=crlf", "crlf"],
    ["* text=auto\n*.bat eol=crlf", "crlf-if-text"],
    ["*.bat eol=lf", undefined],
    ["*.bat text", undefined],
    ["*.bat eol=crlf -text", undefined],
    ["*.bat eol=crlf\n*.bat binary", undefined],
    ["*.bat binary\n*.bat text eol=crlf", "crlf"],
    ["*.bat eol=crlf\n*.bat !eol", undefined],
    ["*.bat eol=crlf\n*.bat -crlf", undefined],
    ["*.bat eol=crlf -crlf text", "crlf"],
    ["*.bat eol=crlf text=nonsense", "crlf"],
    ["[attr]win text eol=crlf\n*.bat win", "crlf"],
    ["[attr]win text eol=crlf\n*.bat win\n*.bat -win", "crlf"],
    ["# *.bat eol=crlf", undefined],
    ["!*.bat eol=crlf", undefined],
    ["*.bat/ eol=crlf", undefined],
    ['"*.b\\141t" eol=crlf', "crlf"],
    ["[ eol=crlf", undefined],
  ])("%j", async (text, expected) => {
    expect(await lineEnds(text)).toBe(expected);
  });

  test("a deeper file takes precedence, for paths below it only", async () => {
    const attributes = new Attributes();
    await attributes.add("", "*.txt eol=crlf\n/top eol=crlf");
    await attributes.add("a/b", "*.txt -text\n/only eol=crlf\nsub/** eol=crlf");
    expect((await attributes.conversionOf("x.txt")).lineEnds).toBe("crlf");
    expect((await attributes.conversionOf("a/x.txt")).lineEnds).toBe("crlf");
    expect((await attributes.conversionOf("a/b/c/x.txt")).lineEnds).toBeUndefined();
    expect((await attributes.conversionOf("top")).lineEnds).toBe("crlf");
    expect((await attributes.conversionOf("a/top")).lineEnds).toBeUndefined();
    expect((await attributes.conversionOf("a/b/only")).lineEnds).toBe("crlf");
    expect((await attributes.conversionOf("a/b/c/only")).lineEnds).toBeUndefined();
    expect((await attributes.conversionOf("a/b/sub/x/y")).lineEnds).toBe("crlf");
  });

  test("accepts any text", async () => {
    const word = fc.constantFrom(
      "*",
      "a",
      "/",
      "**",
      "[",
      "]",
      "!",
      "\\",
      '"',
      " ",
      "\n",
      "eol=crlf",
      "[attr]",
      "-",
      "=",
      "text",
    );
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: word, maxLength: 30 }), async (text) => {
        await lineEnds(text, "a/b/c");
      }),
      { numRuns: 500 },
    );
  });
});

describe("compilePathPattern()", () => {
  test.each<[pattern: string, path: string, matches: boolean]>([
    ["*.c", "a/b/x.c", true],
    ["*.c", ".c", true],
    ["x", "x/y", false],
    ["/x", "a/x", false],
    ["a/*", "a/b/c", false],
    ["a/**", "a/b/c", true],
    ["a/**", "a", false],
    ["**/x", "x", true],
    ["**/x", "a/b/x", true],
    ["a/**/x", "a/x", true],
    ["a/**/x", "a/b/c/x", true],
    ["a/**/x", "b/x", false],
    ["a**/x", "ab/x", true],
    ["a**/x", "a/b/x", false],
    ["[!a]", "b", true],
    ["[!a]", "a", false],
    ["\\[!a]", "[!a]", true],
    ["a?c", "a/c", false],
  ])("%s against %s: %s", (pattern, path, matches) => {
    expect(compilePathPattern(pattern)?.(path, { work: 0 })).toBe(matches);
  });

  test("is fast for hostile patterns", () => {
    const meter = { work: 0 };
    const path = Array.from({ length: 100 }, () => "a".repeat(30)).join("/");
    expect(compilePathPattern(`${"**/a*/".repeat(60)}b`)?.(path, meter)).toBe(false);
    expect(meter.work).toBeLessThan(2_000_000);
  });
});

describe("withIdent()", () => {
  test("gives the same for chunks of any size", async () => {
    const id = "0123456789abcdef".repeat(3).slice(0, 40);
    const expand = async (text: string, size: number) =>
      new TextDecoder().decode(await collect(withIdent(source(bytesOf(text), size), id, "f"), 1_000_000));
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: fc.constantFrom("$", "Id", "$Id$", "$Id:", " ", "\n", "x") }),
        fc.integer({ min: 1, max: 9 }),
        async (text, size) => {
          expect(await expand(text, size)).toBe(await expand(text, 1_000_000));
        },
      ),
    );
    expect(await expand("a $Id$ b", 3)).toBe(`a $Id: ${id} $ b`);
  });

  test("keeps to its limits", async () => {
    const read = (text: string) => collect(withIdent(source(bytesOf(text), 65536), "0", "f"), 10 ** 8);
    await expect(read(`$Id:${"x".repeat(2 ** 20)}$`)).rejects.toThrow("a keyword $Id is too long");
    await expect(read("$Id$".repeat(100_001))).rejects.toThrow("more than 100000 keywords");
    expect((await read("$Id$".repeat(100_000))).length).toBe(800_000);
  });
});

describe("line ends", () => {
  test("of LF become CRLF, in chunks of any size", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: fc.constantFrom("\r", "\n", "a", "b") }),
        fc.integer({ min: 1, max: 9 }),
        async (text, size) => {
          const changed = await collect(withCrLf(source(bytesOf(text), size)), 10_000);
          expect(new TextDecoder().decode(changed)).toBe(text.replace(/(?<!\r)\n/g, "\r\n"));
        },
      ),
    );
  });

  test.each([
    ["a\nb\n", true],
    ["no line end", false],
    ["a\r\nb\n", false],
    ["a\rb\n", false],
    ["a\0b\n", false],
    [`${"x".repeat(127)}\x01\n`, false],
    [`${"x".repeat(128)}\x01\n`, true],
    ["tab\there\x1b[0m\n", true],
    ["ends as in DOS\n\x1a", true],
  ])("of %j are those of text: %s", async (text, expected) => {
    expect(await isTextWithLf(source(bytesOf(text), 3))).toBe(expected);
  });
});

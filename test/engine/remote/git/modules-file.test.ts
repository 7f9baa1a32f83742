import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { GitError } from "../../../../src/engine/remote/git/git-error.ts";
import { moduleUrl, readModulesFile } from "../../../../src/engine/remote/git/modules-file.ts";
import { atOnce } from "../../../../src/streams/turns.ts";

const read = (text: string) => atOnce(readModulesFile(text));

describe("readModulesFile()", () => {
  test("reads modules by their paths", () => {
    const text = `
# comment
[core] ; another
	bare
[submodule "one"]
	path = libs/one
	url = https://example.com/one.git   ; after
[Submodule "with \\"quote\\""] path = "two # not a comment"
	URL = "../two.git"
	update = none
[submodule "half"]
	path = half
[submodule "one"]
	branch = main
[submodule "joined"]
	path = jo\\
ined/
	url = a\\\\b\\t"c  "d
`;
    expect([...read(text).values()]).toEqual([
      { path: "libs/one", url: "https://example.com/one.git", skipped: false },
      { path: "two # not a comment", url: "../two.git", skipped: true },
      { path: "joined/", url: "a\\b\tc  d", skipped: false },
    ]);
    expect([...read(text).keys()]).toEqual(["libs/one", "two # not a comment", "joined"]);
  });

  test("the last value of a setting counts, and Windows line ends do not", () => {
    const modules = read('\uFEFF[submodule "m"]\r\npath = a\r\nurl = x\r\npath = b\r\n');
    expect(modules.get("b")).toMatchObject({ url: "x" });
  });

  test.each(['[submodule "m"]\npath = "open', '[submodule "m"]\npath = \\q', "= x", "[submodule"])(
    "refuses %j",
    (text) => {
      expect(() => read(text)).toThrow("Cannot read .gitmodules");
    },
  );

  test("gives modules or GitError for any text", () => {
    const text = fc.string({
      unit: fc.constantFrom("[", "]", '"', "\\", "=", " ", "\n", "submodule", "path", "url", "#", "x"),
      maxLength: 60,
    });
    fc.assert(
      fc.property(text, (given) => {
        try {
          read(given);
        } catch (error) {
          expect(error).toBeInstanceOf(GitError);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test("reads a long hostile line in linear time", () => {
    const began = Date.now();
    expect(() => read(`[submodule "${"\\".repeat(100_000)}`)).toThrow(GitError);
    read(`[submodule "m"]\npath = ${" ".repeat(100_000)}x`);
    expect(Date.now() - began).toBeLessThan(10_000);
  });
});

describe("moduleUrl()", () => {
  test.each([
    ["https://other.com/x.git", "https://other.com/x.git"],
    ["../x.git", "https://example.com/a/x.git"],
    ["./x.git", "https://example.com/a/b.git/x.git"],
    ["../../c/x.git", "https://example.com/c/x.git"],
    ["./.././x", "https://example.com/a/x"],
    ["..", "https://example.com/a"],
  ])("%s", (declared, expected) => {
    expect(moduleUrl(declared, "https://example.com/a/b.git")).toBe(expected);
    expect(moduleUrl(declared, "https://example.com/a/b.git/")).toBe(expected);
  });

  test("does not climb into the host", () => {
    expect(() => moduleUrl("../../../x.git", "https://example.com/a/b.git")).toThrow("is above");
  });
});

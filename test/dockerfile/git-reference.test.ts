import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { GitReferenceError, parseGitReference } from "../../src/dockerfile/git-reference.ts";

describe("a git reference", () => {
  test.each([
    ["https://host/a/b.git#v1:dir/sub", { remote: "https://host/a/b.git", ref: "v1", subdir: "dir/sub" }],
    ["HTTPS://host/b.git", { remote: "https://host/b.git" }],
    ["https://user:secret@host/b.git", { remote: "https://user:secret@host/b.git" }],
    ["https://host/b.git#:../../x/./y/", { subdir: "x/y" }],
    ["https://host/b.git?tag=v1&subdir=a", { ref: "refs/tags/v1", subdir: "a" }],
    ["https://host/b.git?branch=refs/heads/main", { ref: "refs/heads/main" }],
    [
      "https://host/b.git?commit=abc&keep-git-dir=0&submodules",
      {
        checksum: "abc",
        keepGitDir: false,
        submodules: true,
      },
    ],
    ["git@host:a/b.git#main", { remote: "git@host:a/b.git", ref: "main" }],
    ["ssh://git@host:22/b.git", { remote: "ssh://git@host:22/b.git" }],
    ["git://host/b", { remote: "git://host/b" }],
    ["github.com/a/b?ref=x", { remote: "github.com/a/b", ref: "x", isLookalikeOfLocal: true }],
  ])("%s", (text, expected) => expect(parseGitReference(text)).toMatchObject(expected));

  test.each([
    "https://host/archive.tar.gz",
    "https://host/b.git/",
    "./b.git",
    "../git@host:b",
    "b.git",
    "gitlab.com/a/b.git",
    "ftp://host/b.git",
    "https://host/b.git\n",
    "",
  ])("%j is not a reference", (text) => expect(parseGitReference(text)).toBeUndefined());

  test.each([
    ["?ref=a#b", 'ref conflicts: "b" vs "a"'],
    ["?subdir=a#b:c", 'subdir conflicts: "c" vs "a"'],
    ["?tag=a&branch=b", "branch conflicts with tag"],
    ["?ref=a&ref=b", 'query "ref" has multiple values'],
    ["?ref=", 'query "ref" has no value'],
    ["?reff=a", 'unexpected query "reff"'],
    ["?submodules=perhaps", 'invalid submodules value: "perhaps"'],
    ["?mtime=now", 'invalid mtime value: "now" (must be "checkout" or "commit")'],
  ])("with %s is rejected", (query, message) => {
    expect(() => parseGitReference(`https://host/b.git${query}`)).toThrow(new GitReferenceError(message));
  });

  test("is read from any text, or rejected with an error of its own", () => {
    const text = fc
      .array(
        fc.constantFrom(
          "https://",
          "git@",
          "host",
          ":",
          "/",
          ".git",
          "?",
          "#",
          "&",
          "=",
          "ref",
          "%",
          "%zz",
          "..",
          "é",
        ),
      )
      .map((pieces) => pieces.join(""));
    fc.assert(
      fc.property(text, (input) => {
        try {
          const reference = parseGitReference(input);
          expect(reference?.subdir ?? "").not.toMatch(/(^|\/)\.\.(\/|$)/);
        } catch (error) {
          expect(error).toBeInstanceOf(GitReferenceError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { GitError } from "../../../../src/engine/remote/git/git-error.ts";
import { SHA1, SHA256 } from "../../../../src/engine/remote/git/object-format.ts";
import { readCommit, readTag, readTree } from "../../../../src/engine/remote/git/objects.ts";
import { concat } from "../../../../src/streams/concat.ts";
import { bytesOf } from "../../../helpers/git-pack.ts";

const ID = "1".repeat(40);
const TREE = "2".repeat(40);

describe("readCommit()", () => {
  const commit = (more = "", committer = "A U Thor <a@b> 1700000000 +0130") =>
    bytesOf(
      `tree ${TREE}\nparent ${ID}\nauthor x <> 1 +0000\ncommitter ${committer}\n${more}\nmessage\ntree ${ID}\n`,
    );

  test("reads the tree and the time of the committer", () => {
    expect(readCommit(commit(), ID)).toEqual({ tree: TREE, time: 1_700_000_000 });
    expect(readCommit(commit("gpgsig -----BEGIN\n tree of lines\n -----END\n"), ID).tree).toBe(TREE);
  });

  test.each(["", "no time", "<> 12 0100", "<> -5 +0000"])("rejects the committer %j", (committer) => {
    expect(() => readCommit(commit("", committer), ID)).toThrow("its headers are incomplete");
  });

  test("rejects a commit without a tree", () => {
    expect(() => readCommit(bytesOf("author x <> 1 +0000\n\n"), ID)).toThrow(`Cannot read commit ${ID}`);
  });
});

test("readTag() reads the object that a tag names", () => {
  const tag = bytesOf(`object ${TREE}\ntype commit\ntag v1\ntagger x <> 1 +0000\n\nmessage\n`);
  expect(readTag(tag, ID)).toEqual({ object: TREE, type: "commit" });
  expect(() => readTag(bytesOf(`object ${TREE}\ntype thing\n`), ID)).toThrow(GitError);
});

const read = (...given: Parameters<typeof readTree>) => [...readTree(...given)];

describe("readTree()", () => {
  const tree = (entries: [mode: string, name: string | Uint8Array][], idBytes = 20) =>
    concat(
      entries.map(([mode, name]) =>
        concat([
          bytesOf(`${mode} `),
          typeof name === "string" ? bytesOf(name) : name,
          new Uint8Array(1),
          new Uint8Array(idBytes).fill(0x11),
        ]),
      ),
    );

  test("reads modes, old ones too, and names", () => {
    const entries = read(
      tree([
        ["100644", "a"],
        ["100755", "b"],
        ["100664", "c"],
        ["120000", "d"],
        ["40000", "e"],
        ["040000", "f"],
        ["160000", "g"],
        ["100644", Uint8Array.of(0xff)],
      ]),
      ID,
      SHA1,
    );
    expect(entries.map(({ kind }) => kind)).toEqual([
      "file",
      "executable",
      "file",
      "symlink",
      "dir",
      "dir",
      "module",
      "file",
    ]);
    expect(entries.at(-1)).toEqual({ name: "\udcff", kind: "file", id: ID });
  });

  test("reads ids of SHA-256", () => {
    expect(
      read(
        tree(
          [
            ["100644", "a"],
            ["100644", "b"],
          ],
          32,
        ),
        ID,
        SHA256,
      ),
    ).toHaveLength(2);
  });

  test.each(["", ".", "..", ".git", ".GIT", ".Git", "a/b", "../x"])("rejects the name %j", (name) => {
    expect(() => read(tree([["100644", name]]), ID, SHA1)).toThrow("cannot be the name of a file");
  });

  test("rejects two entries of one name", () => {
    expect(() =>
      read(
        tree([
          ["100644", "a"],
          ["40000", "a"],
        ]),
        ID,
        SHA1,
      ),
    ).toThrow('two entries named "a"');
  });

  test.each(["000000", "010000", "777777", "x", "100644644"])("rejects the mode %j", (mode) => {
    expect(() => read(tree([[mode, "a"]]), ID, SHA1)).toThrow("unknown mode");
  });

  test("rejects a tree that ends early", () => {
    expect(() => read(tree([["100644", "a"]]).subarray(0, -1), ID, SHA1)).toThrow("ends inside an entry");
    expect(() => read(bytesOf("100644"), ID, SHA1)).toThrow("ends inside an entry");
  });

  test("gives entries or GitError for any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        for (const read of [readCommit, readTag, (data: Uint8Array) => readTree(data, ID, SHA1)]) {
          try {
            read(bytes, ID);
          } catch (error) {
            expect(error).toBeInstanceOf(GitError);
          }
        }
      }),
    );
  });
});

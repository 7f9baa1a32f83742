import { describe, expect, test } from "vitest";
import {
  type CopyInput,
  digestEntries,
  digestInputs,
  visitInputs,
} from "../../../src/engine/copy/digest-inputs.ts";
import { heredocSource } from "../../../src/engine/copy/heredoc.ts";
import { layerEntries } from "../../../src/engine/copy/layer-entries.ts";
import { atOnce } from "../../../src/streams/turns.ts";
import { dir, file, hardLink, link, type TreeEntry, tree } from "../../helpers/tree.ts";
import { copy, scratch, sourceOf } from "./run-copy.ts";

type Entries = Record<string, TreeEntry>;

function digest(
  src: string,
  entries: Entries,
  { stage = false, excludes = [] as string[], parents = false } = {},
) {
  return atOnce(digestInputs(sourceOf(tree(entries), src, stage, parents), excludes));
}

/** Changes between two builds, and whether BuildKit's second build has a cache hit for COPY, as recorded. */
describe("a change that matters", () => {
  const cases: [what: string, src: string, before: Entries, after: Entries][] = [
    ["contents of a file", "a", { a: "c1" }, { a: "c2" }],
    ["mode of a file", "a", { a: "x" }, { a: file("x", { mode: 0o600 }) }],
    ["an extended attribute", "a", { a: "x" }, { a: file("x", { xattrs: { "user.k": "dg==" } }) }],
    ["name of a file in a directory", "d", { "d/a": "x" }, { "d/b": "x" }],
    ["name of a directory that a wildcard matches", "d*", { "d1/a": "x" }, { "d2/a": "x" }],
    ["name of a file that a wildcard matches", "f*", { f1: "x" }, { f2: "x" }],
    ["one more file that a wildcard matches", "f*", { f1: "x" }, { f1: "x", f2: "y" }],
    ["mode of a directory", "d", { "d/a": "x" }, { d: dir({ mode: 0o700 }), "d/a": "x" }],
    ["mode of a directory below", "d", { "d/s/a": "x" }, { "d/s": dir({ mode: 0o700 }), "d/s/a": "x" }],
    ["an empty directory", "d", { "d/a": "x" }, { "d/a": "x", "d/e": dir() }],
    ["target of a link in a directory", "d", { "d/l": link("x") }, { "d/l": link("y") }],
  ];
  for (const [what, src, before, after] of cases) {
    test(what, () => {
      expect(digest(src, before)).not.toBe(digest(src, after));
    });
  }

  test("owner of a file of a stage", () => {
    const [before, after] = [{ a: "x" }, { a: file("x", { uid: 5 }) }];
    expect(digest("a", before, { stage: true })).not.toBe(digest("a", after, { stage: true }));
    expect(digest("a", before)).toBe(digest("a", after));
  });

  test("name of the source", () => {
    const entries = { a: "x", b: "x", "p/a": "x" };
    expect(digest("a", entries)).not.toBe(digest("b", entries));
    expect(digest("p/a", entries)).toBe(digest("a", entries));
    const [a, b] = ["A", "B"].map((name) => atOnce(digestInputs(heredocSource(name, "x"), [])));
    expect(a).not.toBe(b);
  });
});

describe("a change that does not matter", () => {
  const cases: [what: string, src: string, before: Entries, after: Entries][] = [
    ["time stamp", "a", { a: "x" }, { a: file("x", { mtime: 1 }) }],
    ["owner in a context", "a", { a: "x" }, { a: file("x", { uid: 5, gid: 6 }) }],
    ["a file next to it", "a", { a: "x" }, { a: "x", b: "y" }],
    ["which file a named link leads to", "l", { l: link("t1"), t1: "x" }, { l: link("t2"), t2: "x" }],
    ["a link instead of the file", "s", { s: "x" }, { s: link("r"), r: "x" }],
    [
      "a hard link instead of a copy",
      "d",
      { "d/a": "x", "d/b": "x" },
      { "d/a": "x", "d/b": hardLink("d/a") },
    ],
    [
      "a label of a security module",
      "a",
      { a: "x" },
      { a: file("x", { xattrs: { "security.selinux": "bA==" } }) },
    ],
  ];
  for (const [what, src, before, after] of cases) {
    test(what, () => {
      expect(digest(src, before)).toBe(digest(src, after));
    });
  }

  test("one in excluded entries", () => {
    const options = { excludes: ["b"] };
    expect(digest(".", { a: "x", b: "1" }, options)).toBe(digest(".", { a: "x", b: "2" }, options));
    expect(digest(".", { a: "x", b: "1" }, options)).not.toBe(digest(".", { a: "y", b: "1" }, options));
  });

  test("one in entries that --parents does not name", () => {
    const options = { parents: true };
    const before = { "a/f": "x", "a/g": "1", "b/f": "" };
    expect(digest("a/f", before, options)).toBe(digest("a/f", { ...before, "a/g": "2", "c/f": "" }, options));
    expect(digest("*/f", before, options)).not.toBe(digest("*/f", { ...before, "c/f": "" }, options));
  });
});

test("inputs include the directories that lead to them, with names independent of the location", () => {
  const visited: string[] = [];
  const from = tree({ "p/d/s/a": "A", "p/d/t": dir(), "p/d/u/x": "" });
  const visit = ({ path, type }: CopyInput): void => void visited.push(`${type} ${path}`);
  atOnce(visitInputs(sourceOf(from, "p/d"), ["**", "!s/a", "!t"], visit));
  expect(visited).toEqual(["dir ", "dir s", "file s/a", "dir t"]);
  visited.length = 0;
  atOnce(visitInputs(sourceOf(from, "p/d/[st]"), [], visit));
  expect(visited).toEqual(["dir s", "file s/a", "dir t"]);
});

test("a source that names nothing is the error of the copy", () => {
  expect(() => digest("zz", {})).toThrow('"/zz": not found');
});

test("equal layers have equal digests, for any instruction", async () => {
  const on = async (base: typeof scratch, mtime = 1, isContext = false) => {
    const files = tree({ d: dir({ mtime }), "d/a": file("A", { mtime }) });
    const source = isContext ? { from: files } : { stage: files };
    const { changes } = await copy(base, { ...source, src: "d", dest: "/n/" });
    return atOnce(digestEntries(layerEntries(changes))).digest;
  };
  expect(await on(scratch)).toBe(await on(tree({ other: "", n: dir() })));
  expect(await on(scratch)).not.toBe(await on(tree({ n: dir({ mode: 0o700 }) })));
  // Bytecode contains the time of its source, which in a stage may be made anew.
  expect(await on(scratch)).not.toBe(await on(scratch, 2));
  expect(await on(scratch, 1, true)).toBe(await on(scratch, 2, true));
});

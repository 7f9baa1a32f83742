import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { FileEntry } from "../../schemas/images.ts";
import { detectContent, hexRow, modeText } from "../../src/playground/images/file-display.ts";
import { FileTree } from "../../src/playground/images/file-tree.ts";

const entry = (path: string, size?: number, rest: Partial<FileEntry> = {}): FileEntry => ({
  path,
  type: size === undefined ? "dir" : "file",
  mode: 0o644,
  uid: 0,
  gid: 0,
  size: size ?? 0,
  mtime: 0,
  ...rest,
});

const tree = new FileTree([
  entry("a"),
  entry("a/b"),
  entry("a/b/c", 10),
  entry("a/x", 5),
  entry("a.txt", 1),
  entry("gone", 7, { change: "removed" }),
  entry("z"),
]);
const pathsOf = (rows: { path: string }[]) => rows.map(({ path }) => path);

describe("a tree of files", () => {
  test("shows the entries of open folders", () => {
    expect(pathsOf(tree.rows(new Set()))).toEqual(["a", "a.txt", "gone", "z"]);
    expect(pathsOf(tree.rows(new Set(["a"])))).toEqual(["a", "a/b", "a/x", "a.txt", "gone", "z"]);
    expect(pathsOf(tree.rows(new Set(["a", "a/b"])))).toContain("a/b/c");
    // An open folder in a closed one.
    expect(pathsOf(tree.rows(new Set(["a/b"])))).toEqual(["a", "a.txt", "gone", "z"]);
  });

  test("sums up sizes, without removed files", () => {
    expect(tree.rows(new Set(["a"])).map(({ size }) => size)).toEqual([15, 10, 5, 1, 0, 0]);
    expect(tree.size).toBe(16);
    expect(tree.folder("a")).toMatchObject({ size: 15, children: [{ path: "a/b" }, { path: "a/x" }] });
    expect(pathsOf(tree.folder("").children)).toEqual(["a", "a.txt", "gone", "z"]);
  });

  test("finds entries, with their parent folders", () => {
    expect(pathsOf(tree.matching(({ path }) => path.includes("c")))).toEqual(["a", "a/b", "a/b/c"]);
    expect(pathsOf(tree.matching(({ path }) => path.includes("x")))).toEqual(["a", "a/x", "a.txt"]);
    expect(tree.matching(() => false)).toEqual([]);
  });

  test("adds folders that a layer does not list", () => {
    const layer = new FileTree([entry("usr/lib/a", 1), entry("usr/lib/b/c", 2), entry("var", 3)]);
    expect(pathsOf(layer.rows(new Set(["usr", "usr/lib", "usr/lib/b"])))).toEqual([
      "usr",
      "usr/lib",
      "usr/lib/a",
      "usr/lib/b",
      "usr/lib/b/c",
      "var",
    ]);
  });

  test("with everything open, every entry has one row, and the sizes are those of the files", () => {
    const name = fc.constantFrom("a", "b", "a.b", "c-d");
    const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join("/"));
    fc.assert(
      fc.property(fc.uniqueArray(path, { maxLength: 30 }), (paths) => {
        const isFolder = (one: string) => paths.some((other) => other.startsWith(`${one}/`));
        const listed = paths
          .sort((a, b) => (a.split("/").join("\0") < b.split("/").join("\0") ? -1 : 1))
          .map((one) => entry(one, isFolder(one) ? undefined : one.length));
        const random = new FileTree(listed);
        const rows = random.rows(new Set(random.entries.map(({ path: one }) => one)));
        expect(pathsOf(rows)).toEqual(pathsOf([...random.entries]));
        for (const one of paths) expect(pathsOf(rows)).toContain(one);
        expect(random.size).toBe(listed.reduce((sum, { size }) => sum + size, 0));
      }),
    );
  });
});

describe("the content of a file", () => {
  const bytes = (...values: number[]) => Uint8Array.from(values);
  test("is text even when it ends within a character", () => {
    expect(detectContent(new TextEncoder().encode("한글\n").subarray(0, 5), true)).toEqual({
      kind: "text",
      text: "한",
    });
  });
  test.each([
    [bytes(0x89, 0x50, 0x4e, 0x47, 0), "image"],
    [bytes(0x7f, 0x45, 0x4c, 0x46, 0), "bytes"],
    [bytes(0xff, 0xfe), "bytes"],
    [new TextEncoder().encode("<svg onload='x'/>"), "text"],
    [bytes(), "text"],
  ])("%s is %s", (given, kind) => expect(detectContent(given, false).kind).toBe(kind));
  test("rows of a hex dump", () => {
    expect(hexRow(bytes(0x41, 0, 0xff), 0)).toMatchObject({ offset: "00000000", text: "A··" });
  });
  test.each([
    ["file", 0o755, "-rwxr-xr-x"],
    ["dir", 0o1777, "drwxrwxrwt"],
    ["file", 0o4755, "-rwsr-xr-x"],
    ["file", 0o2644, "-rw-r-Sr--"],
    ["symlink", 0o777, "lrwxrwxrwx"],
  ])("%s %o is %s", (type, mode, text) => expect(modeText(type, mode)).toBe(text));
});

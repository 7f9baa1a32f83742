import { describe, expect, test } from "vitest";
import { dir, file, link, tree } from "../../helpers/tree.ts";
import { errorOf, layerOf, scratch } from "./run-copy.ts";

const context = tree({
  "a/b/c.txt": "abc",
  "a/d.txt": "ad",
  "e.txt": "e",
  "a/b/x/y.go": "y",
  "z/w.go": "w",
  "a/ln": link("b"),
});

async function paths(wanted: { src: string; excludes?: string[]; parents?: boolean; dest?: string }) {
  const lines = await layerOf(scratch, { from: context, dest: "/o/", ...wanted });
  return lines.map((line) => line.split(" ")[3]).filter((path) => path !== "o");
}

describe("--parents", () => {
  const cases: [src: string, paths: string[]][] = [
    ["a/b/c.txt", ["o/a", "o/a/b", "o/a/b/c.txt"]],
    ["/a/b/c.txt", ["o/a", "o/a/b", "o/a/b/c.txt"]],
    ["../e.txt", ["o/e.txt"]],
    ["a/*.txt", ["o/a", "o/a/d.txt"]],
    ["**/*.go", ["o/a", "o/a/b", "o/a/b/x", "o/a/b/x/y.go", "o/z", "o/z/w.go"]],
    ["a/./b/c.txt", ["o/b", "o/b/c.txt"]],
    ["./*/b/./c.txt", ["o/c.txt"]],
    ["a/ln", ["o/a", "o/a/ln"]],
    ["a/b/x/", ["o/a", "o/a/b", "o/a/b/x", "o/a/b/x/y.go"]],
    ["nope/*", []],
  ];
  for (const [src, expected] of cases) {
    test(src, async () => {
      expect(await paths({ src, parents: true })).toEqual(expected);
    });
  }

  test("directories above a match have the mode of the source and the time of the build", async () => {
    const from = tree({ a: dir({ mode: 0o700 }), "a/b": dir({ mode: 0o711, uid: 5 }), "a/b/c": "C" });
    expect(await layerOf(scratch, { from, src: "a/b/c", dest: "/o", parents: true })).toEqual([
      "d 0755 0:0 o now",
      "d 0700 0:0 o/a now",
      "d 0711 0:0 o/a/b now",
      'f 0644 0:0 o/a/b/c "C"',
    ]);
    expect(
      await layerOf(scratch, {
        from,
        src: "a/b/c",
        dest: "/o",
        parents: true,
        chmodText: "640",
        chown: "1:2",
      }),
    ).toEqual(["d 0640 1:2 o now", "d 0640 1:2 o/a now", "d 0640 1:2 o/a/b now", 'f 0640 1:2 o/a/b/c "C"']);
  });

  test("existing directories above a match get only the mode", async () => {
    const base = tree({ "o/a": dir({ mode: 0o777, uid: 9 }) });
    const from = tree({ a: dir({ mode: 0o700 }), "a/c": "C" });
    expect(await layerOf(base, { from, src: "a/c", dest: "/o", parents: true })).toEqual([
      "d 0755 0:0 o now",
      "d 0700 9:0 o/a now",
      'f 0644 0:0 o/a/c "C"',
    ]);
  });

  test("a directory that is named gets the time stamp of the source", async () => {
    const from = tree({ "a/b": dir({ mtime: 77 }), "a/b/c": "C" });
    expect(await layerOf(scratch, { from, src: "a/b", dest: "/o", parents: true })).toContain(
      "d 0755 0:0 o/a/b @77",
    );
  });

  const errors: [src: string, message: string][] = [
    [".", '"/": not found'],
    ["a/nope", '"/a/nope": not found'],
    // Links in the path are not followed.
    ["a/ln/c.txt", '"/a/ln/c.txt": not found'],
    ["nope/./x", '"/nope/x": not found'],
    ["nope/./*", "lstat /nope: no such file or directory"],
    ["[", "invalid includepatterns: [[]: syntax error in pattern"],
  ];
  for (const [src, message] of errors) {
    test(`${src}: ${message}`, async () => {
      expect(await errorOf(scratch, { from: context, src, dest: "/o/", parents: true })).toBe(message);
    });
  }
});

describe("--exclude", () => {
  const everything = [
    "o/a",
    "o/a/b",
    "o/a/b/c.txt",
    "o/a/b/x",
    "o/a/b/x/y.go",
    "o/a/d.txt",
    "o/a/ln",
    "o/e.txt",
    "o/z",
    "o/z/w.go",
  ];
  const cases: [excludes: string[], src: string, paths: string[]][] = [
    [["*.txt"], ".", everything.filter((path) => path !== "o/e.txt")],
    [["**/*.txt"], ".", everything.filter((path) => !path.endsWith(".txt"))],
    [["a"], ".", ["o/e.txt", "o/z", "o/z/w.go"]],
    [["**", "!a/d.txt"], ".", ["o/a", "o/a/d.txt"]],
    [["a", "!a/b/x"], ".", ["o/a", "o/a/b", "o/a/b/x", "o/a/b/x/y.go", "o/e.txt", "o/z", "o/z/w.go"]],
    [["/a"], ".", everything],
    [[""], ".", everything],
    // Relative to the source, and to what a wildcard matches.
    [["b"], "a", ["o/d.txt", "o/ln"]],
    [["c.txt"], "a/*", ["o/d.txt", "o/x", "o/x/y.go"]],
    // A named source is never excluded.
    [["e.txt"], "e.txt", ["o/e.txt"]],
  ];
  for (const [excludes, src, expected] of cases) {
    test(`${excludes.join(" ")} of ${src}`, async () => {
      expect(await paths({ src, excludes })).toEqual(expected);
    });
  }

  test("an exception for a directory includes nothing below it that another pattern excludes", async () => {
    expect(await paths({ src: ".", excludes: ["**/*.txt", "!a"] })).toEqual(
      everything.filter((path) => !path.endsWith(".txt")),
    );
  });

  test.each<[src: string, excludes: string[], required: string | undefined]>([
    ["a/d.txt", ["a/d.txt"], "/a/d.txt"],
    ["a/d.txt", ["**/*.txt"], "/a/d.txt"],
    ["a/d.txt", ["d.txt"], undefined],
    ["a/b", ["a"], "/a/b"],
    ["a/b", ["a", "!a/b/x"], undefined],
    ["a/b", ["a/b/**"], undefined],
    ["a/./d.txt", ["d.txt"], "/a/d.txt"],
    ["a/*.txt", ["**/*.txt"], undefined],
  ])("--parents fails unless something of %s remains after excluding %j", async (src, excludes, required) => {
    const parents = { from: context, src, dest: "/o/", parents: true, excludes };
    if (required === undefined) expect(await layerOf(scratch, parents)).not.toEqual([]);
    else expect(await errorOf(scratch, parents)).toBe(`"${required}": not found`);
  });

  test("a directory that only leads to an exception has the time of the build", async () => {
    const from = tree({ a: dir({ mode: 0o711, mtime: 5 }), "a/d": file("D"), "a/e": "E" });
    expect(await layerOf(scratch, { from, src: ".", dest: "/o", excludes: ["a", "!a/d"] })).toEqual([
      "d 0755 0:0 o now",
      "d 0711 0:0 o/a now",
      'f 0644 0:0 o/a/d "D"',
    ]);
  });

  test("errors", async () => {
    expect(await errorOf(scratch, { from: context, src: ".", dest: "/o", excludes: ["a", "["] })).toBe(
      "invalid excludepatterns: [a []: syntax error in pattern",
    );
    expect(await errorOf(scratch, { from: context, src: "zz", dest: "/o", excludes: ["a"] })).toBe(
      "lstat /zz: no such file or directory",
    );
  });
});

import { describe, expect, test } from "vitest";
import { dir, link, tree } from "../../helpers/tree.ts";
import { type CopyCase, errorOf, layerOf, scratch, sourceOf } from "./run-copy.ts";

const context = tree({
  f: "F",
  g: "G",
  "d/a": "A",
  "d/s/b": "B",
  "d2/c": "C",
  e: dir(),
});

describe("path of a copied source", () => {
  const cases: [src: string, dest: string, layer: string[]][] = [
    ["f", "/n", ['f 0644 0:0 n "F"']],
    ["f/", "/n", ['f 0644 0:0 n "F"']],
    ["../../f", "/n", ['f 0644 0:0 n "F"']],
    ["f", "/n/", ["d 0755 0:0 n now", 'f 0644 0:0 n/f "F"']],
    ["f", "/n/.", ["d 0755 0:0 n now", 'f 0644 0:0 n/f "F"']],
    ["f", "/a/b/c", ["d 0755 0:0 a now", "d 0755 0:0 a/b now", 'f 0644 0:0 a/b/c "F"']],
    ["f", "/a/../n", ['f 0644 0:0 n "F"']],
    ["f", "/", ['f 0644 0:0 f "F"']],
    ["d", "/n", ["d 0755 0:0 n", 'f 0644 0:0 n/a "A"', "d 0755 0:0 n/s", 'f 0644 0:0 n/s/b "B"']],
    ["d/.", "/n/", ["d 0755 0:0 n", 'f 0644 0:0 n/a "A"', "d 0755 0:0 n/s", 'f 0644 0:0 n/s/b "B"']],
    ["d2", "/p/q", ["d 0755 0:0 p now", "d 0755 0:0 p/q", 'f 0644 0:0 p/q/c "C"']],
    ["d2", "/", ['f 0644 0:0 c "C"']],
    ["e", "/n", ["d 0755 0:0 n"]],
    ["f g", "/n/", ["d 0755 0:0 n now", 'f 0644 0:0 n/f "F"', 'f 0644 0:0 n/g "G"']],
    // Without a slash, the last file replaces the others.
    ["f g", "/n", ['f 0644 0:0 n "G"']],
    ["d2 f", "/n", ["d 0755 0:0 n now", 'f 0644 0:0 n/c "C"', 'f 0644 0:0 n/f "F"']],
    ["f d2", "/n/", ["d 0755 0:0 n", 'f 0644 0:0 n/c "C"', 'f 0644 0:0 n/f "F"']],
    // The root of a context has no modification time.
    [". ", "/n", ["d 0755 0:0 n now"]],
  ];
  for (const [src, dest, layer] of cases) {
    test(`COPY ${src} ${dest}`, async () => {
      const lines = await layerOf(scratch, { from: context, src, dest });
      expect(lines.slice(0, layer.length)).toEqual(layer);
      if (src !== ". ") expect(lines).toHaveLength(layer.length);
    });
  }
});

describe("existing entries", () => {
  const base = tree({ "n/a": "old", "n/s/z": "z", file: "x", "deep/er/x": "x" });

  test("a file is copied into a directory of the base, and its parents become entries", async () => {
    expect(await layerOf(base, { from: context, src: "f", dest: "/deep/er" })).toEqual([
      "d 0755 0:0 deep",
      "d 0755 0:0 deep/er now",
      'f 0644 0:0 deep/er/f "F"',
    ]);
  });

  test("directories are merged; the time stamp of the top one is that of the source", async () => {
    expect(await layerOf(base, { from: context, src: "d", dest: "/n" })).toEqual([
      "d 0755 0:0 n",
      'f 0644 0:0 n/a "A"',
      "d 0755 0:0 n/s",
      'f 0644 0:0 n/s/b "B"',
    ]);
  });

  test("an equal entry is not written", async () => {
    const same = tree({ "n/a": "A", "n/s/b": "B" });
    expect(await layerOf(same, { from: context, src: "d", dest: "/n" })).toEqual([]);
    expect(await layerOf(same, { from: context, src: "e", dest: "/n" })).toEqual([]);
    expect(await layerOf(same, { from: context, src: "d/a", dest: "/n/a" })).toEqual([]);
  });

  test("another mode, owner or time stamp makes an entry", async () => {
    const same = tree({ "n/a": "A" });
    for (const wanted of [
      { chmodText: "600" },
      { chown: "7" },
      { mtimeOf: () => 5 },
    ] satisfies Partial<CopyCase>[]) {
      expect(await layerOf(same, { from: context, src: "d/a", dest: "/n/a", ...wanted })).toHaveLength(2);
    }
  });

  test("with fixed time stamps, that of the source does not matter", async () => {
    const built = tree({ n: { type: "file", content: "F", mtime: 5 } });
    expect(await layerOf(built, { from: context, src: "f", dest: "/n", mtimeOf: () => 5 })).toEqual([]);
  });

  const errors: [src: string, dest: string, message: string][] = [
    ["f", "/n/a/", "mkdir /n/a: not a directory"],
    ["f", "/file/x", "mkdir /file: not a directory"],
    ["f", "/file/x/", "lstat /file/x: not a directory"],
    ["f", "/file/x/y", "lstat /file/x: not a directory"],
    ["d", "/file", "cannot copy to non-directory: /file"],
    ["d", "/deep/er", "no error"],
  ];
  for (const [src, dest, message] of errors) {
    test(`COPY ${src} ${dest}: ${message}`, async () => {
      expect(await errorOf(base, { from: context, src, dest })).toBe(message);
    });
  }

  test("a directory is not replaced by a file, nor a file below by a directory", async () => {
    expect(await errorOf(tree({ "n/f/x": "" }), { from: context, src: "f", dest: "/n/" })).toBe(
      "cannot replace to directory /n/f with file",
    );
    expect(await errorOf(tree({ "n/s": "" }), { from: context, src: "d", dest: "/n" })).toBe(
      "cannot copy to non-directory: /n/s",
    );
  });
});

describe("links of the destination", () => {
  const base = tree({
    "real/keep": "k",
    rel: link("real"),
    abs: link("/real"),
    out: link("../../../real"),
    chain: link("rel"),
    dangling: link("/new/place"),
    toFile: link("real/keep"),
    loop: link("loop"),
    "a/up": link("../real"),
  });
  const cases: [src: string, dest: string, layer: string[]][] = [
    ["f", "/rel/", ["d 0755 0:0 real now", 'f 0644 0:0 real/f "F"']],
    ["f", "/abs", ["d 0755 0:0 real now", 'f 0644 0:0 real/f "F"']],
    ["f", "/out/x", ["d 0755 0:0 real now", 'f 0644 0:0 real/x "F"']],
    ["f", "/chain/x/y", ["d 0755 0:0 real now", "d 0755 0:0 real/x now", 'f 0644 0:0 real/x/y "F"']],
    ["f", "/a/up/z", ["d 0755 0:0 real now", 'f 0644 0:0 real/z "F"']],
    ["f", "/dangling", ["d 0755 0:0 new now", 'f 0644 0:0 new/place "F"']],
    ["f", "/dangling/", ["d 0755 0:0 new now", "d 0755 0:0 new/place now", 'f 0644 0:0 new/place/f "F"']],
    ["f", "/toFile", ["d 0755 0:0 real now", 'f 0644 0:0 real/keep "F"']],
    ["d2", "/rel", ["d 0755 0:0 real", 'f 0644 0:0 real/c "C"']],
    ["e", "/dangling", ["d 0755 0:0 new now", "d 0755 0:0 new/place"]],
  ];
  for (const [src, dest, layer] of cases) {
    test(`COPY ${src} ${dest}`, async () => {
      expect(await layerOf(base, { from: context, src, dest })).toEqual(layer);
    });
  }

  test("a link at the path of a copied file is replaced", async () => {
    const below = tree({ "n/f": link("/elsewhere") });
    expect(await layerOf(below, { from: context, src: "f", dest: "/n/" })).toEqual([
      "d 0755 0:0 n now",
      'f 0644 0:0 n/f "F"',
    ]);
  });

  test("a link at the path of a copied directory is an error", async () => {
    const from = tree({ "e/up/q": "" });
    expect(await errorOf(base, { from, src: "e", dest: "/a" })).toBe("cannot copy to non-directory: /a/up");
  });

  test("errors", async () => {
    expect(await errorOf(base, { from: context, src: "f", dest: "/loop/x" })).toBe("too many links");
    expect(await errorOf(base, { from: context, src: "f", dest: "/toFile/" })).toBe(
      "mkdir /real/keep: not a directory",
    );
  });
});

describe("--link", () => {
  const base = tree({ real: dir(), sl: link("real") });

  test("does not depend on the base", async () => {
    expect(await layerOf(base, { from: context, src: "f", dest: "/sl/", link: true })).toEqual([
      "d 0755 0:0 sl now",
      'f 0644 0:0 sl/f "F"',
    ]);
  });

  test("has no effect together with --chmod", async () => {
    const wanted = { from: context, src: "f", dest: "/sl/", link: true, chmodText: "600" };
    expect(await layerOf(base, wanted)).toEqual(["d 0755 0:0 real now", 'f 0600 0:0 real/f "F"']);
  });
});

test("a path with a NUL is an error, because a tar would end it there", async () => {
  const invalid = (path: string) => `lstat /${path}: invalid argument`;
  expect(await errorOf(scratch, { from: context, src: "f", dest: "/x\0y" })).toBe(invalid("x\0y"));
  expect(await errorOf(scratch, { from: context, src: "f\0", dest: "/x" })).toBe(invalid("f\0"));
  const download = { ...sourceOf(tree({ "a\0b": "" }), "/a\0b", true), literal: true };
  expect(await errorOf(scratch, { sources: [download], dest: "/x/" })).toBe(invalid("a\0b"));
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { efficiencyOf } from "../../src/images/efficiency.ts";
import { ImageFiles } from "../../src/images/files.ts";
import { atOnce } from "../../src/streams/turns.ts";
import { memoryTree } from "../helpers/memory-tree.ts";

type Contents = Record<string, string>;

/** A layer of files; a path that ends in `/` is a directory. */
function layer(files: Contents) {
  return memoryTree(
    Object.entries(files).map(([path, contents]) =>
      path.endsWith("/") ? { path: path.slice(0, -1), type: "dir" as const } : { path, contents },
    ),
  );
}

function changesOf(layers: Contents[], index = layers.length - 1, path = ""): string[] {
  const files = new ImageFiles(layers.map(layer));
  return [...files.changes(index).walk(path)].map(({ node, change }) => `${change} ${node.path}`);
}

describe("changes of a layer", () => {
  test("everything of the base is added", () => {
    expect(changesOf([{ "a/b": "1", c: "2" }])).toEqual(["added a", "added a/b", "added c"]);
  });

  test("a file with other contents is changed, and an equal one is unchanged", () => {
    expect(
      changesOf([
        { "a/b": "1", "a/c": "2" },
        { "a/b": "9", "a/c": "2" },
      ]),
    ).toEqual(["same a", "changed a/b", "same a/c"]);
  });

  test("a whiteout is a removal, in path order", () => {
    expect(
      changesOf([
        { "d/a": "1", "d/m": "2", "d/z": "3" },
        { "d/.wh.m": "", "d/b": "4", "d/n": "5" },
      ]),
    ).toEqual(["same d", "added d/b", "removed d/m", "added d/n"]);
  });

  test("in an opaque directory, also the entries of directories that the layer has are removed", () => {
    expect(changesOf([{ "d/e/f": "1" }, { "d/.wh..wh..opq": "", "d/e/g": "2" }])).toEqual([
      "same d",
      "same d/e",
      "removed d/e/f",
      "added d/e/g",
    ]);
  });

  test("the entries of a directory that is removed and made again are removed", () => {
    expect(changesOf([{ "d/f": "1" }, { ".wh.d": "", "d/g": "2" }])).toEqual([
      "same d",
      "removed d/f",
      "added d/g",
    ]);
  });

  test("the changes are the differences of the merged trees", () => {
    const name = fc.constantFrom("a", "b", "c");
    const marked = fc.tuple(fc.constantFrom("", ".wh."), name).map(([mark, one]) => `${mark}${one}`);
    const above = fc.array(name, { maxLength: 2 });
    const file = (last: fc.Arbitrary<string>) =>
      fc.tuple(above, last).map(([folders, one]) => [...folders, one].join("/"));
    const below = fc.uniqueArray(file(name), { maxLength: 6 });
    const top = fc.uniqueArray(file(fc.oneof(marked, fc.constant(".wh..wh..opq"))), { maxLength: 6 });
    // No file is above another one.
    const tidy = (paths: string[]) =>
      paths.filter((path) => !paths.some((one) => one.startsWith(`${path}/`)));
    fc.assert(
      fc.property(below, top, (lower, upper) => {
        const contents = (paths: string[], text: string) =>
          Object.fromEntries(tidy(paths).map((path) => [path, text]));
        const files = new ImageFiles([contents(lower, "1"), contents(upper, "2")].map(layer));
        const [before, after] = [files.tree(1), files.tree(2)].map(
          (tree) => new Map([...tree.walk("")].map((node) => [node.path, node])),
        ) as [Map<string, unknown>, Map<string, unknown>];
        const removed = [...before.keys()].filter((path) => !after.has(path));
        const added = [...after.keys()].filter((path) => !before.has(path));
        const changes = files.changes(1);
        const found = [...changes.walk("")];
        const pathsOf = (kind: string) =>
          found.filter(({ change }) => change === kind).map(({ node }) => node.path);
        expect(pathsOf("removed")).toEqual(removed);
        expect(pathsOf("added")).toEqual(added);
        for (const path of before.keys())
          expect(changes.find(path)?.change === "removed", path).toBe(removed.includes(path));
      }),
    );
  });

  test("a whiteout of a directory removes all its entries", () => {
    const layers = [{ "d/e/f": "1", "d/g": "2" }, { ".wh.d": "" }];
    expect(changesOf(layers)).toEqual(["removed d", "removed d/e", "removed d/e/f", "removed d/g"]);
    expect(changesOf(layers, 1, "d/e")).toEqual(["removed d/e/f"]);
    const changes = new ImageFiles(layers.map(layer)).changes(1);
    expect(changes.find("d/e/f")?.change).toBe("removed");
    expect(changes.find("d/none")).toBeUndefined();
  });

  test("an opaque directory removes the entries that it does not list", () => {
    const layers = [
      { "d/a": "1", "d/b": "2" },
      { "d/": "", "d/.wh..wh..opq": "", "d/b": "3", "d/c": "4" },
    ];
    expect(changesOf(layers)).toEqual(["same d", "removed d/a", "changed d/b", "added d/c"]);
    expect(new ImageFiles(layers.map(layer)).changes(1).find("d/a")?.change).toBe("removed");
  });

  test("a file that replaces a directory removes its contents", () => {
    expect(changesOf([{ "d/a": "1", e: "2" }, { d: "file" }])).toEqual(["changed d", "removed d/a"]);
  });

  test("a whiteout beside the same name is no removal", () => {
    expect(changesOf([{ a: "1" }, { ".wh.a": "", a: "2" }])).toEqual(["changed a"]);
  });

  test("unchanged entries are not listed", () => {
    const changes = new ImageFiles([{ a: "1" }, { b: "2" }].map(layer)).changes(1);
    expect(changes.find("a")).toBeUndefined();
    expect(changes.find("")?.change).toBeDefined();
  });
});

describe("efficiency", () => {
  const measure = (...layers: Contents[]) => atOnce(efficiencyOf(new ImageFiles(layers.map(layer))));

  test("is 1 without duplicates", () => {
    expect(measure({ a: "12" }, { b: "3" })).toMatchObject({
      score: 1,
      wastedBytes: 0,
      totalBytes: 3,
      files: [],
    });
    expect(measure({})).toMatchObject({ score: 1, totalBytes: 0 });
  });

  test("counts every copy of a duplicated path", () => {
    const result = measure({ a: "1234", b: "1" }, { a: "12" });
    expect(result.files).toEqual([{ path: "a", count: 2, bytes: 6 }]);
    expect(result.wastedBytes).toBe(6);
    expect(result.score).toBeCloseTo((2 + 1) / 7);
  });

  test("compares all copies with the added bytes, which may be fewer, like dive", () => {
    expect(measure({ a: "1234", b: "1" }, { a: "12" }).userWastedPercent).toBe(3);
    expect(measure({ a: "1234" }, { a: "1234", b: "1234" }).userWastedPercent).toBe(1);
    expect(measure({ a: "1234" }, { ".wh.a": "" }).userWastedPercent).toBe(0);
  });

  test("counts a removed file as empty, and a removed directory with all its entries", () => {
    const file = measure({ a: "1234" }, { ".wh.a": "" });
    expect(file.files).toEqual([{ path: "a", count: 2, bytes: 4 }]);
    expect(file.score).toBe(0);
    const folder = measure({ "d/a": "1234", "d/b": "12" }, { ".wh.d": "" });
    expect(folder.files).toEqual([]);
    expect(folder.layers.map(({ contribution }) => contribution)).toEqual([6, -6]);
  });

  test("returns the contribution of each layer to the merged tree", () => {
    const { layers } = measure({ a: "1234" }, { a: "12", b: "1" }, { ".wh.a": "" });
    expect(layers).toEqual([
      { index: 0, bytes: 4, contribution: 4, total: 4 },
      { index: 1, bytes: 3, contribution: -1, total: 3 },
      { index: 2, bytes: 0, contribution: -2, total: 1 },
    ]);
  });
});

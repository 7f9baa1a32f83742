import { describe, expect, test } from "vitest";
import type { CopyError } from "../../../src/engine/copy/copy-error.ts";
import { checkSource, selectSources } from "../../../src/engine/copy/select.ts";
import type { Tree } from "../../../src/rootfs/tree.ts";
import { atOnce } from "../../../src/streams/turns.ts";
import { dir, hardLink, link, tree } from "../../helpers/tree.ts";
import { layerOf, scratch, sourceOf } from "./run-copy.ts";

const context = tree({
  f: "F",
  g: "G",
  "[x]": "brackets",
  "d/a": "A",
  "d/s/b": "B",
  "d/t/b": "B2",
  "d.txt": "",
  ln: link("d"),
  lf: link("d/a"),
  "d/up": link("../f"),
  abs: link("/d"),
  out: link("../../../f"),
});
const broken = tree({
  f: "",
  dang: link("nowhere"),
  loop: link("loop"),
  "d/dang": link("x"),
  through: link("f/x"),
});

function selected(from: Tree, src: string): string[] {
  const source = sourceOf(from, src);
  atOnce(checkSource(source, []));
  return atOnce(selectSources(source)).map(({ node, path }) =>
    node.path === path ? path : `${path}=${node.path}`,
  );
}

describe("entries that a source names", () => {
  const cases: [src: string, entries: string[]][] = [
    ["f", ["f"]],
    ["/../f/", ["f"]],
    [".", [""]],
    ["ln", ["ln=d"]],
    ["lf", ["lf=d/a"]],
    ["ln/s", ["ln/s=d/s"]],
    ["abs/a", ["abs/a=d/a"]],
    ["out", ["out=f"]],
    ["?", ["d", "f", "g"]],
    ["[fg]", ["f", "g"]],
    ["[^f]", ["d", "g"]],
    ["[b-g]*", ["d", "d.txt", "f", "g"]],
    ["l*", ["lf=d/a", "ln=d"]],
    ["d/*", ["d/a", "d/s", "d/t", "d/up=f"]],
    ["d/*/b", ["d/s/b", "d/t/b"]],
    ["ln/*/b", ["d/s/b", "d/t/b"]],
    // Two stars are the same as one and match a single name.
    ["**/b", []],
    ["d/**/b", ["d/s/b", "d/t/b"]],
    // A class may match a slash.
    ["d[^x]a", ["d/a"]],
    ["zz*", []],
    ["f/*", []],
    ["\\[x\\]*", ["[x]"]],
  ];
  for (const [src, entries] of cases) {
    test(src, () => {
      expect(selected(context, src)).toEqual(entries);
    });
  }
});

describe("missing sources", () => {
  const cases: [src: string, phase: "inputs" | "write", message: string][] = [
    ["zz", "inputs", '"/zz": not found'],
    ["zz/", "inputs", '"/zz": not found'],
    ["f/x", "inputs", '"/f/x": not found'],
    ["dang", "inputs", '"/dang": not found'],
    ["dan*", "inputs", '"/dang": not found'],
    ["d/*", "inputs", '"/d/dang": not found'],
    ["through", "inputs", '"/through": not found'],
    ["loop", "inputs", "too many links"],
    ["l*", "inputs", "too many links"],
    ["[", "inputs", "syntax error in pattern"],
    ["zz/*", "write", "lstat /zz: no such file or directory"],
    ["f/x/*", "write", "lstat /f/x: not a directory"],
  ];
  for (const [src, phase, message] of cases) {
    test(`${src}: ${message}`, () => {
      let error: CopyError | undefined;
      try {
        selected(broken, src);
      } catch (caught) {
        error = caught as CopyError;
      }
      expect(error).toMatchObject({ phase, message });
    });
  }

  test("broken links that are not named are not an error", () => {
    expect(selected(broken, ".")).toEqual([""]);
    expect(selected(broken, "d")).toEqual(["d"]);
  });
});

describe("links of the source", () => {
  test("are followed when they are named, and copied when they are inside a copied directory", async () => {
    expect(await layerOf(scratch, { from: context, src: "lf", dest: "/n/" })).toEqual([
      "d 0755 0:0 n now",
      'f 0644 0:0 n/lf "A"',
    ]);
    const met = await layerOf(scratch, { from: context, src: "ln", dest: "/n" });
    expect(met).toContain("l 0777 0:0 n/up -> ../f");
    expect(met[0]).toBe("d 0755 0:0 n");
  });

  test("a wildcard match below a link has the name in the link's target", async () => {
    expect(await layerOf(scratch, { from: context, src: "ln/u*", dest: "/n/" })).toEqual([
      "d 0755 0:0 n now",
      'f 0644 0:0 n/up "F"',
    ]);
  });
});

describe("hard links", () => {
  const from = tree({
    "d/a": "H",
    "d/b": hardLink("d/a"),
    "d/z": "Z",
    "d/c/k": hardLink("d/z"),
    out: hardLink("d/a"),
  });

  test("of one source stay linked, in any order of their names", async () => {
    expect(await layerOf(scratch, { from, src: "d", dest: "/n" })).toEqual([
      "d 0755 0:0 n",
      'f 0644 0:0 n/a "H"',
      "h 0644 0:0 n/b -> n/a",
      "d 0755 0:0 n/c",
      'f 0644 0:0 n/c/k "Z"',
      "h 0644 0:0 n/z -> n/c/k",
    ]);
  });

  test("between sources become separate files", async () => {
    expect(await layerOf(scratch, { from, src: "d/b out", dest: "/n/" })).toEqual([
      "d 0755 0:0 n now",
      'f 0644 0:0 n/b "H"',
      'f 0644 0:0 n/out "H"',
    ]);
  });

  test("to an unchanged file of the base, so that all names are entries", async () => {
    const base = tree({ "n/a": "H" });
    expect(await layerOf(base, { from, src: "d", dest: "/n" })).toEqual([
      "d 0755 0:0 n",
      'f 0644 0:0 n/a "H"',
      "h 0644 0:0 n/b -> n/a",
      "d 0755 0:0 n/c",
      'f 0644 0:0 n/c/k "Z"',
      "h 0644 0:0 n/z -> n/c/k",
    ]);
  });

  test("that the base also has are not written again", async () => {
    const base = tree({ "n/a": "H", "n/b": hardLink("n/a"), "n/c/k": "Z", "n/z": hardLink("n/c/k") });
    expect(await layerOf(base, { from, src: "d", dest: "/n" })).toEqual([]);
  });

  test.each(["a", "b"])("that the base has between names of which only %s is written", async (name) => {
    const base = tree({ "n/a": "H", "n/b": hardLink("n/a") });
    const lines = await layerOf(base, { from, src: `d/${name}`, dest: "/n/" });
    expect(lines).toEqual(["d 0755 0:0 n now", `f 0644 0:0 n/${name} "H"`]);
  });

  test("survive when another source replaces the first name", async () => {
    const more = tree({ "d/a": "H", "d/b": hardLink("d/a"), "e/a": "new" });
    expect(await layerOf(scratch, { from: more, src: "d e", dest: "/n" })).toEqual([
      "d 0755 0:0 n",
      'f 0644 0:0 n/a "new"',
      'f 0644 0:0 n/b "H"',
    ]);
  });

  test("without a target are an error", async () => {
    const odd = tree({ "d/x": hardLink("gone") });
    await expect(layerOf(scratch, { from: odd, src: "d", dest: "/n" })).rejects.toThrow(
      "hard link /d/x leads to no file: /gone",
    );
  });
});

test("an empty directory is copied as it is", async () => {
  const from = tree({ e: dir({ mode: 0o1777 }) });
  expect(await layerOf(scratch, { from, src: ".", dest: "/n" })).toEqual([
    "d 0755 0:0 n now",
    "d 1777 0:0 n/e",
  ]);
});

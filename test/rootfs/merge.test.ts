import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mergeLayers } from "../../src/rootfs/merge.ts";
import type { Node, Tree } from "../../src/rootfs/tree.ts";
import { collect } from "../../src/streams/collect.ts";
import { comparePaths } from "../../src/tar/text.ts";
import { type MemoryEntry, memoryTree } from "../helpers/memory-tree.ts";

/** Layers from lists of paths: `d/` is a directory, other paths are files that contain the number of their layer. */
function layers(...lists: (string | MemoryEntry)[][]) {
  return lists.map((list, number) =>
    memoryTree(
      list.map((item) => {
        if (typeof item !== "string") return item;
        return item.endsWith("/")
          ? { path: item.slice(0, -1), type: "dir" as const, mode: 0o700 + number }
          : { path: item, contents: `${number}` };
      }),
    ),
  );
}

const pathsOf = (nodes: Iterable<Node>) => [...nodes].map(({ path }) => path);

async function contentsOf(tree: Tree, path: string): Promise<string> {
  const node = tree.lookup(path);
  if (node === undefined) return "nothing";
  return new TextDecoder().decode(await collect(tree.read(node), 1000));
}

test("without layers there is an empty root", () => {
  const tree = mergeLayers([]);
  expect(tree.lookup("")).toMatchObject({ path: "", type: "dir", mode: 0o755 });
  expect(pathsOf(tree.walk(""))).toEqual([]);
  expect(tree.lookup("a")).toBeUndefined();
});

test("directories are merged, and files replace files", async () => {
  const tree = mergeLayers(layers(["d/a", "d/b", "x"], ["d/b", "d/c", "y"]));
  expect(pathsOf(tree.walk(""))).toEqual(["d", "d/a", "d/b", "d/c", "x", "y"]);
  expect(pathsOf(tree.children("d"))).toEqual(["d/a", "d/b", "d/c"]);
  expect(await Promise.all(["d/a", "d/b", "d/c"].map((path) => contentsOf(tree, path)))).toEqual([
    "0",
    "1",
    "1",
  ]);
});

test("a directory has the metadata of the highest layer that contains it", () => {
  const tree = mergeLayers(layers(["d/"], ["d/", "d/a"], ["d/b"]));
  expect(tree.lookup("d")).toMatchObject({ mode: 0o701 });
  expect([...tree.children("")]).toMatchObject([{ path: "d", mode: 0o701 }]);
});

describe("whiteouts", () => {
  test("hide a file, or a directory with all its entries", () => {
    const tree = mergeLayers(layers(["a", "d/e/f", "g"], [".wh.a", ".wh.d"]));
    expect(pathsOf(tree.walk(""))).toEqual(["g"]);
    expect(tree.lookup("d/e/f")).toBeUndefined();
    expect(pathsOf(tree.children("d"))).toEqual([]);
  });

  test("do not hide entries of their own layer", () => {
    const tree = mergeLayers(layers(["d/old", "a"], [".wh.d", "d/new", ".wh.a", "a"]));
    expect(pathsOf(tree.walk(""))).toEqual(["a", "d", "d/new"]);
  });

  test("apply to lower layers only", () => {
    const tree = mergeLayers(layers(["d/a"], [".wh.d"], ["d/b"]));
    expect(pathsOf(tree.walk(""))).toEqual(["d", "d/b"]);
  });

  test("that are opaque hide all entries of lower layers in the directory, which stays", async () => {
    const tree = mergeLayers(layers(["d/", "d/a", "d/e/f"], ["d/.wh..wh..opq", "d/b", "d/e/g"]));
    expect(pathsOf(tree.walk(""))).toEqual(["d", "d/b", "d/e", "d/e/g"]);
    expect(tree.lookup("d/a")).toBeUndefined();
  });

  test("that are opaque at the root hide everything below", () => {
    expect(pathsOf(mergeLayers(layers(["a", "d/b"], [".wh..wh..opq", "c"])).walk(""))).toEqual(["c"]);
  });

  test("are never visible", () => {
    const tree = mergeLayers(layers([".wh.none", "d/.wh..wh..opq", ".wh..wh.plnk/1.2", "d/.wh."], ["d/x"]));
    expect(pathsOf(tree.walk(""))).toEqual(["d", "d/x"]);
    for (const path of [".wh.none", "d/.wh..wh..opq", ".wh..wh.plnk", ".wh..wh.plnk/1.2", "d/.wh."]) {
      expect(tree.lookup(path), path).toBeUndefined();
    }
  });
});

describe("replacements", () => {
  test("a file hides a directory and all its entries", () => {
    const tree = mergeLayers(layers(["d/a", "d/e/f"], ["d"]));
    expect(pathsOf(tree.walk(""))).toEqual(["d"]);
    expect(tree.lookup("d/a")).toBeUndefined();
  });

  test("a directory hides a file, and with it the entries of an earlier directory", () => {
    const tree = mergeLayers(layers(["d/a"], ["d"], ["d/b"]));
    expect(pathsOf(tree.walk(""))).toEqual(["d", "d/b"]);
  });

  test("a link hides a directory, which entries of a higher layer below its path create again", () => {
    const link: MemoryEntry = { path: "lib", type: "symlink", linkname: "usr/lib" };
    expect(pathsOf(mergeLayers(layers(["lib/a"], [link])).walk(""))).toEqual(["lib"]);
    expect(pathsOf(mergeLayers(layers(["lib/a"], [link], ["lib/b"])).walk(""))).toEqual(["lib", "lib/b"]);
  });
});

describe("hard links", () => {
  const link: MemoryEntry = { path: "b", type: "hardlink", linkname: "a" };

  test("stay links as long as their target exists", async () => {
    const tree = mergeLayers(layers(["a", link], ["c"]));
    expect(tree.lookup("b")).toMatchObject({ type: "hardlink", linkname: "a" });
  });

  test.each([
    ["replaces", "a"],
    ["removes", ".wh.a"],
  ])("are files when a higher layer %s the target", async (_, change) => {
    const tree = mergeLayers(layers(["a", link], [change]));
    expect(tree.lookup("b")).toMatchObject({ path: "b", type: "file", size: 1 });
    expect([...tree.walk("")].at(-1)).toMatchObject({ path: "b", type: "file", size: 1 });
    expect(await contentsOf(tree, "b")).toBe("0");
  });

  test.each([
    ["replaces", ["a"]],
    ["removes", [".wh.a"]],
    ["removes, with the first link,", [".wh.a", ".wh.B"]],
  ])("stay links of each other when a higher layer %s the target", async (_, change) => {
    const links = ["B", "b", "d/c"].map((path): MemoryEntry => ({ path, type: "hardlink", linkname: "a" }));
    const tree = mergeLayers(layers(["a", ...links], change));
    const names = ["B", "b", "d/c"].filter((path) => tree.lookup(path) !== undefined);
    const [first = "", ...others] = names;
    expect(names).toHaveLength(change.length === 2 ? 2 : 3);
    expect(tree.lookup(first)).toMatchObject({ type: "file", size: 1 });
    for (const name of others) {
      expect(tree.lookup(name)).toMatchObject({ path: name, type: "hardlink", linkname: first });
      expect([...tree.walk("")]).toContainEqual(tree.lookup(name));
    }
    expect(await contentsOf(tree, first)).toBe("0");
  });
});

/** Unpacks layers one after the other, as the specification describes. */
function unpacked(lists: string[][]): string[] {
  let paths = new Set<string>();
  const remove = (gone: string, itself: boolean) => {
    paths = new Set([...paths].filter((path) => !(path.startsWith(`${gone}/`) || (itself && path === gone))));
  };
  for (const list of lists) {
    for (const path of list) {
      const slash = path.lastIndexOf("/");
      const [parent, name] = [path.slice(0, Math.max(0, slash)), path.slice(slash + 1)];
      if (name === ".wh..wh..opq") parent === "" ? paths.clear() : remove(parent, false);
      else if (name.startsWith(".wh.")) remove(`${parent}${parent && "/"}${name.slice(4)}`, true);
    }
    for (const path of list) {
      const parts = path.split("/");
      const whiteout = parts.findIndex((part) => part.startsWith(".wh."));
      const depth = whiteout < 0 ? parts.length : whiteout;
      for (let i = 1; i <= depth; i++) paths.add(parts.slice(0, i).join("/"));
    }
  }
  return [...paths].sort(comparePaths);
}

test("law: merging layers equals unpacking them in order", () => {
  const aName = fc.constantFrom("a", "b", "c");
  const aDir = fc.array(aName, { minLength: 0, maxLength: 2 });
  // Directories have lower case, files upper case, so that neither replaces the other.
  const aFile = fc.tuple(aDir, aName).map(([dirs, name]) => [...dirs, name.toUpperCase()].join("/"));
  const aWhiteout = fc
    .tuple(aDir, fc.constantFrom(".wh.a", ".wh.b", ".wh.A", ".wh.B", ".wh..wh..opq"))
    .map(([dirs, name]) => [...dirs, name].join("/"));
  const aLayer = fc.uniqueArray(fc.oneof(aFile, aFile, aWhiteout), { maxLength: 8 });
  fc.assert(
    fc.property(fc.array(aLayer, { maxLength: 4 }), (lists) => {
      const tree = mergeLayers(layers(...lists));
      const walked = [...tree.walk("")];
      expect(pathsOf(walked)).toEqual(unpacked(lists));
      for (const node of walked) {
        expect(tree.lookup(node.path)).toMatchObject({ path: node.path, type: node.type, size: node.size });
      }
    }),
    { numRuns: 500 },
  );
});

import { describe, expect, test } from "vitest";
import { followLinks, linksOf } from "../../src/context/follow-links.ts";
import { TableBuilder } from "../../src/rootfs/table-builder.ts";

/** A tree of files, directories (`d/`) and symbolic links (`name -> target`). */
function treeOf(...entries: string[]) {
  const builder = new TableBuilder();
  const common = { uid: 0, gid: 0, mtime: 0, size: 0 };
  for (const entry of entries) {
    const [path = "", linkname] = entry.split(" -> ");
    if (linkname !== undefined) builder.add({ path, type: "symlink", mode: 0o777, linkname, ...common });
    else if (path.endsWith("/"))
      builder.add({ path: path.slice(0, -1), type: "dir", mode: 0o755, ...common });
    else builder.add({ path, type: "file", mode: 0o644, ...common });
  }
  return builder.finish();
}

const tree = treeOf(
  "a/x",
  "a/y",
  "current -> releases/5",
  "releases/5/app",
  "absolute -> /a",
  "deep/up -> ../../../a/x",
  "loop -> loop",
  "nested -> nested/nested",
  "root -> .",
  "links/one -> ../a/x",
  "links/two -> /releases/5",
  "chain -> current",
);
const follow = (...paths: string[]) => followLinks(paths, linksOf(tree));

describe("include patterns", () => {
  test.each([
    [["a"], ["a"]],
    [
      ["a/x", "a"],
      ["a", "a/x"],
    ],
    [["missing/path"], ["missing/path"]],
    [["a/*"], ["a/*"]],
    [["current/app"], ["current", "releases/5/app"]],
    [["chain/app"], ["chain", "current", "releases/5/app"]],
    [["absolute/x"], ["a/x", "absolute"]],
    [["deep/up"], ["a/x", "deep/up"]],
    [["links/*"], ["a/x", "links/*", "releases/5"]],
    [["links/t*/app"], ["links/t*", "releases/5/app"]],
    [["../a/./x/"], ["a/x"]],
    [
      ["a[", "a"],
      ["a", "a["],
    ],
  ])("of %j are %j", (paths, expected) => {
    expect(follow(...paths)).toEqual(expected);
  });

  test.each([["."], ["/"], ["root"], ["a/.."]])("%j is the whole context", (path) => {
    expect(follow(path)).toBeUndefined();
  });

  test("of no paths are empty", () => {
    expect(follow()).toEqual([]);
  });

  test("follow a link for every path that goes through it", () => {
    expect(follow("absolute/x", "absolute/y")).toEqual(["a/x", "a/y", "absolute"]);
  });

  test("are finite for links that lead through themselves", () => {
    expect(follow("loop/x")).toEqual(["loop"]);
    expect(follow("nested/x")).toContain("nested");
  });
});

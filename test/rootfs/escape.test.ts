import { describe, expect, test } from "vitest";
import { EntryError } from "../../src/rootfs/entry-error.ts";
import { resolvePath, TooManyLinksError } from "../../src/rootfs/resolve.ts";
import { TableBuilder } from "../../src/rootfs/table-builder.ts";
import type { Node } from "../../src/rootfs/tree.ts";
import { memoryTree } from "../helpers/memory-tree.ts";

const link = (path: string, linkname: string) => ({ path, type: "symlink" as const, linkname });
const entry = (path: string, rest: Partial<Node> = {}): Node => ({
  ...{ path, type: "file", mode: 0o644, uid: 0, gid: 0, mtime: 0, size: 0 },
  ...rest,
});

describe("links that try to leave the root", () => {
  test.each([
    ["climbs", "../../../../etc/shadow", "etc/shadow"],
    ["is absolute", "/etc/shadow", "etc/shadow"],
    ["is absolute and climbs", "/../../etc/shadow", "etc/shadow"],
    ["climbs in the middle", "a/../../../etc/shadow", "etc/shadow"],
    ["is the root", "/", ""],
    ["is above the root", "..", ""],
  ])("a target that %s stays in the root", (_, target, expected) => {
    const tree = memoryTree([link("d/evil", target), { path: "etc/shadow" }]);
    expect(resolvePath(tree, "d/evil").path).toBe(expected);
    expect(resolvePath(tree, "d/evil/x").path).toBe(expected === "" ? "x" : `${expected}/x`);
  });

  test("`..` after a link is relative to its target, as in the kernel", () => {
    const tree = memoryTree([link("deep", "a/b/c"), { path: "a/b/c/d" }]);
    expect(resolvePath(tree, "deep/../x").path).toBe("a/b/x");
  });
});

describe("entries written through links", () => {
  test("are written at the link's target within the root", () => {
    const builder = new TableBuilder();
    builder.add({ ...entry("evil"), type: "symlink", linkname: "../../../root/.ssh" });
    builder.add(entry("evil/authorized_keys"));
    const table = builder.finish();
    expect([...table.walk("")].map(({ path }) => path)).toEqual([
      "evil",
      "root",
      "root/.ssh",
      "root/.ssh/authorized_keys",
    ]);
  });

  test("a hard link through a link links within the root", () => {
    const builder = new TableBuilder();
    builder.add(entry("etc/shadow", { digest: `sha256:${"0".repeat(64)}` }));
    builder.add({ ...entry("evil"), type: "symlink", linkname: "/../etc" });
    builder.add({ ...entry("copy"), type: "hardlink", linkname: "evil/shadow" });
    expect(builder.lookup("copy")).toMatchObject({ linkname: "etc/shadow" });
  });

  test("a file below a link to a file is rejected", () => {
    const builder = new TableBuilder();
    builder.add(entry("file"));
    builder.add({ ...entry("evil"), type: "symlink", linkname: "file" });
    expect(() => builder.add(entry("evil/x"))).toThrow(EntryError);
  });
});

describe("links that never end", () => {
  test.each([
    ["itself", { a: "a" }],
    ["each other", { a: "b", b: "a" }],
    ["something longer each time", { a: "a/a" }],
    ["itself by way of the root", { a: "/./a/../a" }],
  ])("to %s give an error", (_, links) => {
    const tree = memoryTree(Object.entries(links).map(([from, to]) => link(from, to)));
    expect(() => resolvePath(tree, "a")).toThrow(TooManyLinksError);
    expect(() => resolvePath(tree, "a/b")).toThrow(TooManyLinksError);
  });

  test("an entry below one gives an error and not a hang", () => {
    const builder = new TableBuilder();
    builder.add({ ...entry("a"), type: "symlink", linkname: "a/a" });
    expect(() => builder.add(entry("a/x"))).toThrow(EntryError);
  });
});

test("names of properties of Object.prototype are ordinary names", () => {
  const tree = memoryTree([{ path: "__proto__/constructor", contents: "x" }, { path: "toString" }]);
  expect(tree.lookup("__proto__/constructor")).toMatchObject({ size: 1 });
  expect(tree.lookup("constructor")).toBeUndefined();
  expect([...tree.children("")].map(({ path }) => path)).toEqual(["__proto__", "toString"]);
});

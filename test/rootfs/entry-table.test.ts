import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { EntryError } from "../../src/rootfs/entry-error.ts";
import { EntryTable, type Verdict } from "../../src/rootfs/entry-table.ts";
import { TableBuilder } from "../../src/rootfs/table-builder.ts";
import type { Node } from "../../src/rootfs/tree.ts";
import { sha256 } from "../../src/streams/sha256.ts";
import { atOnce } from "../../src/streams/turns.ts";
import { comparePaths } from "../../src/tar/text.ts";

const file = (path: string, contents = path): Node => ({
  ...{ path, type: "file", mode: 0o644, uid: 0, gid: 0, mtime: 0 },
  size: contents.length,
  digest: sha256(contents),
});
const dir = (path: string): Node => ({ ...plain, path, type: "dir", mode: 0o750 });
const link = (path: string, linkname: string): Node => ({ ...plain, path, type: "symlink", linkname });
const hardLink = (path: string, linkname: string): Node => ({ ...plain, path, type: "hardlink", linkname });
const plain = { mode: 0o777, uid: 1, gid: 2, mtime: 3.5, size: 0 };

function table(...nodes: Node[]): EntryTable {
  const builder = new TableBuilder();
  for (const node of nodes) builder.add(node);
  return builder.finish();
}

const storedLines = (built: EntryTable) => [...built.chunks()].map(({ bytes }) => bytes);
const pathsOf = (nodes: Iterable<Node>) => [...nodes].map(({ path }) => path);

/** Names that JSON escapes, that are not ASCII, that are no UTF-8, and that order differently by UTF-16. */
const names = [
  "a",
  "b",
  "a.b",
  "a b",
  'q"',
  "back\\slash",
  "\n",
  "é",
  "\u{1f600}",
  "\ufffd",
  "\udc80",
  "\x7f",
];
const aPath = fc
  .array(fc.constantFrom(...names), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join("/"));

describe("laws", () => {
  test("yields entries in path order with all their parents, for any order of adding them", () => {
    fc.assert(
      fc.property(fc.array(aPath, { maxLength: 40 }), (paths) => {
        // Directories only, so that nothing is below a file.
        const built = table(...paths.map(dir));
        const expected = new Set([""]);
        for (const path of paths) {
          const parts = path.split("/");
          for (let depth = 1; depth <= parts.length; depth++) expected.add(parts.slice(0, depth).join("/"));
        }
        const sorted = [...expected].sort(comparePaths);
        expect(["", ...pathsOf(built.walk(""))]).toEqual(sorted);
        for (const path of sorted) {
          expect(built.lookup(path)?.path).toBe(path);
          expect(built.lookup(path)?.implied ?? false).toBe(!paths.includes(path));
          const below = sorted.filter(
            (other) => other !== path && (path === "" || other.startsWith(`${path}/`)),
          );
          expect(pathsOf(built.walk(path))).toEqual(below);
          const depth = path === "" ? 1 : path.split("/").length + 1;
          expect(pathsOf(built.children(path))).toEqual(
            below.filter((other) => other.split("/").length === depth),
          );
        }
      }),
    );
  });

  test("a missing path is not found", () => {
    fc.assert(
      fc.property(fc.array(aPath, { maxLength: 10 }), aPath, (paths, other) => {
        const built = table(...paths.map(dir));
        const there = paths.some((path) => path === other || path.startsWith(`${other}/`));
        expect(built.lookup(other) !== undefined).toBe(there);
      }),
    );
  });

  test("a node is returned as it was added, also from stored lines", () => {
    const aNode = fc.record({
      path: aPath,
      type: fc.constantFrom("file", "dir", "symlink", "char", "fifo"),
      mode: fc.integer({ min: 0, max: 0o7777 }),
      uid: fc.nat(),
      gid: fc.nat(),
      mtime: fc.double({ noNaN: true, noDefaultInfinity: true }).map((time) => time + 0),
      xattrs: fc.option(fc.dictionary(fc.constantFrom("user.a", "user.b"), fc.base64String()), {
        nil: undefined,
      }),
    });
    fc.assert(
      fc.property(aNode, fc.constantFrom(...names), ({ xattrs, type, ...rest }, target) => {
        const node = {
          ...rest,
          type,
          size: 0,
          ...(type === "file" && { size: 5, digest: sha256("hello") }),
          ...(type === "symlink" && { linkname: target }),
          ...(type === "char" && { device: { major: 1, minor: 3 } }),
          ...(xattrs && { xattrs: { ...xattrs } }),
        } as Node;
        const built = table(node);
        expect(built.lookup(node.path)).toEqual(node);
        expect([...atOnce(EntryTable.fromLines(storedLines(built))).walk("")]).toEqual([...built.walk("")]);
      }),
    );
  });
});

describe("unpacking order", () => {
  test("a later entry replaces an earlier one", () => {
    expect(table(file("a", "old"), file("a", "newer")).lookup("a")).toMatchObject({ size: 5 });
  });

  test("a directory stated late keeps its contents", () => {
    const built = table(file("d/f"), dir("d"));
    expect(built.lookup("d")).toEqual(dir("d"));
    expect(pathsOf(built.walk(""))).toEqual(["d", "d/f"]);
  });

  test("a file that replaces a directory removes its contents", () => {
    const built = table(file("d/e/f"), file("d-e"), file("d"));
    expect(pathsOf(built.walk(""))).toEqual(["d", "d-e"]);
    expect(built.lookup("d/e/f")).toBeUndefined();
    expect([...built.children("d")]).toEqual([]);
  });

  test("entries below a file are rejected", () => {
    expect(() => table(file("a"), file("a/b"))).toThrow(EntryError);
    expect(() => table(file("a"), file("a/b/c/d"))).toThrow(
      'Cannot place the entry "a/b/c/d": "a" is not a directory',
    );
  });

  test("an entry below a link is written to the link's target", () => {
    const built = table(
      dir("usr/lib"),
      link("lib", "usr/lib"),
      file("lib/x"),
      link("a", "/lib"),
      file("a/y"),
    );
    expect(pathsOf(built.walk("usr"))).toEqual(["usr/lib", "usr/lib/x", "usr/lib/y"]);
    expect(pathsOf(built.children(""))).toEqual(["a", "lib", "usr"]);
  });

  test("a link that replaced a directory is followed", () => {
    const built = table(dir("real"), file("d/old"), link("d", "real"), file("d/new"));
    expect(pathsOf(built.walk(""))).toEqual(["d", "real", "real/new"]);
  });

  test("an entry with a megabyte of attributes is rejected", () => {
    const xattrs = { "user.a": "A".repeat(1024 * 1024) };
    expect(() => table({ ...file("a"), xattrs })).toThrow('"a": its extended attributes are too large');
  });

  test("more entries than allowed are rejected, including implied ones", () => {
    const builder = new TableBuilder({ maxEntries: 4 });
    builder.add(file("a/b/c"));
    expect(() => builder.add(file("d"))).toThrow('Cannot place the entry "d": there are more than 4 entries');
  });
});

describe("hard links", () => {
  test("have the digest of their target, through further links too", () => {
    const built = table(file("a"), hardLink("b", "a"), hardLink("c", "b"));
    expect(built.lookup("c")).toEqual({ ...hardLink("c", "a"), digest: sha256("a") });
  });

  test("keep their contents when the target is replaced", () => {
    const built = table(file("a", "old"), hardLink("b", "a"), file("a", "newer"));
    expect(built.lookup("b")).toEqual({
      ...hardLink("b", ""),
      type: "file",
      size: 3,
      digest: sha256("old"),
      linkname: undefined,
    });
  });

  test("to symbolic links and devices have their type", () => {
    const built = table(link("a", "x"), hardLink("b", "a"));
    expect(built.lookup("b")).toEqual(link("b", "x"));
  });

  test("to a missing entry or a directory are rejected", () => {
    expect(() => table(hardLink("b", "a"))).toThrow('"b": its target "a" does not exist');
    expect(() => table(dir("a"), hardLink("b", "a"))).toThrow('"b": its target "a" is a directory');
  });

  test("to themselves change nothing", () => {
    expect(table(file("a"), hardLink("a", "a")).lookup("a")).toEqual(file("a"));
    expect(table(file("a"), hardLink("b", "a"), hardLink("a", "b")).lookup("a")).toEqual(file("a"));
  });
});

describe("filter", () => {
  const filterOf = (tree: EntryTable, judge: (path: string) => Verdict) =>
    atOnce(
      tree.filter(function* (path) {
        yield 1;
        return judge(path);
      }),
    );
  const filter = (judge: (path: string) => Verdict) => filterOf(whole, judge);
  const whole = table(file("a/b/c"), file("a/d"), file("e"), hardLink("f", "e"));

  test("drops the entries below a dropped directory", () => {
    const part = filter((path) => (path === "a" ? "drop" : "keep"));
    expect(pathsOf(part.walk(""))).toEqual(["e", "f"]);
    expect(part.lookup("a/d")).toBeUndefined();
    expect(pathsOf(whole.walk(""))).toEqual(["a", "a/b", "a/b/c", "a/d", "e", "f"]);
  });

  test("keeps a directory that is only entered when an entry in it is kept", () => {
    const keep = (kept: string) => filter((path) => (path === kept ? "keep" : "enter"));
    expect(pathsOf(keep("a/b/c").walk(""))).toEqual(["a", "a/b", "a/b/c"]);
    expect(pathsOf(keep("a/d").walk(""))).toEqual(["a", "a/d"]);
    expect(pathsOf(keep("none").walk(""))).toEqual([]);
  });

  test("turns a hard link whose target is dropped into a file", () => {
    const part = filter((path) => (path === "e" ? "drop" : "keep"));
    expect(part.lookup("f")).toMatchObject({ type: "file", size: 1, digest: sha256("e") });
    expect(whole.lookup("f")).toMatchObject({ type: "hardlink", linkname: "e" });
  });

  test("keeps hard links of each other when their target is dropped", () => {
    const links = table(file("e"), hardLink("f", "e"), hardLink("g/h", "e"));
    const part = filterOf(links, (path) => (path === "e" ? "drop" : "keep"));
    expect(part.lookup("f")).toMatchObject({ type: "file", size: 1, digest: sha256("e") });
    expect(part.lookup("g/h")).toMatchObject({ type: "hardlink", linkname: "f", digest: sha256("e") });
  });
});

test("a table of many entries takes about 150 bytes for each, and more than one segment", () => {
  const nodes = Array.from({ length: 40_000 }, (_, i) =>
    file(`directory-${i % 100}/a/file/of/some/depth/${i}`),
  );
  const built = table(...nodes);
  const stored = storedLines(built);
  expect(stored.reduce((sum, { length }) => sum + length, 0)).toBeLessThan(40_000 * 160);
  const opened = atOnce(EntryTable.fromLines(stored));
  for (const node of nodes.slice(0, 1000)) expect(opened.lookup(node.path)).toEqual(node);
});

test("lines that are cut off are rejected", () => {
  const lines = [new TextEncoder().encode('["","d",493,0,0,0,0]')];
  expect(() => atOnce(EntryTable.fromLines(lines))).toThrow(RangeError);
});

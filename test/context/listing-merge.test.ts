import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ListingError } from "../../src/context/listing-error.ts";
import { ListingMerge } from "../../src/context/listing-merge.ts";
import type { ListingItem } from "../../src/context/posted-listing.ts";
import type { Node } from "../../src/rootfs/tree.ts";
import { atOnce } from "../../src/streams/turns.ts";
import { comparePaths } from "../../src/tar/text.ts";
import { nodeOf, type TreeEntry, tree } from "../helpers/tree.ts";

type Entries = Record<string, TreeEntry>;

function merged(base: Iterable<Node>, items: readonly ListingItem[]): Node[] {
  const taken: Node[] = [];
  const merge = new ListingMerge(
    [...base].map((node) => ({ node })),
    (node) => taken.push(node),
  );
  for (const item of items) atOnce(merge.add(item));
  atOnce(merge.end());
  return taken;
}

const nodes = (entries: Entries): Node[] => [...tree(entries).walk("")];
const gone = (path: string): ListingItem => ({ path, removed: true });
const base = nodes({ a: "1", "d/x": "1", "d/y/z": "1", "d.txt": "1" });

describe("a listing over another", () => {
  test.each<[string, ListingItem[], Entries]>([
    ["nothing", [], { a: "1", "d/x": "1", "d/y/z": "1", "d.txt": "1" }],
    ["another file", [nodeOf("a", "2")], { a: "2", "d/x": "1", "d/y/z": "1", "d.txt": "1" }],
    ["a new one", [nodeOf("d/w", "2")], { a: "1", "d/w": "2", "d/x": "1", "d/y/z": "1", "d.txt": "1" }],
    ["one at the end", [nodeOf("z", "2")], { a: "1", "d/x": "1", "d/y/z": "1", "d.txt": "1", z: "2" }],
    ["one less", [gone("d/x")], { a: "1", "d/y/z": "1", "d.txt": "1" }],
    ["a directory less", [gone("d")], { a: "1", "d.txt": "1" }],
    ["a file for a directory", [nodeOf("d", "2")], { a: "1", d: "2", "d.txt": "1" }],
  ])("%s", (_, items, expected) => {
    expect(merged(base, items)).toEqual(nodes(expected));
  });

  test("a directory keeps its entries", () => {
    const changed: Node = { ...nodeOf("d", { type: "dir" }), mode: 0o700 };
    const expected = base.map((node) => (node.path === "d" ? changed : node));
    expect(merged(base, [changed])).toEqual(expected);
  });
});

test.each<[string, ListingItem[], string]>([
  ["twice", [nodeOf("a", "1"), nodeOf("a", "2")], "out of order"],
  ["backwards", [nodeOf("b", "1"), nodeOf("a", "2")], "out of order"],
  ["in the order of text", [nodeOf("d.txt", "1"), nodeOf("d/x", "2")], "out of order"],
  ["removed, but not there", [gone("b")], "the base has no such entry"],
  ["removed with its directory", [gone("d"), gone("d/x")], "the base has no such entry"],
])("items are rejected: %s", (_, items, reason) => {
  expect(() => merged(base, items)).toThrow(ListingError);
  expect(() => merged(base, items)).toThrow(reason);
});

test("applying the differences of two listings gives the second", () => {
  const name = fc.constantFrom("a", "b", "b.", "c");
  const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join("/"));
  const some = fc.dictionary(path, fc.constantFrom("1", "2")).map((files) => {
    // A file has nothing below it.
    const paths = Object.keys(files);
    return nodes(
      Object.fromEntries(
        Object.entries(files).filter(([file]) => !paths.some((other) => other.startsWith(`${file}/`))),
      ),
    );
  });
  fc.assert(
    fc.property(some, some, (before, after) => {
      const old = new Map(before.map((node) => [node.path, node]));
      const paths = new Set(after.map((node) => node.path));
      const stays = (path: string) => [...paths].some((other) => other === path);
      const removed = before
        .map(({ path: one }) => one)
        .filter((one) => !stays(one))
        .filter((one) => {
          const parent = one.slice(0, Math.max(0, one.lastIndexOf("/")));
          return parent === "" || after.some((node) => node.path === parent && node.type === "dir");
        })
        .map(gone);
      const changed = after.filter((node) => JSON.stringify(old.get(node.path)) !== JSON.stringify(node));
      const items = [...removed, ...changed].sort((a, b) => comparePaths(a.path, b.path));
      expect(merged(before, items)).toEqual(after);
    }),
    { numRuns: 300 },
  );
});

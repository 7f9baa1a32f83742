import { describe, expect, test } from "vitest";
import { listingDigest } from "../../src/context/listing.ts";
import { formatListingLine } from "../../src/rootfs/listing-line.ts";
import { sha256 } from "../../src/streams/sha256.ts";
import { type MemoryEntry, memoryTree } from "../helpers/memory-tree.ts";

const entries: MemoryEntry[] = [
  { path: "a", contents: "x", mode: 0o755, uid: 1, gid: 2 },
  { path: "d", type: "dir" },
  { path: "d/link", type: "symlink", linkname: "../a" },
  { path: "d/null", type: "char", device: { major: 1, minor: 3 }, xattrs: { "user.a": "eA==" } },
];

test("a listing is one line of JSON for each entry", () => {
  const tree = memoryTree(entries);
  const lines = [...tree.walk("")].map(formatListingLine);
  expect(lines).toEqual([
    `["a","file",493,1,2,1,"${sha256("x")}"]`,
    '["d","dir",493,0,0,0,""]',
    '["d/link","symlink",511,0,0,0,"../a"]',
    '["d/null","char",420,0,0,0,"",{"device":[1,3],"xattrs":{"user.a":"eA=="}}]',
  ]);
  expect(listingDigest(tree)).toBe(sha256(lines.map((line) => `${line}\n`).join("")));
});

test("the digest of many entries is that of all their lines", () => {
  const tree = memoryTree(Array.from({ length: 2500 }, (_, i) => ({ path: `f${i}`, contents: `${i}` })));
  const lines = [...tree.walk("")].map((node) => `${formatListingLine(node)}\n`);
  expect(listingDigest(tree)).toBe(sha256(lines.join("")));
});

describe("the digest", () => {
  const digest = listingDigest(memoryTree(entries));
  const changed = (change: Partial<MemoryEntry>, path = "a") =>
    listingDigest(
      memoryTree(entries.map((entry) => (entry.path === path ? { ...entry, ...change } : entry))),
    );

  test.each<[string, Partial<MemoryEntry>, string?]>([
    ["contents", { contents: "y" }],
    ["mode", { mode: 0o644 }],
    ["owner", { uid: 0 }],
    ["group", { gid: 0 }],
    ["name", { path: "b" }],
    ["type", { type: "dir" }, "d/link"],
    ["link target", { linkname: "a" }, "d/link"],
    ["device", { device: { major: 1, minor: 5 } }, "d/null"],
    ["extended attribute", { xattrs: { "user.a": "eQ==" } }, "d/null"],
  ])("changes with the %s", (_, change, path) => {
    expect(changed(change, path)).not.toBe(digest);
  });

  test("does not change with the time, the order of entries, or the root", () => {
    expect(changed({ mtime: 99 })).toBe(digest);
    expect(listingDigest(memoryTree(entries.toReversed()))).toBe(digest);
    expect(listingDigest(memoryTree([{ path: "", type: "dir", mode: 0o700 }, ...entries]))).toBe(digest);
  });
});

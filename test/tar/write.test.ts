import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Entry } from "../../src/tar/entry.ts";
import { encodeName } from "../../src/tar/text.ts";
import { encodeMember, endOfArchive, padding } from "../../src/tar/write.ts";
import { archive, entry, member, readAll, readOne, text } from "./archive.ts";

describe("encodeMember", () => {
  it("needs one block for an ordinary entry", () => {
    const header = encodeMember(
      entry({ path: "usr/bin/env", mode: 0o4755, uid: 1000, gid: 100, mtime: 315532800, size: 12345 }),
    );
    expect(header).toHaveLength(512);
    const field = (at: number, length: number) => text(header.subarray(at, at + length));
    expect(field(0, 12)).toBe("usr/bin/env\0");
    expect(field(100, 8)).toBe("0004755\0");
    expect(field(108, 8)).toBe("0001750\0");
    expect(field(116, 8)).toBe("0000144\0");
    expect(field(124, 12)).toBe("00000030071\0");
    expect(field(136, 12)).toBe("02263523000\0");
    expect(field(148, 8)).toMatch(/^0\d{5}\0 $/);
    expect(field(156, 1)).toBe("0");
    expect(field(257, 8)).toBe("ustar\x0000");
  });

  it.each([
    ["a name of 100 bytes", { path: "n".repeat(100) }],
    ["a name that can be divided", { path: `${"p".repeat(155)}/${"n".repeat(100)}` }],
    ["the largest owner", { path: "f", uid: 0o7777777, gid: 0o7777777 }],
    ["the largest size", { path: "f", size: 2 ** 33 - 1 }],
    ["a target of 100 bytes", { path: "l", type: "symlink", linkname: "t".repeat(100) }],
    ["a directory of 99 bytes", { path: "d".repeat(99), type: "dir" }],
  ] as const)("needs one block for %s", (_, given) => {
    expect(encodeMember(entry(given))).toHaveLength(512);
  });

  it.each([
    ["a name of 101 bytes", { path: "n".repeat(101) }],
    ["a name that cannot be divided", { path: `${"p".repeat(156)}/n` }],
    ["a directory of 100 bytes", { path: "d".repeat(100), type: "dir" }],
    ["a non-ASCII name", { path: "é" }],
    ["a name that is not UTF-8", { path: "\udcff" }],
    ["a non-ASCII target", { path: "l", type: "symlink", linkname: "é" }],
    ["a long target", { path: "l", type: "hardlink", linkname: "t".repeat(101) }],
    ["a large owner", { path: "f", uid: 2 ** 21 }],
    ["a large group", { path: "f", gid: 2 ** 32 - 1 }],
    ["a fraction of a second", { path: "f", mtime: 1.5 }],
    ["a time before 1970", { path: "f", mtime: -1 }],
    ["a time far ahead", { path: "f", mtime: 2 ** 33 }],
    ["an extended attribute", { path: "f", xattrs: { "user.a": btoa("x") } }],
    ["a large device number", { path: "c", type: "char", device: { major: 2 ** 21, minor: 0 } }],
  ] as const)("needs a pax header for %s", async (_, given) => {
    const blocks = encodeMember(entry(given as Partial<Entry> & { path: string }));
    expect(blocks).toHaveLength(1536);
    expect(text(blocks.subarray(156, 157))).toBe("x");
    expect(await readOne(archive(blocks))).toEqual(entry(given as Partial<Entry> & { path: string }));
  });

  it("writes a large size", async () => {
    const blocks = encodeMember(entry({ path: "f", size: 2 ** 33 }));
    expect(text(blocks.subarray(512, 600))).toContain("size=8589934592\n");
  });

  it("puts pax records in order", () => {
    const xattrs = { "user.b": "", "user.a": "" };
    const records = text(
      encodeMember(entry({ path: "é", mtime: 0.5, gid: 2 ** 30, xattrs })).subarray(512, 1024),
    );
    expect(Array.from(records.matchAll(/ (.*?)=/g), ([, keyword]) => keyword)).toEqual([
      "SCHILY.xattr.user.a",
      "SCHILY.xattr.user.b",
      "gid",
      "mtime",
      "path",
    ]);
  });

  it("names the root", async () => {
    expect(await readAll(archive(member({ path: "", type: "dir" })))).toMatchObject([
      { name: "./", entry: { path: "" } },
    ]);
  });

  it("is read back by readTar", async () => {
    const name = fc
      .oneof(fc.string({ unit: "binary", minLength: 1 }), fc.constantFrom("a", "n".repeat(90), "\udcff", "ü"))
      .filter((name) => !/[/\0]/.test(name) && name !== "." && name !== ".." && isEncodable(name));
    const path = fc.array(name, { minLength: 1, maxLength: 6 }).map((names) => names.join("/"));
    const common = {
      path,
      mode: fc.integer({ min: 0, max: 0o7777 }),
      uid: fc.nat(2 ** 32 - 1),
      gid: fc.nat(2 ** 32 - 1),
      mtime: fc.oneof(
        fc.integer({ min: -(2 ** 35), max: 2 ** 35 }),
        fc.integer({ min: -1e12, max: 1e12 }).map((ms) => ms / 1000),
      ),
    };
    const none = fc.constant(0);
    const xattrs = fc
      .uniqueArray(fc.tuple(fc.stringMatching(/^[a-z.]{1,9}$/), fc.string({ unit: "grapheme-ascii" })), {
        minLength: 1,
        maxLength: 3,
        selector: ([key]) => key,
      })
      .map((pairs) =>
        Object.fromEntries(pairs.map(([key, value]) => [`user.${key}`, btoa(value)]).toSorted()),
      );
    const number = fc.nat(2 ** 32 - 1);
    const any: fc.Arbitrary<Entry> = fc.oneof(
      fc.record({ ...common, type: fc.constant("file" as const), size: fc.nat(2000), xattrs }),
      fc.record({ ...common, type: fc.constantFrom("dir", "fifo", "file" as const), size: none }),
      fc.record({ ...common, type: fc.constant("symlink" as const), size: none, linkname: path }),
      fc.record({ ...common, type: fc.constant("hardlink" as const), size: none, linkname: path }),
      fc.record({
        ...common,
        type: fc.constantFrom("char", "block" as const),
        size: none,
        device: fc.record({ major: number, minor: number }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(any, { maxLength: 5 }), async (entries) => {
        const bytes = archive(...entries.map((entry) => member(entry, "x".repeat(entry.size))));
        const members = await readAll(bytes, { escapes: "refuse" }, 1000);
        expect(members.map(({ entry }) => entry)).toEqual(entries.map((entry) => ({ ...entry })));
        expect(archive(...members.map(({ entry, contents }) => member(entry, contents)))).toEqual(bytes);
      }),
      { numRuns: 200 },
    );
  });
});

describe("padding", () => {
  it.each([
    [0, 0],
    [1, 511],
    [511, 1],
    [512, 0],
    [513, 511],
    [2 ** 40 + 1, 511],
  ])("of %d bytes is %d", (size, length) => {
    expect(padding(size)).toEqual(new Uint8Array(length));
  });
});

describe("endOfArchive", () => {
  it("is two blocks of zeros", () => {
    expect(endOfArchive).toEqual(new Uint8Array(1024));
  });
});

function isEncodable(name: string): boolean {
  try {
    return encodeName(name).length <= 255;
  } catch {
    return false;
  }
}

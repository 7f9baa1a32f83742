import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ListingError } from "../../src/context/listing-error.ts";
import { encodeItem, parseItem } from "../../src/context/posted-listing.ts";
import { formatListingLine } from "../../src/rootfs/listing-line.ts";
import type { Node } from "../../src/rootfs/tree.ts";
import { sha256 } from "../../src/streams/sha256.ts";
import { decodeName } from "../../src/tar/text.ts";

const file: Node = {
  path: "src/a b.ts",
  type: "file",
  mode: 0o644,
  uid: 0,
  gid: 0,
  mtime: 1_700_000_000,
  size: 3,
  digest: sha256("abc"),
};
const foreign = decodeName(Uint8Array.of(0x61, 0xff, 0x2f, 0xc3));

describe("an entry", () => {
  test.each<[string, Node]>([
    ["file", file],
    ["empty file", { ...file, size: 0, digest: sha256("") }],
    ["directory", { path: "d", type: "dir", mode: 0o2755, uid: 1, gid: 2, mtime: -5, size: 0 }],
    ["link out of the tree", { ...file, type: "symlink", size: 0, linkname: "../../etc" }],
    ["hard link", { ...file, type: "hardlink", size: 0, linkname: "src/b" }],
    ["device", { ...file, type: "char", size: 0, device: { major: 1, minor: 3 } }],
    ["attributes", { ...file, xattrs: { "security.capability": "AQ==", "user.a": "" } }],
    ["name of any bytes", { ...file, path: foreign }],
  ])("is read back unchanged: %s", (_, { digest, ...node }) => {
    const item = node.type === "file" ? { ...node, digest: digest ?? "" } : node;
    expect(parseItem(encodeItem(item))).toEqual(item);
  });

  test("may have no time, as in the canonical listing", () => {
    expect(parseItem(formatListingLine(file))).toEqual({ ...file, mtime: 0 });
  });

  test("that was removed is a path alone", () => {
    expect(parseItem(encodeItem({ path: "a", removed: true }))).toEqual({ path: "a", removed: true });
  });
});

describe("a line is rejected", () => {
  const digest = sha256("abc");
  test.each<[string, unknown, string]>([
    ["no list", {}, "it is not a list"],
    ["nothing", [], "its path is not a text"],
    ["columns", ["a", "file", 420, 0, 0, 3], "it has 6 columns"],
    ["more columns", ["a", "file", 420, 0, 0, 3, digest, {}, 1], "it has 9 columns"],
    ["root", ["", "dir", 493, 0, 0, 0, ""], 'its path is ""'],
    ["absolute", ["/a", "dir", 493, 0, 0, 0, ""], "is not clean"],
    ["climbing", ["a/../../b", "dir", 493, 0, 0, 0, ""], "leads out of the root"],
    ["unclean", ["a//b", "dir", 493, 0, 0, 0, ""], "is not clean"],
    ["dot", ["./a", "dir", 493, 0, 0, 0, ""], "is not clean"],
    ["slash at the end", ["a/", "dir", 493, 0, 0, 0, ""], "is not clean"],
    ["zero byte", ["a\0b", "dir", 493, 0, 0, 0, ""], "its path is"],
    ["long name", ["n".repeat(256), "dir", 493, 0, 0, 0, ""], "longer than 255 bytes"],
    ["long path", [`${"n/".repeat(2100)}n`, "dir", 493, 0, 0, 0, ""], "longer than 4096 bytes"],
    ["deep", [`${"n/".repeat(600)}n`, "dir", 493, 0, 0, 0, ""], "more than 512 directories"],
    ["half a pair", ["\ud800", "dir", 493, 0, 0, 0, ""], "is not a name"],
    ["UTF-8 in disguise", ["\udcc3\udca9", "dir", 493, 0, 0, 0, ""], "is another way to write"],
    ["type", ["a", "socket", 420, 0, 0, 0, ""], 'its type is "socket"'],
    ["inherited type", ["a", "toString", 420, 0, 0, 0, ""], "its type is"],
    ["mode", ["a", "dir", 0o10000, 0, 0, 0, ""], "its mode is 4096"],
    ["owner", ["a", "dir", 493, -1, 0, 0, ""], "its owner"],
    ["size of a directory", ["a", "dir", 493, 0, 0, 1, ""], "its size is 1"],
    ["size", ["a", "file", 420, 0, 0, 1.5, digest], "its size is 1.5"],
    ["huge size", ["a", "file", 420, 0, 0, 2 ** 50, digest], "its size is"],
    ["digest", ["a", "file", 420, 0, 0, 3, "md5:abc"], 'its digest is "md5:abc"'],
    ["nothing of three bytes", ["a", "file", 420, 0, 0, 3, sha256("")], "is not the digest of 3 bytes"],
    ["something of none", ["a", "file", 420, 0, 0, 0, digest], "is not the digest of 0 bytes"],
    ["target", ["a", "symlink", 511, 0, 0, 0, ""], 'its target is ""'],
    ["long target", ["a", "symlink", 511, 0, 0, 0, "n".repeat(5000)], "its target is too long"],
    ["hard link out", ["a", "hardlink", 420, 0, 0, 0, "../b"], "leads out of the root"],
    ["text of a directory", ["a", "dir", 493, 0, 0, 0, "x"], "has no target"],
    ["device numbers", ["a", "char", 420, 0, 0, 0, ""], "device numbers"],
    ["numbers of a file", ["a", "file", 420, 0, 0, 3, digest, { device: [1, 2] }], "device numbers"],
    ["key", ["a", "dir", 493, 0, 0, 0, "", { size: 1 }], '"size" is unknown'],
    ["time", ["a", "dir", 493, 0, 0, 0, "", { mtime: "1" }], "its time is"],
    ["attributes", ["a", "dir", 493, 0, 0, 0, "", { xattrs: {} }], "its attributes are invalid"],
    ["base64", ["a", "dir", 493, 0, 0, 0, "", { xattrs: { a: "x" } }], "is not in base64"],
    ["order", ["a", "dir", 493, 0, 0, 0, "", { xattrs: { b: "", a: "" } }], "is out of order"],
  ])("%s", (_, columns, reason) => {
    const parse = () => parseItem(JSON.stringify(columns));
    expect(parse).toThrow(ListingError);
    expect(parse).toThrow(reason);
  });

  test("that is not JSON", () => {
    expect(() => parseItem("[")).toThrow("it is not JSON");
  });

  test("and no input causes another kind of error", () => {
    const columns = fc.array(
      fc.oneof(fc.jsonValue(), fc.constantFrom("file", "dir", "symlink", "", 0, 420)),
      {
        maxLength: 9,
      },
    );
    const line = fc.oneof(
      fc.string(),
      columns.map((list) => JSON.stringify(list)),
      fc
        .tuple(fc.nat(8), fc.jsonValue())
        .map(([at, value]) =>
          JSON.stringify(["a", "file", 420, 0, 0, 3, sha256("abc"), {}].with(at % 8, value as string)),
        ),
    );
    fc.assert(
      fc.property(line, (text) => {
        try {
          const item = parseItem(text);
          expect(parseItem(encodeItem(item))).toEqual(item);
        } catch (error) {
          expect(error).toBeInstanceOf(ListingError);
        }
      }),
      { numRuns: 500 },
    );
  });
});

import { describe, expect, it } from "vitest";
import { concat } from "../../src/streams/concat.ts";
import { utf8 } from "../streams/source.ts";
import { archive, GNU, member, pax, type RawFields, rawMember, readAll, text } from "./archive.ts";

/** "head", a hole, "tail", a hole: 100,000 bytes. */
const EXPECTED = new Uint8Array(100_000);
EXPECTED.set(utf8("head"), 0);
EXPECTED.set(utf8("tail"), 70_000);
const STORED = "headtail";

const octal = (value: number) => `${value.toString(8).padStart(11, "0")}\0`;

/** Segments in the old format, from an offset of a block on. */
function oldSegments(at: number, segments: [offset: number, length: number][]): Record<number, string> {
  return Object.fromEntries(
    segments.flatMap(([offset, length], i) => [
      [at + 24 * i, octal(offset)],
      [at + 24 * i + 12, octal(length)],
    ]),
  );
}

function old(fields: RawFields, contents: string): Uint8Array {
  return rawMember({ type: "S", magic: GNU, name: "s", ...fields }, contents);
}

const next = member({ path: "next" }, "next");

const forms: [string, Uint8Array][] = [
  [
    "old GNU",
    old(
      {
        at: {
          ...oldSegments(386, [
            [0, 4],
            [70_000, 4],
            [100_000, 0],
          ]),
          483: octal(100_000),
        },
      },
      STORED,
    ),
  ],
  [
    "pax 0.0",
    concat([
      pax({ "GNU.sparse.size": "100000", "GNU.sparse.numblocks": "2", "GNU.sparse.map": "0,4,70000,4" }),
      rawMember({ name: "s" }, STORED),
    ]),
  ],
  [
    "pax 0.1",
    concat([
      pax({ "GNU.sparse.name": "s", "GNU.sparse.size": "100000", "GNU.sparse.map": "0,4,70000,4" }),
      rawMember({ name: "GNUSparseFile.0/s" }, STORED),
    ]),
  ],
  [
    "pax 1.0",
    concat([
      pax({
        "GNU.sparse.major": "1",
        "GNU.sparse.minor": "0",
        "GNU.sparse.name": "s",
        "GNU.sparse.realsize": "100000",
      }),
      rawMember({ name: "GNUSparseFile.0/s" }, "2\n0\n4\n70000\n4\n".padEnd(512, "\0") + STORED),
    ]),
  ],
];

describe("sparse files", () => {
  it.each(forms)("are expanded: %s", async (_, sparse) => {
    for (const chunkSize of [512, 100_000]) {
      const members = await readAll(archive(sparse, next), {}, chunkSize);
      expect(members[0]?.entry).toMatchObject({ path: "s", type: "file", size: 100_000 });
      expect(members[0]?.contents).toEqual(EXPECTED);
      expect(text(members[1]?.contents)).toBe("next");
    }
  });

  it.each(forms)("count with their expanded size: %s", async (_, sparse) => {
    await expect(readAll(archive(sparse), { maxBytes: 99_999 })).rejects.toMatchObject({
      code: "too-large",
      entry: "s",
    });
    await expect(readAll(archive(sparse), { maxBytes: 100_000 })).resolves.toHaveLength(1);
  });

  it("have more segments in further blocks", async () => {
    const many = Array.from({ length: 30 }, (_, i): [number, number] => [i * 1000, 1]);
    const extension = new Uint8Array(1024);
    for (const [at, value] of Object.entries(oldSegments(0, many.slice(4, 25))))
      extension.set(utf8(value), Number(at));
    extension[504] = 1;
    for (const [at, value] of Object.entries(oldSegments(512, many.slice(25))))
      extension.set(utf8(value), Number(at));
    const header = old(
      { size: octal(30), at: { ...oldSegments(386, many.slice(0, 4)), 482: "\x01", 483: octal(30_000) } },
      "",
    );
    const stored = rawMember({}, "x".repeat(30)).subarray(512);
    const [read, after] = await readAll(archive(header, extension, stored, next));
    const expected = new Uint8Array(30_000);
    for (const [offset] of many) expected[offset] = 0x78;
    expect(read?.contents).toEqual(expected);
    expect(text(after?.contents)).toBe("next");
  });

  it.each([
    ["out of order", "10,1,5,1", "ab", "100"],
    ["overlapping", "0,5,4,1", "abcdef", "100"],
    ["beyond the end", "0,1,100,1", "ab", "100"],
    ["longer than what is stored", "0,1,50,9", "ab", "100"],
    ["shorter than what is stored", "0,1", "ab", "100"],
    ["an odd count of numbers", "0,1,50", "ab", "100"],
    ["no numbers", "zero,one", "ab", "100"],
    ["negative numbers", "-5,1,3,1", "ab", "100"],
    ["too large numbers", "0,1,99999999999999999999,1", "ab", "100"],
    ["no size", "0,2", "ab", ""],
    ["a negative size", "0,0", "", "-1"],
  ])("are rejected when their map is %s", async (_, map, stored, size) => {
    const bytes = archive(
      pax({ "GNU.sparse.name": "bad", "GNU.sparse.size": size, "GNU.sparse.map": map }),
      rawMember({}, stored),
    );
    await expect(readAll(bytes)).rejects.toMatchObject({
      name: "TarError",
      code: "bad-header",
      entry: "bad",
    });
  });

  it("are rejected when their map is endless", async () => {
    const records = { "GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": "1000" };
    const endless = archive(pax(records), rawMember({}, "9999999999\n".repeat(10_000)));
    await expect(readAll(endless, { maxPaxBytes: 4096 })).rejects.toThrow(
      "sparse map of more than 4096 bytes",
    );
    const extended = new Uint8Array(512 * 100).fill(0);
    for (let at = 504; at < extended.length; at += 512) extended[at] = 1;
    const old = rawMember({ type: "S", magic: GNU, at: { 482: "\x01" } });
    await expect(readAll(archive(old, extended), { maxPaxBytes: 4096 })).rejects.toThrow(
      "sparse map of more than",
    );
  });
});

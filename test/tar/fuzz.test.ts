import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concat } from "../../src/streams/concat.ts";
import { TarError } from "../../src/tar/error.ts";
import { sumBytes } from "../../src/tar/header.ts";
import { noise, utf8 } from "../streams/source.ts";
import { archive, GNU, member, pax, rawMember, readAll } from "./archive.ts";

/** An archive with members of every kind. */
const sample = archive(
  member({ path: "dir", type: "dir", mode: 0o755 }),
  member({ path: "dir/é", xattrs: { "user.a": btoa("x") }, mtime: 1.5 }, "contents"),
  rawMember({ name: "././@LongLink", type: "L", magic: GNU }, `${"long/".repeat(40)}\0`),
  rawMember({ magic: GNU }, noise(1000)),
  pax({ "GNU.sparse.name": "s", "GNU.sparse.size": "3000", "GNU.sparse.map": "0,4,2000,4" }),
  rawMember({}, "headtail"),
  pax({
    "GNU.sparse.major": "1",
    "GNU.sparse.minor": "0",
    "GNU.sparse.name": "t",
    "GNU.sparse.realsize": "900",
  }),
  rawMember({}, `${"2\n0\n4\n70\n4\n".padEnd(512, "\0")}headtail`),
  rawMember(
    { type: "S", magic: GNU, at: { 386: "0", 398: "4", 410: "700", 422: "4", 483: "7777" } },
    "headtail",
  ),
  member({ path: "link", type: "symlink", linkname: "t".repeat(120) }),
  member({ path: "device", type: "char", device: { major: 1, minor: 3 } }),
);

const limits = { maxBytes: 100_000, maxEntries: 100, maxPaxBytes: 10_000, escapes: "refuse" } as const;

/** Reads an archive, which may throw only a `TarError`. */
async function survives(bytes: Uint8Array, chunkSize: number): Promise<void> {
  try {
    const members = await readAll(bytes, limits, chunkSize);
    for (const { entry, contents } of members) expect(contents.length).toBe(entry.size);
  } catch (error) {
    if (!(error instanceof TarError)) throw error;
    expect(error.message).toMatch(/^Cannot read tar/);
  }
}

/** Corrects the checksums, so that changed headers are read. */
function resealed(bytes: Uint8Array): Uint8Array {
  const sealed = bytes.slice();
  for (let at = 0; at + 512 <= sealed.length; at += 512) {
    const block = sealed.subarray(at, at + 512);
    if (block[155] === 0x20) block.set(utf8(`${sumBytes(block).toString(8).padStart(6, "0")}\0 `), 148);
  }
  return sealed;
}

const change = fc.record({
  at: fc.nat(sample.length - 1),
  bytes: fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 12 }),
    fc
      .constantFrom("77777777777", "-1", "\0", "/../", "\n", "=", "9".repeat(16), "x", "L", "S", "g")
      .map(utf8),
  ),
});

describe("readTar", () => {
  it("reads the sample", async () => {
    expect(await readAll(sample, limits)).toHaveLength(8);
  });

  it("throws only TarError for damaged archives", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(change, { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        async (changes, reseal) => {
          const damaged = sample.slice();
          for (const { at, bytes } of changes) damaged.set(bytes.subarray(0, damaged.length - at), at);
          await survives(reseal ? resealed(damaged) : damaged, 1000);
        },
      ),
      { numRuns: 1500 },
    );
  });

  it("ignores the sparse map of a directory", async () => {
    const bytes = archive(
      pax({ "GNU.sparse.name": "s", "GNU.sparse.size": "3000", "GNU.sparse.map": "0,4,2000,4" }),
      rawMember({ type: "5" }, "headtail"),
    );
    await survives(bytes, 1000);
  });

  it("throws only TarError for truncated archives", async () => {
    for (let length = 0; length < sample.length; length += 61)
      await survives(sample.subarray(0, length), 512);
  });

  it("throws only TarError for blocks in another order", async () => {
    const blocks = Array.from({ length: sample.length / 512 }, (_, i) =>
      sample.subarray(i * 512, i * 512 + 512),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...blocks), { maxLength: 30 }), async (blocks) => {
        await survives(concat(blocks), 4096);
      }),
      { numRuns: 500 },
    );
  });
});

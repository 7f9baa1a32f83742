import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { GitError } from "../../../../src/engine/remote/git/git-error.ts";
import { DEFAULT_GIT_LIMITS } from "../../../../src/engine/remote/git/limits.ts";
import { SHA1 } from "../../../../src/engine/remote/git/object-format.ts";
import { type PackLimits, readPack } from "../../../../src/engine/remote/git/pack.ts";
import { collect } from "../../../../src/streams/collect.ts";
import { concat } from "../../../../src/streams/concat.ts";
import { bytesOf, deltaOf, packOf, type TestEntry, withChecksum } from "../../../helpers/git-pack.ts";
import { noise, source } from "../../../streams/source.ts";

/** An object of a pack: type or base, and contents. */
async function read(pack: Uint8Array, chunk = 65_000, limits: PackLimits = DEFAULT_GIT_LIMITS) {
  const found: [what: string | number, contents: Uint8Array][] = [];
  for await (const entry of readPack(source(pack, chunk), SHA1, limits)) {
    if (entry.kind === "delta") found.push([entry.base, entry.instructions]);
    else {
      const { contents, size, type } = entry;
      found.push([type, contents instanceof Uint8Array ? contents : await collect(contents, size)]);
    }
  }
  return found.map(([what, contents]) => [what, new Uint8Array(contents)]);
}

describe("readPack()", () => {
  test("reads objects and deltas, in chunks of any size", async () => {
    const data = fc.uint8Array({ maxLength: 400 });
    const entry = fc.oneof(
      fc.record({
        type: fc.constantFrom("commit", "tree", "blob", "tag"),
        data,
        level: fc.constantFrom(0, 1, 9),
      }),
      fc.record({ type: fc.constant("ref-delta"), base: fc.constant("ab".repeat(20)), data }),
    ) as fc.Arbitrary<TestEntry>;
    await fc.assert(
      fc.asyncProperty(
        fc.array(entry, { maxLength: 12 }),
        fc.integer({ min: 1, max: 90 }),
        async (entries, chunk) => {
          const expected = entries.map((one) => [one.type === "ref-delta" ? one.base : one.type, one.data]);
          expect(await read(packOf(entries), chunk)).toEqual(expected);
        },
      ),
      { numRuns: 40 },
    );
  });

  test("returns the offset of the base of a delta", async () => {
    const filler: TestEntry = { type: "blob", data: noise(40_000) };
    const pack = packOf([
      filler,
      { type: "blob", data: bytesOf("base") },
      filler,
      { type: "ofs-delta", base: 1, data: deltaOf(4, 0, []) },
    ]);
    const offsets: number[] = [];
    let base: number | string | undefined;
    for await (const entry of readPack(source(pack, 5000), SHA1, DEFAULT_GIT_LIMITS)) {
      offsets.push(entry.offset);
      if (entry.kind === "delta") base = entry.base;
    }
    expect(base).toBe(offsets[1]);
  });

  test("streams large objects before any other object", async () => {
    const large = noise(2_500_000);
    const zeros = new Uint8Array(20_000_000);
    const entries: TestEntry[] = [
      { type: "blob", data: large },
      { type: "blob", data: bytesOf("between") },
      { type: "blob", data: zeros },
      { type: "blob", data: large, level: 0 },
    ];
    const found = await read(packOf(entries), 70_001);
    expect(found.map(([, contents]) => (contents as Uint8Array).length)).toEqual([
      2_500_000, 7, 20_000_000, 2_500_000,
    ]);
    expect(found[3]?.[1]).toEqual(large);
  });

  test("finds the end of a stream wherever the chunks are cut", async () => {
    const large = noise((1 << 20) + 10);
    const pack = packOf([
      { type: "blob", data: large },
      { type: "blob", data: bytesOf("after") },
    ]);
    // Around the last bytes of the stream: its end, the next header, the end of the pack.
    for (let tail = 20; tail < 60; tail++) {
      const cut = pack.length - tail;
      async function* twoChunks() {
        yield pack.subarray(0, cut);
        yield pack.subarray(cut);
      }
      const sizes: number[] = [];
      for await (const entry of readPack(twoChunks(), SHA1, DEFAULT_GIT_LIMITS)) {
        if (entry.kind !== "object") continue;
        const { contents, size } = entry;
        sizes.push((contents instanceof Uint8Array ? contents : await collect(contents, size)).length);
      }
      expect(sizes).toEqual([large.length, 5]);
    }
  });

  const one = packOf([{ type: "blob", data: bytesOf("hello hello hello") }]);
  const body = one.subarray(0, -20);
  const patched = (at: number, value: number) => {
    const bytes = body.slice();
    bytes[at] = value;
    return withChecksum(bytes);
  };
  test.each([
    ["that is empty", new Uint8Array(0), "ends inside its header"],
    ["of another kind", patched(0, 0), "does not begin as a pack"],
    ["of another version", patched(7, 9), "does not begin as a pack"],
    ["with a changed object", patched(20, 0xff), "object 1 of the pack"],
    ["with a type that does not exist", patched(12, 0x50), "no known type"],
    ["with a wrong checksum", concat([body, new Uint8Array(20)]), "the checksum at its end is wrong"],
    ["without a checksum", body, "the checksum at its end is wrong"],
    ["followed by something", concat([one, bytesOf("x")]), "there is data after its end"],
    [
      "with fewer objects than stated",
      packOf([{ type: "blob", data: bytesOf("a") }], 2),
      "object 2 of the pack",
    ],
    [
      "with a wrong size",
      withChecksum(concat([body.subarray(0, 12), Uint8Array.of(0xb2, 0x01), body.subarray(14)])),
      "bytes",
    ],
  ])("rejects a pack %s", async (_, pack, message) => {
    await expect(read(pack)).rejects.toThrow(message);
    await expect(read(pack)).rejects.toBeInstanceOf(GitError);
  });

  test("rejects a large object that is truncated, changed or too long", async () => {
    const pack = packOf([{ type: "blob", data: noise(2_000_000) }]);
    await expect(read(withChecksum(pack.slice(0, 900_000)))).rejects.toMatchObject({ code: "git-corrupt" });
    const changed = pack.slice();
    changed.fill(0xff, 900_000, 900_100);
    await expect(read(changed)).rejects.toMatchObject({ code: "git-corrupt" });
    const longer = packOf([{ type: "blob", data: noise(2_000_000) }]);
    longer[13] = (longer[13] as number) ^ 1;
    await expect(read(longer)).rejects.toMatchObject({ code: "git-corrupt" });
  });

  test("keeps to its limits", async () => {
    const limits = { ...DEFAULT_GIT_LIMITS, objects: 1, objectBytes: 10, deltaBytes: 5 };
    const blob = (size: number): TestEntry => ({ type: "blob", data: new Uint8Array(size) });
    await expect(read(packOf([blob(1), blob(1)]), 100, limits)).rejects.toMatchObject({
      code: "git-too-large",
    });
    await expect(read(packOf([blob(11)]), 100, limits)).rejects.toThrow("11 bytes, more than 10");
    const delta: TestEntry = { type: "ref-delta", base: "00".repeat(20), data: new Uint8Array(6) };
    await expect(read(packOf([delta]), 100, limits)).rejects.toThrow("6 bytes, more than 5");
  });

  test("stops at a bomb", async () => {
    const bytes = packOf([{ type: "blob", data: new Uint8Array(30_000_000) }]);
    // The header states 5 bytes, and the data expands to 30 million.
    const bomb = withChecksum(concat([bytes.subarray(0, 12), Uint8Array.of(0x35), bytes.subarray(16, -20)]));
    await expect(read(bomb)).rejects.toThrow("it is longer than 5 bytes");
  });

  test("gives entries or GitError for damaged packs", async () => {
    const pack = packOf([
      { type: "blob", data: bytesOf("some text to be damaged") },
      { type: "tree", data: bytesOf("more of it") },
    ]);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(pack.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        async (damage) => {
          const bytes = pack.slice();
          for (const [at, value] of damage) bytes[at] = value;
          await read(bytes, 30).catch((error) => expect(error).toBeInstanceOf(GitError));
        },
      ),
      { numRuns: 300 },
    );
  });
});

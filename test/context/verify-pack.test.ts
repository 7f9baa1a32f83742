import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { zstdFrame } from "../../src/compression/members.ts";
import { encodePack, type PackContents, type PackedFile } from "../../src/context/pack.ts";
import { PackError } from "../../src/context/pack-error.ts";
import { VerifiedPack } from "../../src/context/verify-pack.ts";
import { concat } from "../../src/streams/concat.ts";
import { sha256 } from "../../src/streams/sha256.ts";
import { source } from "../streams/source.ts";

const encoder = new TextEncoder();
const texts = ["one", "two two", "x".repeat(5000)];
const fileOf = (text: string): PackedFile => [sha256(text).slice(7), text.length];

interface Parts {
  data?: string[];
  contents?: PackContents;
  lengths?: [number, number][];
}

/** A pack with a block for each of `data`; the header can differ. */
function packOf({ data = texts, contents = { files: data.map(fileOf) }, lengths }: Parts): Uint8Array {
  const blocks = data.map((text) => zstdFrame(encoder.encode(text), 1));
  const said = lengths ?? blocks.map((block, i): [number, number] => [block.length, data[i]?.length ?? 0]);
  return concat(encodePack(blocks, said, contents).parts);
}

/** The verified bytes, and the final error. */
async function pass(bytes: Uint8Array, digest = sha256(bytes), size = bytes.length, chunk = 700) {
  const pack = new VerifiedPack(source(bytes, chunk), digest, size);
  const passed: Uint8Array[] = [];
  try {
    for await (const part of pack) passed.push(part.slice());
    return { passed: concat(passed), header: pack.header };
  } catch (error) {
    return { passed: concat(passed), error };
  }
}

async function reasonFor(bytes: Uint8Array, digest?: string, size?: number): Promise<string> {
  const { error, passed } = await pass(bytes, digest, size);
  expect(error).toBeInstanceOf(PackError);
  expect(passed.length).toBeLessThan(bytes.length);
  return (error as Error).message;
}

describe("a good pack", () => {
  test.each([1, 13, 1_000_000])("is returned unchanged, in chunks of %d", async (chunk) => {
    const bytes = packOf({});
    const { passed, header } = await pass(bytes, undefined, undefined, chunk);
    expect(passed).toEqual(bytes);
    expect(header?.files).toEqual(texts.map(fileOf));
    expect(header?.size).toBe(5010);
  });

  test("may have files across blocks, and several in one", async () => {
    const files = ["on", "etwo t", "woxxx"].map(fileOf);
    const { error } = await pass(packOf({ data: ["one", "two two", "xxx"], contents: { files } }));
    expect(error).toBeUndefined();
  });

  test("may be a part of a file, which its header states", async () => {
    const part = [sha256("whole").slice(7), 4096] as const;
    const { header } = await pass(packOf({ contents: { files: [], part } }));
    expect(header?.part).toEqual(part);
  });
});

describe("a pack is rejected", () => {
  test("of another digest", async () => {
    expect(await reasonFor(packOf({}), sha256("other"))).toContain("its bytes have digest");
  });

  test("with another file than stated", async () => {
    const bytes = packOf({ contents: { files: ["one", "two 2wo", "x".repeat(5000)].map(fileOf) } });
    expect(await reasonFor(bytes)).toContain(`its file ${sha256("two 2wo")} has digest`);
  });

  test.each<[string, PackContents, string]>([
    [
      "fewer files than data",
      { files: texts.slice(1).map(fileOf) },
      "its files have 5007 bytes, and its blocks 5010",
    ],
    ["more files than data", { files: [...texts, "y"].map(fileOf) }, "its files have 5011 bytes"],
    ["an empty file", { files: [...texts, ""].map(fileOf) }, "is not given as a digest and a size"],
    ["no digest", { files: [["zz", 5010]] }, "is not given as a digest and a size"],
    [
      "a stretch and files",
      { files: texts.map(fileOf), part: [sha256("a").slice(7), 0] },
      "its part of a file",
    ],
    ["a stretch before the beginning", { files: [], part: [sha256("a").slice(7), -1] }, "its part of a file"],
  ])("with %s", async (_, contents, reason) => {
    expect(await reasonFor(packOf({ contents }))).toContain(reason);
  });

  test("with a block that is larger once decompressed", async () => {
    const bytes = packOf({
      data: ["x".repeat(300_000)],
      contents: { files: [fileOf("x")] },
      lengths: [[30, 1]],
    });
    await reasonFor(bytes);
  });

  test("with blocks of too many bytes", async () => {
    const block: [number, number] = [1, 1024 * 1024];
    const contents = { files: [["0".repeat(64), 1024 * 1024 * 1024]] as PackedFile[] };
    const bytes = packOf({ data: [], contents, lengths: Array.from({ length: 1024 }, () => block) });
    // The list of lengths alone exceeds the maximum header.
    expect(await reasonFor(bytes)).toMatch(/blocks/);
  });

  test("with a header that is too long", async () => {
    const bytes = packOf({});
    new DataView(bytes.buffer, bytes.byteOffset).setUint32(8, 2 ** 31, true);
    expect(await reasonFor(bytes)).toContain("its header has 2147483648 bytes");
  });

  test("that is truncated anywhere", async () => {
    const bytes = packOf({});
    for (let length = 1; length < bytes.length; length += 7) {
      expect(await reasonFor(bytes.subarray(0, length))).toMatch(/ends after|cut off|none/);
    }
  });

  test("with something after it", async () => {
    expect(await reasonFor(concat([packOf({}), Uint8Array.of(0)]))).toContain("more than its blocks");
  });
});

describe("damage", () => {
  let bytes: Uint8Array;
  beforeAll(() => {
    bytes = packOf({});
  });

  test("of any byte is detected before the last byte passes", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const damaged = bytes.slice();
        damaged[at] = (damaged[at] as number) ^ change;
        await reasonFor(damaged, sha256(bytes));
      }),
    );
  });

  test("that its digest includes causes only errors of packs", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const damaged = bytes.slice();
        damaged[at] = (damaged[at] as number) ^ change;
        const { error } = await pass(damaged);
        if (error !== undefined) expect(error).toBeInstanceOf(PackError);
      }),
    );
  });
});

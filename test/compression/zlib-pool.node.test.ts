import { expect, test } from "vitest";
import { gzipMember, zstdFrame } from "../../src/compression/members.ts";
import { blocksInPool, compressInPool } from "../../src/runner/tasks/zlib-pool.ts";
import { noise } from "../streams/source.ts";

const inputs = [new Uint8Array(0), noise(1), noise(40_960), noise(300_000), new Uint8Array(300_000)];
const kinds = ["gzip", "zstd"] as const;
const { inflate = Promise.reject } = blocksInPool;

test.each(kinds)("%s: the pool writes the same bytes as the thread, and reads them", async (kind) => {
  const member = kind === "gzip" ? gzipMember : zstdFrame;
  for (const input of inputs) {
    const bytes = await compressInPool(kind)(input, 1);
    expect(bytes).toEqual(member(input, 1));
    expect(new Uint8Array(await inflate(bytes, kind, input.length))).toEqual(input);
  }
});

test.each(kinds)("%s: rejects damaged blocks and other sizes", async (kind) => {
  const bytes = await compressInPool(kind)(noise(100_000), 1);
  for (const size of [99_999, 100_001, 0]) {
    await expect(inflate(bytes, kind, size)).rejects.toThrow(`Cannot decompress ${kind}`);
  }
  await expect(inflate(bytes.subarray(0, 50_000), kind, 100_000)).rejects.toThrow(
    `Cannot decompress ${kind}`,
  );
  await expect(inflate(new Uint8Array(100), kind, 100)).rejects.toThrow(`Cannot decompress ${kind}`);
});

test("never holds more than the announced size of a block", async () => {
  const bytes = await compressInPool("zstd")(new Uint8Array(64 * 1024 * 1024), 1);
  await expect(inflate(bytes, "zstd", 1000)).rejects.toThrow("Cannot decompress zstd");
});

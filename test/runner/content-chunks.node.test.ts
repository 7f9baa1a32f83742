import { createHash, randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { contentChunks } from "../../src/runner/caches/content-chunks.ts";

async function* pieces(bytes: Uint8Array, sizes: Iterable<number>): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (const size of sizes) {
    if (at >= bytes.length) return;
    yield bytes.subarray(at, at + size);
    at += size;
  }
  if (at < bytes.length) yield bytes.subarray(at);
}

async function chunksOf(bytes: Uint8Array, sizes: Iterable<number> = []): Promise<Buffer[]> {
  const chunks: Buffer[] = [];
  for await (const chunk of contentChunks(pieces(bytes, sizes))) chunks.push(Buffer.from(chunk));
  return chunks;
}

const digest = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const large = randomBytes(8 * 1024 * 1024);

describe("chunks", () => {
  test("are the stream when joined, for any reads", async () => {
    const expected = (await chunksOf(large)).map(digest);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 300_000 })), async (sizes) => {
        const chunks = await chunksOf(large, sizes);
        expect(chunks.map(digest)).toEqual(expected);
      }),
      { numRuns: 10 },
    );
    expect(digest(Buffer.concat(await chunksOf(large)))).toBe(digest(large));
  });

  test("have the minimum and maximum size", async () => {
    const sizes = (await chunksOf(large)).slice(0, -1).map(({ length }) => length);
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(64 * 1024);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1024 * 1024);
    expect(sizes.length).toBeGreaterThan(10);
    expect((await chunksOf(new Uint8Array(3 * 1024 * 1024))).map(({ length }) => length)).toEqual([
      1048576, 1048576, 1048576,
    ]);
    expect(await chunksOf(new Uint8Array())).toEqual([]);
  });

  test("after a change are the same as before", async () => {
    const at = 4_000_000;
    const changed = Buffer.concat([large.subarray(0, at), Buffer.from("inserted"), large.subarray(at)]);
    const before = new Set((await chunksOf(large)).map(digest));
    const fresh = (await chunksOf(changed)).filter((chunk) => !before.has(digest(chunk)));
    expect(fresh.length).toBeLessThanOrEqual(3);
  });
});

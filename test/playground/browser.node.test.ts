import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { zstdDecompressSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { zstdFrame } from "../../src/compression/members.ts";
import * as crypto from "../../src/playground/browser/node-crypto.ts";
import * as zlib from "../../src/playground/browser/node-zlib.ts";

const bytes = fc.uint8Array({ maxLength: 1000 }) as fc.Arbitrary<Uint8Array<ArrayBuffer>>;

test("SHA-256 equals Node's for any chunks", () => {
  fc.assert(
    fc.property(fc.array(bytes, { maxLength: 8 }), (parts) => {
      const [ours, theirs] = [crypto.createHash("sha256"), createHash("sha256")];
      for (const part of parts) {
        ours.update(part);
        theirs.update(part);
      }
      const copy = ours.copy();
      const digest = theirs.digest("hex");
      expect(ours.digest("hex")).toBe(digest);
      expect(copy.digest("hex")).toBe(digest);
    }),
  );
  for (const length of [55, 56, 63, 64, 119, 120, 1_000_003]) {
    const data = new Uint8Array(length).fill(7);
    expect(crypto.createHash("sha256").update(data).digest("hex")).toBe(
      createHash("sha256").update(data).digest("hex"),
    );
  }
});

/** Bytes that repeat earlier parts to some extent. */
const repetitive = fc
  .array(
    fc.oneof(
      bytes,
      fc.tuple(bytes, fc.integer({ min: 1, max: 400 })).map(([part, times]) => repeated(part, times)),
    ),
    {
      maxLength: 6,
    },
  )
  .map((parts) => Buffer.concat([...parts, ...parts.slice(0, 2)]));

function repeated(part: Uint8Array, times: number): Uint8Array {
  const all = new Uint8Array(part.length * times);
  for (let time = 0; time < times; time++) all.set(part, time * part.length);
  return all;
}

test("zstd frames contain the input, and are smaller where it repeats", () => {
  fc.assert(
    fc.property(repetitive, (data) => {
      expect(Buffer.compare(zstdDecompressSync(zlib.zstdCompressSync(data)), data)).toBe(0);
    }),
    { numRuns: 300 },
  );
  const text = readFileSync("package-lock.json");
  const frame = zlib.zstdCompressSync(text);
  expect(Buffer.compare(zstdDecompressSync(frame), text)).toBe(0);
  expect(frame.length).toBeLessThan(text.length / 2);
  const noise = randomBytes(300_000);
  expect(zlib.zstdCompressSync(noise).length).toBeLessThan(noise.length + 20);
});

test("zstd frames contain the input, whole or flushed and ended by the caller", () => {
  const last = Uint8Array.of(1, 0, 0);
  for (const length of [0, 1, 100, 32768, 131_071, 131_072, 131_073, 262_144, 1_000_000]) {
    const data = Uint8Array.from({ length }, (_, index) => (index * 31) & 0xff);
    expect(new Uint8Array(zstdDecompressSync(zlib.zstdCompressSync(data)))).toEqual(data);
    const flushed = zlib.zstdCompressSync(data, { finishFlush: zlib.constants.ZSTD_e_flush });
    expect(new Uint8Array(zstdDecompressSync(Buffer.concat([flushed, last])))).toEqual(data);
  }
  // The same call with Node's functions.
  expect(zstdFrame(new Uint8Array(10), 1).length).toBeGreaterThan(0);
});

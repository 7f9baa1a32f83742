import { createHash } from "node:crypto";
import { zstdDecompressSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { zstdFrame } from "../../src/compression/members.ts";
import * as crypto from "../../src/playground/browser/node-crypto.ts";
import * as zlib from "../../src/playground/browser/node-zlib.ts";

const bytes = fc.uint8Array({ maxLength: 1000 }) as fc.Arbitrary<Uint8Array<ArrayBuffer>>;

test("SHA-256 is what it is elsewhere, however the bytes come", () => {
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

test("zstd frames hold what went in, whole or flushed and ended by the caller", () => {
  const last = Uint8Array.of(1, 0, 0);
  for (const length of [0, 1, 100, 32768, 131_071, 131_072, 131_073, 262_144, 1_000_000]) {
    const data = Uint8Array.from({ length }, (_, index) => (index * 31) & 0xff);
    expect(new Uint8Array(zstdDecompressSync(zlib.zstdCompressSync(data)))).toEqual(data);
    const flushed = zlib.zstdCompressSync(data, { finishFlush: zlib.constants.ZSTD_e_flush });
    expect(new Uint8Array(zstdDecompressSync(Buffer.concat([flushed, last])))).toEqual(data);
  }
  // The same call, elsewhere.
  expect(zstdFrame(new Uint8Array(10), 1).length).toBeGreaterThan(0);
});

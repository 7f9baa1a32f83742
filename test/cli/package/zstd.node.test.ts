import { once } from "node:events";
import { Readable } from "node:stream";
import { constants, zstdCompressSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { storedFrame } from "../../../src/cli/package/stored-frame.ts";
import { decompressZstd, ZstdDecompressStream } from "../../../src/cli/package/zstd.ts";
import { noise } from "../../streams/source.ts";

/** Contents that compress differently. */
const contents: Record<string, Uint8Array> = {
  empty: new Uint8Array(),
  "one byte": Uint8Array.of(7),
  text: Buffer.from("the same words again and again, ".repeat(20_000)),
  noise: noise(700_000),
  zeros: new Uint8Array(9_000_000),
};

const frames = Object.entries(contents).flatMap(([name, bytes]) => [
  ...[1, 3, 19].map((level) => {
    const params = { [constants.ZSTD_c_compressionLevel]: level, [constants.ZSTD_c_checksumFlag]: level % 2 };
    return [`${name} at level ${level}`, zstdCompressSync(bytes, { params }), bytes] as const;
  }),
  [`${name} as it is`, storedFrame(bytes, true), bytes] as const,
]);

const skippable = Uint8Array.of(0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0);
/** Frames of blocks that repeat one byte: 128 KiB of four bytes. */
const bomb = Buffer.concat([
  Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, 0x38),
  ...Array.from({ length: 4000 }, () => Uint8Array.of(0x02, 0x00, 0x10, 65)),
  Uint8Array.of(0x03, 0x00, 0x10, 65),
]);

async function streamed(chunks: readonly Uint8Array[]): Promise<Buffer> {
  const stream = Readable.from(chunks).pipe(new ZstdDecompressStream());
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

test.each(frames)("%s", async (_, frame, bytes) => {
  expect(Buffer.compare(decompressZstd(frame, bytes.length), bytes)).toBe(0);
  expect(Buffer.compare(decompressZstd(Buffer.concat([frame, skippable])), bytes)).toBe(0);
  expect(Buffer.compare(await streamed([frame]), bytes)).toBe(0);
});

test("many frames are decompressed in any chunks", async () => {
  const all = frames.filter(([name]) => !name.includes("zeros"));
  const file = Buffer.concat(all.map(([, frame]) => frame));
  const bytes = Buffer.concat(all.map(([, , part]) => part));
  const chunks: Buffer[] = [];
  for (let at = 0; at < file.length; ) {
    const size = 1 + ((at * 7919) % 5000);
    chunks.push(file.subarray(at, at + size));
    at += size;
  }
  expect(Buffer.compare(await streamed(chunks), bytes)).toBe(0);
});

describe("hostile input", () => {
  test("that expands above the limit is rejected at once", () => {
    expect(() => decompressZstd(bomb, 1_000_000)).toThrow(RangeError);
  });

  test("stops while its output is not read", async () => {
    const stream = new ZstdDecompressStream();
    stream.write(bomb);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(stream.readableLength).toBeLessThan(50_000_000);
    expect(stream.bytesWritten).toBeLessThan(2000);
    stream.destroy();
  });

  test.each([
    ["a window of 2 GiB", Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, 0xa8, 1, 0, 0)],
    ["contents of 2 GiB", Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0, 0, 0, 0x80, 1, 0, 0)],
    ["contents of 2^60 bytes", Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0xe0, 0, 0, 0, 0, 0, 0, 0, 16, 1, 0, 0)],
  ])("%s", (_, frame) => {
    expect(() => decompressZstd(frame)).toThrow("too much memory");
  });

  test("that ends early is rejected", async () => {
    const frame = zstdCompressSync(noise(100_000));
    for (const length of [1, 5, 17, 30, frame.length - 1]) {
      expect(() => decompressZstd(frame.subarray(0, length)), `${length} bytes`).toThrow(
        "unexpected end of file",
      );
    }
    const stream = new ZstdDecompressStream();
    stream.resume().end(frame.subarray(0, 50_000));
    const [error] = (await once(stream, "error")) as [Error];
    expect(error.message).toBe("unexpected end of file");
  });

  test("that is not a frame is rejected", () => {
    expect(() => decompressZstd(noise(100))).toThrow();
  });
});

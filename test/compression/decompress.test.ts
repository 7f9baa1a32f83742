import { constants, gzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type DecompressOptions, decompress } from "../../src/compression/decompress.ts";
import { CompressionError } from "../../src/compression/error.ts";
import { gzipMember, zstdFrame } from "../../src/compression/members.ts";
import { collect } from "../../src/streams/collect.ts";
import { concat } from "../../src/streams/concat.ts";
import { noise, Source, source, utf8 } from "../streams/source.ts";
import { bzip2, song, xz, xzCrc32, xzSha256 } from "./samples.ts";

async function unpack(
  bytes: Uint8Array,
  chunkSize = 65536,
  options?: DecompressOptions,
): Promise<Uint8Array> {
  const { body } = await decompress(source(bytes, chunkSize), options);
  return collect(body, 2 ** 28);
}

const checksum = { params: { [constants.ZSTD_c_checksumFlag]: 1 } };
const text = utf8(song);
const samples: [name: string, kind: string, bytes: Uint8Array][] = [
  ["gzip", "gzip", new Uint8Array(gzipSync(text))],
  ["zstd", "zstd", new Uint8Array(zstdCompressSync(text, checksum))],
  ["bzip2", "bzip2", bzip2],
  ["xz with CRC-64", "xz", xz],
  ["xz with CRC-32 and several blocks", "xz", xzCrc32],
  ["xz with SHA-256 and other properties", "xz", xzSha256],
];

describe.each(samples)("decompress %s", (_, kind, bytes) => {
  it.each([1, 7, 100, 65536])("in chunks of %d bytes", async (chunkSize) => {
    const unpacked = await decompress(source(bytes, chunkSize));
    expect(unpacked.kind).toBe(kind);
    expect(await collect(unpacked.body, text.length)).toEqual(text);
  });

  it("reads two consecutive ones", async () => {
    for (const chunkSize of [11, bytes.length, 65536]) {
      expect(await unpack(concat([bytes, bytes]), chunkSize)).toEqual(concat([text, text]));
    }
  });

  it("reports truncation at any byte", async () => {
    for (let length = 6; length < bytes.length; length += 3) {
      const error = await unpack(bytes.subarray(0, length)).catch((error) => error);
      expect(error, `${length} bytes`).toBeInstanceOf(CompressionError);
      expect(error).toMatchObject({ code: "truncated", message: expect.stringContaining("unexpected EOF") });
    }
  });

  it("reports truncation in a second one", async () => {
    for (const length of [1, 3, 5, 20, bytes.length - 1]) {
      const both = concat([bytes, bytes.subarray(0, length)]);
      for (const chunkSize of [bytes.length, 65536]) {
        const error = await unpack(both, chunkSize).catch((error) => error);
        expect(error, `${length} bytes, chunks of ${chunkSize}`).toBeInstanceOf(CompressionError);
      }
    }
  });

  it("rejects other data after the end", async () => {
    for (const rest of [utf8("something else"), new Uint8Array(510), utf8("x")]) {
      for (const chunkSize of [bytes.length, 65536]) {
        let size = 0;
        const { body } = await decompress(source(concat([bytes, rest]), chunkSize));
        const reading = (async () => {
          for await (const chunk of body) size += chunk.length;
        })();
        await expect(reading, `${rest.length} bytes`).rejects.toThrow(CompressionError);
        // The data before it is still returned.
        expect(size).toBe(text.length);
      }
    }
  });

  it("gives an error or the same result for damaged data", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const damaged = bytes.slice();
        damaged[at] = (damaged[at] as number) ^ change;
        // Damage to the magic number makes it another format.
        if ((await decompress(source(damaged))).kind !== kind) return;
        try {
          expect(await unpack(damaged, 1000, { maxBytes: 2 ** 24 })).toEqual(text);
        } catch (error) {
          if (!(error instanceof CompressionError)) throw error;
        }
      }),
      { numRuns: 150 },
    );
  });

  it("rejects noise", async () => {
    for (let seed = 0; seed < 20; seed++) {
      const bad = concat([bytes.subarray(0, 12), noise(500, seed)]);
      await expect(unpack(bad, 100, { maxBytes: 2 ** 24 })).rejects.toThrow(CompressionError);
    }
  });

  it("ends its source when the consumer stops", async () => {
    const given = source(concat([bytes, bytes, bytes]), 10);
    const { body } = await decompress(given);
    for await (const _ of body) break;
    expect(given.isEnded).toBe(true);
  });

  it("throws the error of the source", async () => {
    async function* failing() {
      yield bytes.subarray(0, 20);
      throw new RangeError("connection lost");
    }
    const { body } = await decompress(failing());
    await expect(collect(body, 2 ** 20)).rejects.toThrow(RangeError);
  });
});

describe("trailing garbage", () => {
  it.each(samples)("is reported: %s", async (_, __, bytes) => {
    const reading = unpack(concat([bytes, utf8("something else")]));
    await expect(reading).rejects.toMatchObject({ code: "trailing-garbage" });
  });
});

describe("headers of gzip", () => {
  const deflated = gzipMember(text, 5).subarray(10);
  const header = (flags: number, ...fields: Uint8Array[]) =>
    concat([Uint8Array.of(0x1f, 0x8b, 8, flags, 1, 2, 3, 4, 0, 3), ...fields, deflated]);
  const extra = concat([Uint8Array.of(5, 0), utf8("extra")]);
  const crc = Uint8Array.of(0, 0);

  it.each([
    ["a name", header(8, utf8("name\0"))],
    ["a comment", header(16, utf8("comment\0"))],
    ["extra fields", header(4, extra)],
    ["everything", header(31, extra, utf8("name\0comment\0"), crc)],
  ])("are skipped: %s", async (_, bytes) => {
    for (const chunkSize of [1, 65536]) expect(await unpack(bytes, chunkSize)).toEqual(text);
  });

  it("are rejected when they are truncated or use another method", async () => {
    await expect(unpack(header(8, noise(100_000).fill(1)))).rejects.toMatchObject({ code: "corrupt" });
    await expect(unpack(header(8, utf8("name")).subarray(0, 14))).rejects.toMatchObject({
      code: "truncated",
    });
  });

  it("must be followed by contents with the stated checksum and size", async () => {
    for (const at of [deflated.length - 8, deflated.length - 1]) {
      const damaged = header(0);
      damaged[10 + at] = (damaged[10 + at] as number) ^ 1;
      await expect(unpack(damaged)).rejects.toMatchObject({ code: "corrupt" });
    }
  });
});

describe("decompress", () => {
  it("returns uncompressed data unchanged", async () => {
    for (const bytes of [utf8("plain"), noise(100_000), new Uint8Array(0)]) {
      const unpacked = await decompress(source(bytes, 1000));
      expect(unpacked.kind).toBe("none");
      expect(await collect(unpacked.body, 100_000)).toEqual(bytes);
    }
  });

  it("reads large members of everything that does not shrink", async () => {
    const bytes = noise(700_000);
    const both = concat([bytes, bytes]);
    expect(await unpack(concat([gzipMember(bytes, 1), gzipMember(bytes, 1)]), 10_000)).toEqual(both);
    expect(await unpack(concat([zstdFrame(bytes, 1), zstdFrame(bytes, 1)]), 10_000)).toEqual(both);
  });

  it("reads a thousand small members", async () => {
    const parts = Array.from({ length: 1000 }, (_, i) => utf8(`member ${i}\n`));
    expect(await unpack(concat(parts.map((part) => gzipMember(part, 5))), 4096)).toEqual(concat(parts));
    expect(await unpack(concat(parts.map((part) => zstdFrame(part, 3))), 4096)).toEqual(concat(parts));
  });

  it("skips skippable frames of zstd", async () => {
    const skipped = Uint8Array.of(0x53, 0x2a, 0x4d, 0x18, 5, 0, 0, 0, 1, 2, 3, 4, 5);
    const frame = zstdFrame(text, 3);
    for (const chunkSize of [1, 13, 65536]) {
      expect(await unpack(concat([skipped, frame, skipped, frame, skipped]), chunkSize)).toEqual(
        concat([text, text]),
      );
    }
  });

  it("reads the padding of xz", async () => {
    const padded = concat([xz, new Uint8Array(8), xz, new Uint8Array(4)]);
    expect(await unpack(padded)).toEqual(concat([text, text]));
    await expect(unpack(concat([xz, new Uint8Array(5)]))).rejects.toMatchObject({ code: "corrupt" });
  });

  it("rejects bzip2 blocks of another size and empty ones", async () => {
    await expect(unpack(utf8("BZh0"))).rejects.toMatchObject({ code: "corrupt" });
    await expect(unpack(utf8("BZhx"))).rejects.toMatchObject({ code: "corrupt" });
  });

  it("reads no more input than needed", async () => {
    function* endless() {
      for (;;) yield gzipMember(noise(1000), 1);
    }
    const given = new Source(endless());
    const { body } = await decompress(given);
    let count = 0;
    for await (const _ of body) if (++count === 10) break;
    expect(given.pulled).toBeLessThan(20);
    expect(given.isEnded).toBe(true);
  });
});

describe("bombs", () => {
  const zeros = new Uint8Array(20_000_000);
  const bombs: [string, Uint8Array][] = [
    ["gzip", gzipMember(zeros, 9)],
    ["zstd", zstdFrame(zeros, 3)],
  ];

  it.each(bombs)("of %s stop at the maximum number of bytes", async (_, bomb) => {
    let size = 0;
    const { body } = await decompress(source(bomb), { maxBytes: 1_000_000 });
    const reading = (async () => {
      for await (const chunk of body) size += chunk.length;
    })();
    await expect(reading).rejects.toMatchObject({ name: "CompressionError", code: "too-large" });
    expect(size).toBeLessThanOrEqual(1_000_000);
  });

  it.each(bombs)("of %s stop at the maximum ratio", async (_, bomb) => {
    await expect(unpack(bomb, 65536, { maxRatio: 100 })).rejects.toMatchObject({ code: "too-large" });
    expect(await unpack(bomb, 65536)).toHaveLength(zeros.length);
  });

  it("of zstd may not need a window of more than 32 MiB", async () => {
    // RFC 8878, 3.1.1.1.2: an exponent of 17 is 2^27 bytes.
    const greedy = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, 17 << 3, 1, 0, 0);
    await expect(unpack(greedy)).rejects.toMatchObject({ code: "unsupported" });
    const modest = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, 15 << 3, 1, 0, 0);
    expect(await unpack(modest)).toHaveLength(0);
  });
});

import { describe, expect, it } from "vitest";
import { CompressionError } from "../../src/compression/error.ts";
import { gzipMember, inflateMember, zstdFrame } from "../../src/compression/members.ts";
import { concat } from "../../src/streams/concat.ts";
import { noise, utf8 } from "../streams/source.ts";

const prose = utf8("All the world's a stage, and all the men and women merely players. ".repeat(5000));

const writers = {
  gzip: (bytes: Uint8Array) => gzipMember(bytes, 5),
  zstd: (bytes: Uint8Array) => zstdFrame(bytes, 3),
};

describe.each(["gzip", "zstd"] as const)("a member of %s", (kind) => {
  const write = writers[kind];

  it.each([
    ["prose", prose],
    ["noise", noise(300_000)],
    ["a single byte", utf8("x")],
    ["nothing", new Uint8Array(0)],
    ["zeros", new Uint8Array(1_000_000)],
    ["what fills a buffer of 40 KiB", noise(40 * 1024)],
    ["what fills a buffer of 320 KiB", noise(320 * 1024)],
  ])("returns %s unchanged", (_, bytes) => {
    expect(inflateMember(write(bytes), kind, bytes.length)).toEqual(bytes);
  });

  it("is the same for the same bytes", () => {
    expect(write(prose)).toEqual(write(prose.slice()));
  });

  it("is small, and plain bytes", () => {
    expect(write(prose).length).toBeLessThan(prose.length / 50);
    expect(Object.getPrototypeOf(write(prose))).toBe(Uint8Array.prototype);
    expect(Object.getPrototypeOf(inflateMember(write(prose), kind, prose.length))).toBe(Uint8Array.prototype);
  });

  it("is rejected when its contents have another size", () => {
    const member = write(prose);
    for (const size of [0, 1, prose.length - 1, prose.length + 1]) {
      expect(() => inflateMember(member, kind, size), `${size}`).toThrow(CompressionError);
    }
  });

  it("is rejected when it is damaged or truncated", () => {
    const member = write(noise(1000));
    for (let at = 0; at < member.length; at += 37) {
      expect(() => inflateMember(member.subarray(0, at), kind, 1000), `cut at ${at}`).toThrow(
        CompressionError,
      );
    }
    expect(() => inflateMember(noise(500), kind, 1000)).toThrow(CompressionError);
  });

  it("is rejected when it exceeds its size", () => {
    const bomb = write(new Uint8Array(20_000_000));
    expect(() => inflateMember(bomb, kind, 1000)).toThrow(CompressionError);
  });
});

describe("zstdFrame", () => {
  it("states the size of its contents and has no checksum", () => {
    for (const size of [1000, 100_000, 300_000]) {
      const frame = zstdFrame(noise(size), 3);
      const descriptor = frame[4] as number;
      // RFC 8878, 3.1.1.1.1: single segment, no checksum, no dictionary; the size has 2 or 4 bytes.
      expect(descriptor & 0b0011_1111).toBe(0b0010_0000);
      const view = new DataView(frame.buffer, frame.byteOffset + 5);
      expect(descriptor >> 6 === 1 ? view.getUint16(0, true) + 256 : view.getUint32(0, true)).toBe(size);
    }
  });
});

describe("gzipMember", () => {
  it("has no time, no name and no operating system", () => {
    const member = gzipMember(prose, 6);
    expect(Array.from(member.subarray(0, 8))).toEqual([0x1f, 0x8b, 8, 0, 0, 0, 0, 0]);
    expect(member[9]).toBe(255);
  });

  it("is rejected for a wrong checksum", () => {
    const member = gzipMember(prose, 6);
    const crc = member.length - 8;
    member[crc] = (member[crc] as number) ^ 1;
    expect(() => inflateMember(member, "gzip", prose.length)).toThrow(CompressionError);
  });

  it("is smaller at higher levels", () => {
    const [fast, small] = [1, 9].map(
      (level) => gzipMember(concat([prose, noise(1000), prose]), level).length,
    );
    expect(small).toBeLessThan(fast as number);
  });
});

import { describe, expect, it } from "vitest";
import { detect } from "../../src/compression/detect.ts";
import { gzipMember, zstdFrame } from "../../src/compression/members.ts";
import { utf8 } from "../streams/source.ts";
import { bzip2, xz } from "./samples.ts";

describe("detect", () => {
  it.each([
    ["gzip", gzipMember(utf8("x"), 5)],
    ["zstd", zstdFrame(utf8("x"), 3)],
    ["bzip2", bzip2],
    ["xz", xz],
    ["none", utf8("plain text")],
    ["none", new Uint8Array(0)],
    // A frame to be skipped.
    ["zstd", Uint8Array.of(0x5f, 0x2a, 0x4d, 0x18, 0, 0)],
    // Zip, and lzma-alone: neither is unpacked by BuildKit.
    ["none", utf8("PK\x03\x04..")],
    ["none", Uint8Array.of(0x5d, 0, 0, 0x80, 0, 0xff)],
  ] as const)("detects %s", (kind, bytes) => {
    expect(detect(bytes)).toBe(kind);
  });

  it("needs the whole magic number", () => {
    expect(detect(xz.subarray(0, 5))).toBe("none");
    expect(detect(Uint8Array.of(0x1f, 0x8b))).toBe("none");
  });
});

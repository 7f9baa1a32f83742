import { describe, expect, it } from "vitest";
import { readHeader } from "../../src/tar/header.ts";
import { utf8 } from "../streams/source.ts";
import { GNU, rawHeader } from "./archive.ts";

/** A number in the binary form of a field of `length` bytes. */
function binary(value: bigint, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let rest = BigInt.asUintN(length * 8, value);
  for (let i = length - 1; i >= 0; i--, rest >>= 8n) bytes[i] = Number(rest & 255n);
  bytes[0] = (bytes[0] as number) | 0x80;
  return bytes;
}

describe("readHeader", () => {
  it("reads a ustar header with a prefix", () => {
    const header = rawHeader({
      name: "file",
      prefix: "some/directory",
      mode: "0000755\0",
      uid: "0001750\0",
      gid: "0000144\0",
      size: "00000000017\0",
      mtime: "14000000000\0",
      type: "2",
      linkname: "target",
      major: "0000010\0",
      minor: "0000001\0",
    });
    expect(readHeader(header)).toEqual({
      name: "some/directory/file",
      linkname: "target",
      mode: 0o755,
      uid: 1000,
      gid: 100,
      size: 15,
      mtime: 0o14000000000,
      type: "2",
      major: 8,
      minor: 1,
      format: "ustar",
    });
  });

  it("detects the formats by their magic", () => {
    expect(readHeader(rawHeader({ magic: "" })).format).toBe("v7");
    expect(readHeader(rawHeader({ magic: GNU })).format).toBe("gnu");
    expect(readHeader(rawHeader({ at: { 508: "tar\0" } })).format).toBe("star");
  });

  it("reads no prefix where the format has none", () => {
    expect(readHeader(rawHeader({ name: "n", magic: "", prefix: "p" })).name).toBe("n");
    expect(readHeader(rawHeader({ name: "n", magic: GNU, prefix: "p" })).name).toBe("n");
  });

  it("reads fields that are full, without a NUL at the end", () => {
    const name = "n".repeat(100);
    const header = readHeader(rawHeader({ name, linkname: "l".repeat(100), prefix: "p".repeat(155) }));
    expect(header).toMatchObject({ name: `${"p".repeat(155)}/${name}`, linkname: "l".repeat(100) });
  });

  it.each([
    ["spaces before", "    644 ", 0o644],
    ["NULs around", "\0\x00644\0\0\0", 0o644],
    ["all digits", "00000644", 0o644],
    ["rubbish after a NUL", "644\0zz", 0o644],
    ["nothing", "", 0],
  ])("reads octal numbers with %s", (_, mode, value) => {
    expect(readHeader(rawHeader({ mode })).mode).toBe(value);
  });

  it.each(["0x1ff", "8", "6 44", "-1"])("rejects the octal number %j", (mode) => {
    expect(() => readHeader(rawHeader({ mode }))).toThrow("mode is not an octal number");
  });

  it.each([0n, 1n, 2n ** 33n, 2n ** 53n - 1n, -1n, -(2n ** 40n)])("reads the binary number %d", (value) => {
    expect(readHeader(rawHeader({ mtime: binary(value, 12) })).mtime).toBe(Number(value));
  });

  it("rejects binary numbers that it cannot hold", () => {
    expect(() => readHeader(rawHeader({ size: binary(2n ** 53n, 12) }))).toThrow("size is out of range");
    expect(() => readHeader(rawHeader({ size: binary(2n ** 94n, 12) }))).toThrow("size is out of range");
  });

  it("accepts a checksum of signed bytes", () => {
    const header = rawHeader({ name: "grün" });
    let sum = 8 * 32;
    header.forEach((byte, i) => {
      if (i < 148 || i >= 156) sum += byte < 128 ? byte : byte - 256;
    });
    header.set(utf8(`${sum.toString(8)}\0 `), 148);
    expect(readHeader(header).name).toBe("grün");
  });

  it("rejects any changed byte", () => {
    const header = rawHeader({ name: "name" });
    for (let i = 0; i < 512; i += 7) {
      const changed = header.slice();
      changed[i] = (changed[i] as number) ^ 1;
      expect(() => readHeader(changed), `byte ${i}`).toThrow();
    }
  });
});

import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { decompress } from "../../src/compression/decompress.ts";
import { gzipMember, zstdFrame } from "../../src/compression/members.ts";
import { collect } from "../../src/streams/collect.ts";
import { concat } from "../../src/streams/concat.ts";
import { noise, source, utf8 } from "../streams/source.ts";

const MAX = 2 ** 27;

function run(program: string, args: string[], input: Uint8Array): Uint8Array {
  return new Uint8Array(
    execFileSync(program, args, { input, maxBuffer: MAX, stdio: ["pipe", "pipe", "pipe"] }),
  );
}

async function unpack(bytes: Uint8Array): Promise<Uint8Array> {
  const { body } = await decompress(source(bytes, 10_000));
  return collect(body, MAX);
}

/** Text of some hundred thousand bytes, partly repetitive. */
const words = noise(80_000).reduce((text, byte) => `${text}${(byte * byte).toString(36)} `, "");
const inputs: [string, Uint8Array][] = [
  ["text", utf8(words)],
  ["noise", noise(300_000)],
  ["zeros", new Uint8Array(3_000_000)],
  ["runs of each length", concat(Array.from({ length: 600 }, (_, i) => new Uint8Array(i).fill(i)))],
  ["a mixture", concat([utf8(words), noise(1_000_000, 7), utf8(words), new Uint8Array(100_000)])],
  ["one byte", utf8("x")],
  ["nothing", new Uint8Array(0)],
];

describe.each(inputs)("%s", (_, bytes) => {
  it.each([
    ["gzip", ["-1"]],
    ["gzip", ["-9"]],
    ["zstd", ["-1"]],
    ["zstd", ["-19", "--no-check"]],
    ["bzip2", ["-1"]],
    ["bzip2", ["-9"]],
    ["xz", ["-0"]],
    ["xz", ["-9"]],
    ["xz", ["--check=none", "--block-size=100000"]],
    ["xz", ["--check=sha256", "--lzma2=dict=4KiB,lc=0,lp=4,pb=4"]],
    ["xz", ["-T2", "--block-size=500000"]],
  ] as const)("is read from %s %j", async (program, args) => {
    const unpacked = await unpack(run(program, [...args, "-c"], bytes));
    expect(Buffer.compare(unpacked, bytes)).toBe(0);
  });

  it("is written for gzip and zstd", () => {
    const half = bytes.length >> 1;
    const parts = [bytes.subarray(0, half), bytes.subarray(half)];
    const gzip = concat(parts.map((part) => gzipMember(part, 6)));
    const zstd = concat(parts.map((part) => zstdFrame(part, 3)));
    expect(Buffer.compare(run("gzip", ["-dc"], gzip), bytes)).toBe(0);
    expect(Buffer.compare(run("zstd", ["-dcq"], zstd), bytes)).toBe(0);
  });
});

describe("filters of xz", () => {
  it.each([["--x86"], ["--delta=dist=4"]])("%s is not read", async (filter) => {
    const packed = run("xz", [filter, "--lzma2", "-c"], noise(1000));
    await expect(unpack(packed)).rejects.toMatchObject({ code: "unsupported" });
  });

  it("rejects a dictionary that is too large for a Worker", async () => {
    const packed = run("xz", ["--lzma2=dict=128MiB", "-c"], noise(1000));
    await expect(unpack(packed)).rejects.toMatchObject({ code: "unsupported" });
  });
});

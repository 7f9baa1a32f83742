import { describe, expect, test } from "vitest";
import { type MadePack, makePacks, type SentFile } from "../../src/client/make-packs.ts";
import { zstdFrame } from "../../src/compression/members.ts";
import type { PackHeader } from "../../src/context/pack-header.ts";
import { VerifiedPack } from "../../src/context/verify-pack.ts";
import { sha256 } from "../../src/streams/sha256.ts";
import { singleChunk } from "../../src/streams/single-chunk.ts";
import { noise } from "../streams/source.ts";

const MIB = 1024 * 1024;
const compress = async (data: Uint8Array) => zstdFrame(data, 1);

function fileOf(path: string, bytes: Uint8Array, chunk?: number): SentFile {
  const cut = async function* (size: number) {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  };
  return {
    path,
    digest: sha256(bytes),
    size: bytes.length,
    read: () => (chunk === undefined ? bytes : cut(chunk)),
  };
}

async function packsOf(files: SentFile[]): Promise<{ pack: MadePack; header: PackHeader }[]> {
  const all: { pack: MadePack; header: PackHeader }[] = [];
  for await (const pack of makePacks(files, compress)) {
    const verified = new VerifiedPack(singleChunk(pack.bytes), pack.digest, pack.bytes.length);
    for await (const _ of verified);
    all.push({ pack, header: verified.header });
  }
  return all;
}

describe("packs", () => {
  test("contain several small files, in order", async () => {
    const files = [fileOf("a", noise(10)), fileOf("b", noise(300_000), 1000), fileOf("c", noise(20))];
    const [only, ...others] = await packsOf(files);
    expect(others).toEqual([]);
    expect(only?.header.files.map(([hex]) => `sha256:${hex}`)).toEqual(files.map(({ digest }) => digest));
  });

  test("are closed when they are full", async () => {
    const files = Array.from({ length: 8 }, (_, i) => fileOf(`f${i}`, noise(4 * MIB, i + 1)));
    const packs = await packsOf(files);
    expect(packs.map(({ header }) => header.files.length)).toEqual([4, 4]);
  });

  test("of a large file that fits in one name the file", async () => {
    const large = fileOf("large", new Uint8Array(16 * MIB), MIB);
    const [only, ...others] = await packsOf([large]);
    expect(others).toEqual([]);
    expect(only?.header.files).toEqual([[large.digest.slice(7), large.size]]);
  });

  test("of a larger file are parts of it, with cuts independent of chunk sizes", async () => {
    const bytes = noise(34 * MIB);
    const packs = await packsOf([fileOf("large", bytes, MIB)]);
    const parts = packs.map(({ header }) => header.part?.[1]);
    expect(parts).toEqual([0, 16 * MIB, 32 * MIB]);
    const again = await packsOf([fileOf("large", bytes, 99_999)]);
    expect(again.map(({ pack }) => pack.digest)).toEqual(packs.map(({ pack }) => pack.digest));
  });
});

test.each<[string, Partial<SentFile>]>([
  ["other bytes", { read: () => noise(10, 2) }],
  ["fewer", { read: () => noise(9) }],
  ["more, in chunks", { read: () => fileOf("", noise(5000), 100).read() }],
])("a changed file is reported: %s", async (_, change) => {
  await expect(packsOf([{ ...fileOf("a", noise(10)), ...change }])).rejects.toThrow(
    'Cannot send "a": it changed while the context was being sent',
  );
});

test("a changed large file is reported before its last pack is complete", async () => {
  const file = fileOf("a", noise(18 * MIB), MIB);
  const changed = { ...file, read: fileOf("a", noise(18 * MIB, 2), MIB).read };
  const made: MadePack[] = [];
  await expect(async () => {
    for await (const pack of makePacks([changed], compress)) made.push(pack);
  }).rejects.toThrow('Cannot send "a": it changed');
  expect(made).toHaveLength(1);
});

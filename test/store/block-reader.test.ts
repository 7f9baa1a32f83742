import { describe, expect, test } from "vitest";
import { inflateMember } from "../../src/compression/members.ts";
import { BlockPacker } from "../../src/store/block-packer.ts";
import { BlockReader, type BlockReaderOptions } from "../../src/store/block-reader.ts";
import { type Block, BlockList } from "../../src/store/blocks.ts";
import { memoryStore } from "../../src/store/memory-store.ts";
import type { ObjectStore } from "../../src/store/object-store.ts";
import { concat } from "../../src/streams/concat.ts";
import { isolateMemory } from "../../src/streams/memory-budget.ts";
import { noise } from "../streams/source.ts";

const MIB = 1024 * 1024;

/** An object of blocks of 256 KiB that hardly compress, and the gets that a reader of it made. */
async function packed(size: number, options?: BlockReaderOptions) {
  const data = noise(size);
  const packer = new BlockPacker();
  packer.add(data);
  packer.flush();
  const bytes = concat(packer.take());
  const store = memoryStore();
  await store.put("packed", bytes, bytes.length);
  const gets: number[] = [];
  const counting: ObjectStore = {
    ...store,
    async getBytes(key, range) {
      gets.push(range?.length ?? 0);
      return store.getBytes(key, range);
    },
  };
  const list = new BlockList("packed", "zstd", packer.lengths);
  return { data, list, store, gets, reader: new BlockReader(counting, options) };
}

/** Decompression when a block is read, and when it arrives. */
const modes: [string, BlockReaderOptions][] = [
  ["on read", {}],
  ["on arrival", { inflate: async (...block) => inflateMember(...block) }],
];

const blockAt = (list: BlockList, i: number) => list.blocks[i] as Block;

describe("BlockList", () => {
  test("finds the block of every byte", async () => {
    const list = new BlockList(
      "key",
      "zstd",
      [
        [10, 100],
        [11, 0],
        [12, 50],
        [13, 1],
      ],
      7,
    );
    const found = (at: number) => {
      const place = list.find(at);
      return place && [place.block.offset, place.skip];
    };
    expect([0, 99, 100, 149, 150, 151].map(found)).toEqual([
      [7, 0],
      [7, 99],
      [28, 0],
      [28, 49],
      [40, 0],
      undefined,
    ]);
    expect(new BlockList("key", "zstd", []).find(0)).toBeUndefined();
  });
});

describe.each(modes)("decompresses %s", (_, mode) => {
  test("gives the data of each block", async () => {
    const { data, list, reader } = await packed(3 * MIB + 5, mode);
    let at = 0;
    for (const block of list.blocks) {
      expect(await reader.read(block)).toEqual(data.slice(at, at + block.size));
      at += block.size;
    }
    expect(at).toBe(data.length);
  });

  test("a sequential reader fetches some megabytes at a time without announcements", async () => {
    const { list, reader, gets } = await packed(16 * MIB, mode);
    for (const block of list.blocks) await reader.read(block);
    expect(list.blocks.length).toBe(64);
    expect(gets.length).toBeLessThan(12);
    expect(Math.max(...gets)).toBeLessThanOrEqual(2 * MIB);
  });

  test("a random reader fetches single blocks", async () => {
    const { list, reader, gets } = await packed(4 * MIB, mode);
    for (const i of [9, 3, 14, 6]) await reader.read(blockAt(list, i));
    expect(gets.length).toBe(4);
    expect(Math.max(...gets)).toBeLessThan(0.3 * MIB);
  });

  test("blocks that are announced together are fetched together, in any order", async () => {
    const { list, reader, gets } = await packed(4 * MIB, mode);
    for (const i of [2, 9, 3, 4]) reader.prefetch(blockAt(list, i));
    for (const i of [2, 9, 3, 4]) await reader.read(blockAt(list, i));
    expect(gets.length).toBe(2);
  });

  test("fetches no more ahead than allowed", async () => {
    const { list, reader, gets } = await packed(16 * MIB, { ...mode, ahead: 4 * MIB });
    for (const block of list.blocks) reader.prefetch(block);
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(gets.reduce((sum, length) => sum + length, 0)).toBeLessThan(6.5 * MIB);
    for (const block of list.blocks) await reader.read(block);
    expect(gets.length).toBeLessThan(16);
  });

  test("keeps the block that was read last, and fetches an old one again", async () => {
    const { list, reader, gets } = await packed(4 * MIB, { ...mode, ahead: MIB, kept: MIB });
    await reader.read(blockAt(list, 0));
    expect(reader.read(blockAt(list, 0))).toBeInstanceOf(Uint8Array);
    for (const i of [5, 7, 9, 11, 13, 15]) await reader.read(blockAt(list, i));
    const before = gets.length;
    await reader.read(blockAt(list, 0));
    expect(gets.length).toBe(before + 1);
  });

  describe("blocks that are read in another order than they are stored, eight times", () => {
    async function getsWith(free: number): Promise<number> {
      const { data, list, reader, gets } = await packed(12 * MIB, { ...mode, ahead: MIB, kept: MIB });
      using _ = isolateMemory.hold(isolateMemory.total - free);
      for (let i = 0; i < 8 * 48; i++) {
        const number = (i * 29) % 48;
        const expected = data.subarray((number * MIB) / 4, ((number + 1) * MIB) / 4);
        expect(Buffer.compare(await reader.read(blockAt(list, number)), expected)).toBe(0);
      }
      return gets.length;
    }

    test("are fetched at most twice when memory of the isolate is free", async () => {
      expect(await getsWith(64 * MIB)).toBeLessThanOrEqual(2 * 48);
    });

    test("are fetched again when none is free", async () => {
      expect(await getsWith(0)).toBeGreaterThan(4 * 48);
    });

    test("two readers of one object do not disturb each other", async () => {
      const { data, list, reader, store } = await packed(4 * MIB, { ...mode, ahead: 0, kept: 0 });
      const lengths = list.blocks.map(({ length, size }) => [length, size] as const);
      const other = new BlockList("packed", "zstd", lengths);
      const second = new BlockReader(store, { ...mode, ahead: 0, kept: 0 });
      for (let i = 0; i < 4 * 16; i++) {
        const number = (i * 5) % 16;
        const expected = data.subarray((number * MIB) / 4, ((number + 1) * MIB) / 4);
        expect(Buffer.compare(await reader.read(blockAt(list, number)), expected)).toBe(0);
        expect(Buffer.compare(await second.read(blockAt(other, number)), expected)).toBe(0);
      }
    });
  });

  test("two concurrent readers of a block share a get", async () => {
    const { data, list, reader, gets } = await packed(MIB, mode);
    const both = await Promise.all([reader.read(blockAt(list, 1)), reader.read(blockAt(list, 1))]);
    for (const bytes of both) expect(bytes).toEqual(data.slice(MIB / 4, MIB / 2));
    expect(gets.length).toBe(1);
  });

  test("announced blocks that are never read do not stop other reads", async () => {
    const { data, list, reader } = await packed(8 * MIB, { ...mode, ahead: MIB });
    for (const block of list.blocks.slice(0, 16)) reader.prefetch(block);
    await new Promise((resolve) => setTimeout(resolve, 10));
    for (let i = 31; i >= 16; i--) {
      expect(await reader.read(blockAt(list, i))).toEqual(data.slice((i * MIB) / 4, ((i + 1) * MIB) / 4));
    }
  });

  describe("errors", () => {
    test("names a missing object, and fetches it again for the next read", async () => {
      const { data, list, reader, store } = await packed(MIB, mode);
      const bytes = (await store.getBytes("packed")) ?? new Uint8Array(0);
      await store.delete("packed");
      reader.prefetch(blockAt(list, 0));
      await expect(async () => reader.read(blockAt(list, 0))).rejects.toThrow(
        'Cannot read "packed": it no longer exists',
      );
      await store.put("packed", bytes, bytes.length);
      expect(await reader.read(blockAt(list, 0))).toEqual(data.slice(0, MIB / 4));
    });

    test("rejects an object that is too short or damaged", async () => {
      const { list, reader, store } = await packed(MIB, mode);
      const bytes = (await store.getBytes("packed")) ?? new Uint8Array(0);
      await store.put("packed", bytes.subarray(0, 300_000), 300_000);
      await expect(async () => reader.read(blockAt(list, 1))).rejects.toThrow(
        /Cannot read \d+ bytes of "packed"/,
      );
      await store.put("packed", new Uint8Array(bytes.length), bytes.length);
      await expect(async () => reader.read(blockAt(list, 2))).rejects.toThrow(/Cannot decompress zstd/);
    });
  });
});

import { describe, expect, test } from "vitest";
import { DEFAULT_GIT_LIMITS, type GitLimits } from "../../../../src/engine/remote/git/limits.ts";
import { SHA1 } from "../../../../src/engine/remote/git/object-format.ts";
import { type GitObject, ObjectReceiver } from "../../../../src/engine/remote/git/object-receiver.ts";
import { readPack } from "../../../../src/engine/remote/git/pack.ts";
import { PackFiles } from "../../../../src/engine/remote/pack-files.ts";
import { memoryStore } from "../../../../src/store/memory-store.ts";
import { collect } from "../../../../src/streams/collect.ts";
import { singleChunk } from "../../../../src/streams/single-chunk.ts";
import { bytesOf, deltaOf, objectId, packOf, type TestEntry } from "../../../helpers/git-pack.ts";

async function receive(entries: readonly TestEntry[], limits: Partial<GitLimits> = {}) {
  const objects = new Map<string, GitObject>();
  const files = new PackFiles(memoryStore());
  const all = { ...DEFAULT_GIT_LIMITS, ...limits };
  const receiver = new ObjectReceiver(objects, SHA1, files, all);
  for await (const entry of readPack(singleChunk(packOf(entries)), SHA1, all)) await receiver.add(entry);
  receiver.finish();
  const textOf = async (text: string) => {
    const object = objects.get(objectId("blob", bytesOf(text)));
    if (object?.digest === undefined) return undefined;
    return new TextDecoder().decode(
      await collect(files.read({ digest: object.digest, size: object.size }), 1 << 24),
    );
  };
  return { objects, textOf };
}

const blob = (text: string): TestEntry => ({ type: "blob", data: bytesOf(text) });
/** Adds `more` to a text. */
const longer = (text: string, more: string) =>
  deltaOf(text.length, text.length + more.length, [
    ...(text === "" ? [] : [{ copy: [0, text.length] as [number, number] }]),
    { insert: bytesOf(more) },
  ]);
const idOf = (text: string) => objectId("blob", bytesOf(text));

describe("ObjectReceiver", () => {
  test("computes ids and keeps everything but files in memory", async () => {
    const { objects, textOf } = await receive([
      blob("a file"),
      { type: "tree", data: bytesOf("t") },
      { type: "commit", data: bytesOf("c") },
    ]);
    expect([...objects.keys()]).toEqual([
      idOf("a file"),
      objectId("tree", bytesOf("t")),
      objectId("commit", bytesOf("c")),
    ]);
    expect([...objects.values()].map(({ bytes }) => bytes?.length)).toEqual([6, 1, 1]);
    expect(await textOf("a file")).toBe("a file");
  });

  test("applies deltas upon deltas", async () => {
    const { textOf } = await receive([
      blob("one"),
      { type: "ofs-delta", base: 0, data: longer("one", "two") },
      { type: "ofs-delta", base: 1, data: longer("onetwo", "three") },
    ]);
    expect(await textOf("onetwothree")).toBe("onetwothree");
  });

  test("applies deltas that come before their bases, in any order", async () => {
    const entries: TestEntry[] = [
      { type: "ref-delta", base: idOf("onetwo"), data: longer("onetwo", "three") },
      { type: "ofs-delta", base: 0, data: longer("onetwothree", "four") },
      { type: "ref-delta", base: idOf("one"), data: longer("one", "two") },
      { type: "ref-delta", base: idOf("one"), data: longer("one", "2") },
      blob("one"),
    ];
    const { objects, textOf } = await receive(entries);
    expect(objects.size).toBe(5);
    expect(await textOf("onetwothreefour")).toBe("onetwothreefour");
    expect(await textOf("one2")).toBe("one2");
  });

  test("applies deltas to files that are no longer in memory", async () => {
    const large = "0123456789".repeat(40_000);
    const { textOf } = await receive(
      [
        blob(large),
        blob("x".repeat(300)),
        { type: "ofs-delta", base: 0, data: longer(large, "!") },
        { type: "ofs-delta", base: 1, data: longer("x".repeat(300), "y") },
      ],
      { recentBytes: 0 },
    );
    expect((await textOf(`${large}!`)) === `${large}!`).toBe(true);
    expect(await textOf(`${"x".repeat(300)}y`)).toBe(`${"x".repeat(300)}y`);
  });

  test("applies a delta that makes a large file of a small one in parts", async () => {
    const base = "0123456789abcdef".repeat(4096);
    const copies = Array.from({ length: 40 }, () => ({ copy: [0, 0x10000] as [number, number] }));
    const { objects } = await receive([
      blob(base),
      { type: "ofs-delta", base: 0, data: deltaOf(0x10000, 40 * 0x10000, copies) },
    ]);
    expect(objects.has(idOf(base.repeat(40)))).toBe(true);
  });

  test.each<[string, TestEntry[], Partial<GitLimits>, string]>([
    [
      "a delta of nothing",
      [{ type: "ref-delta", base: idOf("no"), data: longer("", "x") }],
      {},
      "the delta base",
    ],
    [
      "two deltas of each other",
      [
        { type: "ref-delta", base: "ab".repeat(20), data: longer("", "x") },
        { type: "ofs-delta", base: 0, data: longer("", "y") },
      ],
      {},
      "the delta base",
    ],
    [
      "a delta of itself",
      [{ type: "ofs-delta", base: 0, data: longer("", "x") }],
      {},
      "no object begins at byte",
    ],
    [
      "a delta of another size",
      [blob("one"), { type: "ofs-delta", base: 0, data: longer("four", "x") }],
      {},
      "its base must have 4 bytes",
    ],
    [
      "too much that waits",
      [{ type: "ref-delta", base: idOf("no"), data: longer("", "x".repeat(100)) }],
      { waitingBytes: 50 },
      "too many deltas",
    ],
    [
      "a delta that becomes too large",
      [blob("one"), { type: "ofs-delta", base: 0, data: longer("one", "xxx") }],
      { objectBytes: 5 },
      "6 bytes, more than 5",
    ],
    ["too much in all", [blob("one"), blob("two")], { fileBytes: 5 }, "more than 5 bytes"],
    [
      "too many directories",
      [
        { type: "tree", data: bytesOf("123") },
        { type: "tree", data: bytesOf("456") },
      ],
      { metadataBytes: 5 },
      "more than 5 bytes",
    ],
    [
      "a delta of a large file",
      [blob("x".repeat(300)), { type: "ofs-delta", base: 0, data: longer("x".repeat(300), "y") }],
      { recentBytes: 0, baseBytes: 299 },
      "the limit is 299",
    ],
  ])("rejects %s", async (_, entries, limits, message) => {
    await expect(receive(entries, limits)).rejects.toThrow(message);
  });
});

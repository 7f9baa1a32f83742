import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { decompress } from "../../src/compression/decompress.ts";
import { gzipMember } from "../../src/compression/members.ts";
import { UnsupportedWorkError } from "../../src/layers/portions.ts";
import { readArchive, type SentArchive } from "../../src/layers/sent-archive.ts";
import { readInParts } from "../../src/layers/sources.ts";
import { memoryStore } from "../../src/store/memory-store.ts";
import type { ObjectStore } from "../../src/store/object-store.ts";
import { collect } from "../../src/streams/collect.ts";
import { sha256 } from "../../src/streams/sha256.ts";
import { noise, source } from "../streams/source.ts";
import { keysOf } from "./entries.ts";

/** Maximum number of bytes of a tar that this invocation reads. */
const MAX = 100_000;
const small = noise(MAX);
const large = noise(MAX + 1);
const zip = (bytes: Uint8Array) => gzipMember(bytes, 1);

let store: ObjectStore;
/** Objects that are being written. */
let open: number;
let read: string[];
beforeEach(() => {
  const memory = memoryStore();
  open = 0;
  read = [];
  const create: ObjectStore["create"] = async (...args) => {
    const writer = await memory.create(...args);
    open += 1;
    const ended = () => {
      open -= 1;
    };
    return {
      ...writer,
      complete: () => writer.complete().finally(ended),
      abort: () => writer.abort().finally(ended),
    };
  };
  store = { ...memory, create };
});
afterEach(async () => {
  expect(open).toBe(0);
  expect(await keysOf(store)).toEqual([]);
});

async function tarOf(bytes: AsyncIterable<Uint8Array>): Promise<AsyncIterable<Uint8Array>> {
  return (await decompress(bytes)).body;
}

/** Reads an archive. @returns the digest of its tar */
async function readSent(archive: SentArchive, elsewhere?: () => never): Promise<string> {
  const digestOf = async (tar: AsyncIterable<Uint8Array>) => sha256(await collect(tar, 2 * MAX));
  return readArchive(
    store,
    archive,
    {
      async here(bytes, limit) {
        read.push("here");
        return digestOf(limit(await tarOf(bytes)));
      },
      async elsewhere(places) {
        read.push("elsewhere");
        elsewhere?.();
        return digestOf(await tarOf(readInParts(store, places)));
      },
    },
    () => MAX,
  );
}

describe("an archive in a request is read", () => {
  test.each([
    ["here when it is small", small, small.length, small, ["here"]],
    ["here when it is not compressed, and its size is unknown", large, undefined, large, ["here"]],
    ["here when it is small and compressed", zip(small), undefined, small, ["here"]],
    ["elsewhere when its size is large", large, large.length, large, ["here", "elsewhere"]],
    ["elsewhere when it expands too much", zip(large), 1000, large, ["here", "elsewhere"]],
    ["here when it is empty", new Uint8Array(0), 0, new Uint8Array(0), ["here"]],
  ])("%s", async (_, sent, maxSize, tar, where) => {
    expect(await readSent({ bytes: source(sent, 3), maxSize })).toBe(sha256(tar));
    expect(read).toEqual(where);
  });

  test.each([
    ["elsewhere", ["here", "elsewhere"]],
    ["here", ["here"]],
  ])("and nothing remains when reading it %s fails", async (where, reads) => {
    const body = source(zip(large));
    const failing = readArchive(
      store,
      { bytes: body },
      {
        async here(bytes, limit) {
          read.push("here");
          for await (const _ of limit(await tarOf(bytes))) if (where === "here") throw new Error("it fails");
        },
        async elsewhere() {
          read.push("elsewhere");
          throw new Error("it fails");
        },
      },
      () => MAX,
    );
    await expect(failing).rejects.toThrow("it fails");
    expect(read).toEqual(reads);
    expect(body.isEnded).toBe(true);
  });

  test("and nothing remains when the client disconnects", async () => {
    const body = async function* () {
      yield* source(zip(large), 10_000);
      throw new Error("disconnected");
    };
    await expect(readSent({ bytes: body() })).rejects.toThrow("disconnected");
    expect(read).toEqual(["here"]);
  });

  test("in this invocation, from the stored archive, when objects run an older version", async () => {
    const digest = readSent({ bytes: source(zip(large)) }, () => {
      throw new UnsupportedWorkError("older");
    });
    expect(await digest).toBe(sha256(large));
    expect(read).toEqual(["here", "elsewhere", "here"]);
  });
});

describe("a stored archive is read", () => {
  test.each([
    ["here when it is small", small, small, ["here"]],
    ["elsewhere at once when it is large", large, large, ["elsewhere"]],
    [
      "elsewhere when it expands too much",
      zip(new Uint8Array(2 * MAX)),
      new Uint8Array(2 * MAX),
      ["here", "elsewhere"],
    ],
  ])("%s, and not stored again", async (_, sent, tar, where) => {
    await store.put("upload", sent, sent.length);
    const body = source(sent);
    const places = [
      { key: "upload", offset: 0, length: 10 },
      { key: "upload", offset: 10, length: sent.length - 10 },
    ];
    expect(await readSent({ bytes: body, maxSize: sent.length, places })).toBe(sha256(tar));
    expect(read).toEqual(where);
    expect(body.isEnded).toBe(true);
    expect(await keysOf(store)).toEqual(["upload"]);
    await store.delete("upload");
  });
});

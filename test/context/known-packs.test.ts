import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { zstdFrame } from "../../src/compression/members.ts";
import { ContextBuilder } from "../../src/context/context-builder.ts";
import { KnownFiles } from "../../src/context/known-files.ts";
import { knownPacks } from "../../src/context/known-packs.ts";
import { decodePack, encodePack } from "../../src/context/pack.ts";
import { packReader } from "../../src/context/pack-reader.ts";
import { encodePlace, type Stretch, stretchesOf } from "../../src/context/place.ts";
import { memoryStore } from "../../src/store/memory-store.ts";
import type { ObjectStore } from "../../src/store/object-store.ts";
import { collect } from "../../src/streams/collect.ts";
import { concat } from "../../src/streams/concat.ts";
import { sha256 } from "../../src/streams/sha256.ts";
import { atOnce } from "../../src/streams/turns.ts";
import { noise, utf8 } from "../streams/source.ts";

async function contextOf(store: ObjectStore, files: Record<string, Uint8Array>) {
  const builder = new ContextBuilder(store);
  for (const [path, contents] of Object.entries(files)) {
    const node = { path, type: "file", mode: 0o644, uid: 0, gid: 0, mtime: 0, size: 0 } as const;
    builder.add(node, await builder.store(contents));
  }
  return builder.finish();
}

describe("KnownFiles", () => {
  test("finds the packs that were added first, and no others", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(300), { maxLength: 400 }), (numbers) => {
        const files = new KnownFiles();
        const model = new Map<string, number>();
        for (const [i, number] of numbers.entries()) {
          const digest = sha256(`${number}`);
          files.add(digest, i, number);
          if (!model.has(digest)) model.set(digest, i);
        }
        expect(files.size).toBe(model.size);
        for (let number = 0; number <= 301; number++) {
          const digest = sha256(`${number}`);
          expect(files.find(digest)).toBe(model.get(digest));
        }
      }),
    );
  });

  test("distinguishes digests with the same beginning", () => {
    const files = new KnownFiles();
    const digests = Array.from({ length: 200 }, (_, i) => `sha256:${i.toString(16).padStart(64, "0")}`);
    for (const [i, digest] of digests.entries()) files.add(digest, [i, 1, 2, 3], 4);
    expect(digests.map((digest) => files.find(digest))).toEqual(digests.map((_, i) => [i, 1, 2, 3]));
  });
});

test("law: a place encodes each range", () => {
  const aStretch = fc.record({
    pack: fc.nat(100_000),
    at: fc.nat(2 ** 30),
    size: fc.integer({ min: 1, max: 2 ** 30 }),
  });
  fc.assert(
    fc.property(fc.array(aStretch, { minLength: 1, maxLength: 5 }), (stretches: Stretch[]) => {
      const size = stretches.reduce((sum, part) => sum + part.size, 0);
      expect(stretchesOf(JSON.parse(JSON.stringify(encodePlace(stretches))), size)).toEqual(stretches);
    }),
  );
});

test("a pack lists its contents", () => {
  const data = [utf8("hello"), utf8(" world")];
  const frames = data.map((bytes) => zstdFrame(bytes, 1));
  const lengths = frames.map(({ length }, i): [number, number] => [length, data[i]?.length ?? 0]);
  const files = [[sha256("hello world").slice(7), 11]] as const;
  const { parts, offset } = encodePack(frames, lengths, { files });
  const pack = decodePack(concat(parts));
  expect(pack).toMatchObject({ offset, blocks: lengths, files });
  expect(concat([...pack.data()])).toEqual(utf8("hello world"));
  expect(() => decodePack(utf8("no pack"))).toThrow(
    "Cannot read a stored pack: the object has another format",
  );
});

describe("files of earlier contexts", () => {
  test("is found by digest, with its packs, when several contexts share them", async () => {
    const store = memoryStore();
    const large = noise(9_000_000);
    const first = await contextOf(store, { a: utf8("one"), b: utf8("two"), large });
    const second = await contextOf(store, { c: utf8("three"), again: utf8("one"), large });
    const known = atOnce(knownPacks([first, second, first]));
    expect(new Set(known.packs.map((pack) => pack?.digest)).size).toBe(known.packs.length);
    const read = packReader(store, known.packs);
    for (const contents of [utf8("one"), utf8("two"), utf8("three"), large]) {
      const place = known.files.find(sha256(contents));
      expect(place).toBeDefined();
      if (place === undefined) continue;
      expect(sha256(await collect(read(place, contents.length).read(), 2 ** 30))).toBe(sha256(contents));
    }
  });
});

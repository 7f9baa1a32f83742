import { describe, expect, test } from "vitest";
import { gzipMember, zstdFrame } from "../../src/compression/members.ts";
import { type IngestLimits, ingestTar } from "../../src/context/ingest.ts";
import { memoryStore } from "../../src/store/memory-store.ts";
import type { ObjectStore } from "../../src/store/object-store.ts";
import { concat } from "../../src/streams/concat.ts";
import type { Entry } from "../../src/tar/entry.ts";
import { Source, source, utf8 } from "../streams/source.ts";
import { archive, member, rawMember } from "../tar/archive.ts";

const ingest = (bytes: Uint8Array, limits: IngestLimits = {}, store: ObjectStore = memoryStore()) =>
  ingestTar(source(bytes), { store, limits });

const link = (path: string, linkname: string, type: Entry["type"] = "symlink") =>
  member({ path, type, linkname });

describe("an archive above the limits", () => {
  test("with a million entries is rejected: the error names the first entry above the limit", async () => {
    const members = Array.from({ length: 200 }, (_, i) => member({ path: `f${i}` }));
    await expect(ingest(archive(...members), { maxEntries: 150 })).rejects.toThrow(/"f1(49|50)"/);
  });

  test("with entries that imply many directories is rejected", async () => {
    const deep = (i: number) => member({ path: `${`d${i}/`.repeat(200)}f` });
    await expect(ingest(archive(deep(1), deep(2), deep(3)), { maxEntries: 500 })).rejects.toThrow(
      /there are more than 500 entries/,
    );
  });

  test("that is small and expands to a huge file is rejected", async () => {
    const tar = archive(member({ path: "zeros" }, new Uint8Array(20_000_000)));
    for (const bomb of [gzipMember(tar, 9), zstdFrame(tar, 3)]) {
      expect(bomb.length).toBeLessThan(30_000);
      await expect(ingest(bomb, { maxBytes: 1_000_000 })).rejects.toThrow(/"zeros"|1000000 bytes/);
      await expect(ingest(bomb, { maxRatio: 100 })).rejects.toThrow(/100 times/);
    }
  });

  test("with a header that states a file of 8 GiB without contents is rejected", async () => {
    const [header] = [member({ path: "huge", size: 8 * 2 ** 30 })];
    await expect(ingest(archive(header ?? new Uint8Array(0)), { maxBytes: 2 ** 30 })).rejects.toThrow(
      /"huge"/,
    );
    await expect(ingest(archive(header ?? new Uint8Array(0)))).rejects.toThrow(
      /"huge".*unexpected EOF|unexpected EOF.*huge/,
    );
  });

  test("of zeros is stored as one small pack", async () => {
    const store = memoryStore();
    const { packs } = await ingest(archive(member({ path: "zeros" }, new Uint8Array(30_000_000))), {}, store);
    let stored = 0;
    for await (const { size } of store.list("packs/")) stored += size;
    expect(packs.length).toBe(1);
    expect(stored).toBeLessThan(20_000);
  });
});

describe("names and links cannot leave the context", () => {
  const pathsOf = async (...members: Uint8Array[]) =>
    [...(await ingest(archive(...members))).tree.walk("")].map(({ path }) => path);

  test.each(["../../etc/passwd", "a/../../b", ".."])("the name %j is rejected", async (name) => {
    await expect(ingest(archive(rawMember({ name }, "x")))).rejects.toThrow(
      `Cannot read tar entry "${name}": "${name}" leads out of the root`,
    );
  });

  test("absolute names are relative to the context", async () => {
    expect(await pathsOf(rawMember({ name: "/etc/shadow" }, "x"))).toEqual(["etc", "etc/shadow"]);
  });

  test("a file written through a link stays inside", async () => {
    const paths = await pathsOf(link("evil", "../../../../root"), member({ path: "evil/.profile" }, "x"));
    expect(paths).toEqual(["evil", "root", "root/.profile"]);
  });

  test("a hard link to a file outside is rejected", async () => {
    const evil = rawMember({ name: "evil", type: "1", linkname: "../../etc/shadow" });
    await expect(ingest(archive(evil))).rejects.toThrow(/"evil".*leads out of the root/);
    const absent = rawMember({ name: "evil", type: "1", linkname: "/etc/shadow" });
    await expect(ingest(archive(absent))).rejects.toThrow('"evil": its target "etc/shadow" does not exist');
  });

  test("cyclic links are stored as links, and entries below them are rejected", async () => {
    const circle = [link("a", "b"), link("b", "a")];
    expect(await pathsOf(...circle)).toEqual(["a", "b"]);
    await expect(ingest(archive(...circle, member({ path: "a/x" })))).rejects.toThrow(
      'Cannot place the entry "a/x": "a" leads through too many links',
    );
  });

  test("hard links to themselves or to each other are rejected", async () => {
    await expect(ingest(archive(link("a", "a", "hardlink")))).rejects.toThrow(
      '"a": its target "a" does not exist',
    );
    await expect(ingest(archive(link("a", "b", "hardlink"), link("b", "a", "hardlink")))).rejects.toThrow(
      '"a": its target "b" does not exist',
    );
  });

  test("an entry below a file is rejected", async () => {
    await expect(ingest(archive(member({ path: "a" }), member({ path: "a/b" })))).rejects.toThrow(
      'Cannot place the entry "a/b": "a" is not a directory',
    );
  });
});

describe("an incomplete upload", () => {
  const tar = archive(member({ path: "a" }, "x".repeat(2000)), member({ path: "b" }, "y".repeat(2000)));

  test.each([100, 600, 1500, 3000, 4000])("after %i bytes is an error", async (length) => {
    await expect(ingest(tar.subarray(0, length))).rejects.toThrow(/unexpected EOF/);
  });

  test("gives the error of its source", async () => {
    const broken = new Source(
      (function* () {
        yield tar.subarray(0, 3000);
        throw new Error("the connection was lost");
      })(),
    );
    await expect(ingestTar(broken, { store: memoryStore() })).rejects.toThrow("the connection was lost");
    expect(broken.isEnded).toBe(true);
  });

  test("that is not an archive is an error", async () => {
    await expect(ingest(utf8("<html>not an archive</html>".repeat(100)))).rejects.toThrow(/Cannot read tar/);
  });

  test("a store that fails is an error, not a hang", async () => {
    const store: ObjectStore = {
      ...memoryStore(),
      async put() {
        throw new Error("the store is full");
      },
    };
    await expect(ingest(tar, {}, store)).rejects.toThrow("the store is full");
    const large = Array.from({ length: 12 }, (_, i) => member({ path: `f${i}` }, randomLike(3_900_000, i)));
    await expect(ingest(archive(...large), {}, store)).rejects.toThrow("the store is full");
  });
});

test("an empty archive is an empty context", async () => {
  expect([...(await ingest(archive())).tree.walk("")]).toEqual([]);
  expect([...(await ingest(concat([]))).tree.walk("")]).toEqual([]);
});

function randomLike(size: number, seed: number): Uint8Array {
  const words = new Uint32Array(size / 4);
  let state = seed + 1;
  for (let i = 0; i < words.length; i++) {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + i;
    words[i] = state;
  }
  return new Uint8Array(words.buffer);
}

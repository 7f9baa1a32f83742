import { describe, expect, test } from "vitest";
import { CompressionError } from "../../src/compression/error.ts";
import { gzipMember, zstdFrame } from "../../src/compression/members.ts";
import type { ForeignLayer } from "../../src/layers/foreign-layer.ts";
import { ingestLayer, openOrIngestLayer } from "../../src/layers/ingest.ts";
import { openLayer } from "../../src/layers/toc.ts";
import { blobKey } from "../../src/oci/content-key.ts";
import { DOCKER, OCI } from "../../src/oci/media-types.ts";
import { memoryStore } from "../../src/store/memory-store.ts";
import type { ObjectStore } from "../../src/store/object-store.ts";
import { concat } from "../../src/streams/concat.ts";
import { sha256 } from "../../src/streams/sha256.ts";
import { ContentMismatchError } from "../../src/streams/verify.ts";
import { TarError } from "../../src/tar/error.ts";
import { endOfArchive } from "../../src/tar/write.ts";
import { noise, utf8 } from "../streams/source.ts";
import { archive as archiveOf, member, pax, rawMember } from "../tar/archive.ts";
import { contentsOf, keysOf } from "./entries.ts";

const large = noise(700_000);
const members = [
  member({ path: "etc", type: "dir", mode: 0o755 }),
  member({ path: "etc/passwd" }, "root:x:0:0"),
  member({ path: "etc/.wh.shadow" }),
  member({ path: "usr/bin/tool", mode: 0o4755, mtime: 1.5 }, large),
  member({ path: "usr/bin/link", type: "hardlink", linkname: "usr/bin/tool", mode: 0o4755, mtime: 1.5 }),
  member({ path: "elsewhere", type: "hardlink", linkname: "in/a/lower/layer" }),
  member({ path: "etc/passwd" }, "root:x:0:0:replaced"),
  member({ path: "dev/null", type: "char", device: { major: 1, minor: 3 } }),
];
const archive = archiveOf(...members);

type ErrorClass = new (...given: never[]) => Error;

/** Stores a blob and returns its descriptor. */
async function push(
  store: ObjectStore,
  blob: Uint8Array,
  tar: Uint8Array,
  mediaType: string,
): Promise<ForeignLayer> {
  const digest = sha256(blob);
  await store.put(blobKey(digest), blob, blob.length);
  return { digest, size: blob.length, mediaType, diffId: sha256(tar) };
}

describe.each([
  ["gzip", gzipMember(archive, 6), OCI.layerGzip],
  ["Docker's gzip", gzipMember(archive, 6), DOCKER.layerGzip],
  [
    "several gzip members",
    concat([gzipMember(archive.subarray(0, 5000), 6), gzipMember(archive.subarray(5000), 1)]),
    OCI.layerGzip,
  ],
  ["zstd", zstdFrame(archive, 3), OCI.layerZstd],
  [
    "several zstd frames",
    concat([zstdFrame(archive.subarray(0, 5000), 3), zstdFrame(archive.subarray(5000), 1)]),
    OCI.layerZstd,
  ],
  ["nothing", archive, OCI.layer],
])("a foreign layer, compressed with %s", (_, blob, mediaType) => {
  test("gets a table of contents", async () => {
    const store = memoryStore();
    const layer = await push(store, blob, archive, mediaType);
    const { tree, ...info } = await ingestLayer(store, layer);
    expect(info).toEqual(layer);
    expect(tree.hasWhiteouts).toBe(true);
    expect([...tree.walk("")]).toMatchObject([
      { path: "dev", implied: true },
      { path: "dev/null", type: "char", device: { major: 1, minor: 3 } },
      { path: "elsewhere", type: "hardlink", linkname: "in/a/lower/layer" },
      { path: "etc", mode: 0o755 },
      { path: "etc/.wh.shadow", size: 0 },
      { path: "etc/passwd", size: 19, digest: sha256("root:x:0:0:replaced") },
      { path: "usr", implied: true },
      { path: "usr/bin", implied: true },
      { path: "usr/bin/link", type: "hardlink", linkname: "usr/bin/tool", digest: sha256(large) },
      { path: "usr/bin/tool", mode: 0o4755, mtime: 1.5, size: large.length },
    ]);
    expect([...((await openLayer(store, layer.digest))?.tree.walk("") ?? [])]).toMatchObject(
      [...tree.walk("")].map(({ contents: _, ...node }) => node),
    );
  });

  test("gives its files", async () => {
    const store = memoryStore();
    const { tree } = await ingestLayer(store, await push(store, blob, archive, mediaType));
    expect(await contentsOf(tree, "usr/bin/link")).toEqual(large);
    expect(await contentsOf(tree, "etc/passwd")).toEqual(utf8("root:x:0:0:replaced"));
    expect(await contentsOf(tree, "etc/.wh.shadow")).toEqual(new Uint8Array(0));
  });
});

test("the blob is read once for the entries and once for all contents", async () => {
  const store = memoryStore();
  const layer = await push(store, gzipMember(archive, 6), archive, OCI.layerGzip);
  let reads = 0;
  const counting: ObjectStore = {
    ...store,
    async get(key, range) {
      if (key.startsWith("blobs/")) reads++;
      return store.get(key, range);
    },
  };
  await openOrIngestLayer(counting, layer);
  expect(reads).toBe(1);
  expect((await keysOf(store)).map((key) => key.split("/")[0])).toEqual(["blobs", "tocs"]);
  for (let i = 0; i < 2; i++) {
    const { tree } = await openOrIngestLayer(counting, layer);
    const files = ["usr/bin/tool", "etc/passwd"];
    await Promise.all(files.map((path) => contentsOf(tree, path)));
  }
  expect(reads).toBe(2);
});

test("the last header of a hard link describes the file", async () => {
  const store = memoryStore();
  const link = { path: "h", type: "hardlink", linkname: "a", mtime: 9 } as const;
  const tar = archiveOf(
    member({ path: "a", mode: 0o644, mtime: 5 }, "x"),
    member({ ...link, mode: 0o700, uid: 6 }),
    member({ ...link, path: "i", linkname: "h", mode: 0o600, uid: 7 }),
  );
  const { tree } = await ingestLayer(store, await push(store, tar, tar, OCI.layer));
  expect(tree.lookup("a")).toMatchObject({ type: "file", mode: 0o600, uid: 7, mtime: 9, size: 1 });
  expect(tree.lookup("i")).toMatchObject({ type: "hardlink", linkname: "a" });
  expect(await contentsOf(tree, "a")).toEqual(utf8("x"));
});

test("another diffID is rejected, also when the table of contents exists", async () => {
  const store = memoryStore();
  const tar = archiveOf(member({ path: "f" }, "contents"));
  const layer = await push(store, tar, tar, OCI.layer);
  const wrong = { ...layer, diffId: sha256("another") };
  await expect(openOrIngestLayer(store, wrong)).rejects.toThrow(ContentMismatchError);
  await openOrIngestLayer(store, layer);
  await expect(openOrIngestLayer(store, wrong)).rejects.toThrow(ContentMismatchError);
});

test("holes of a sparse file are zeros in its contents", async () => {
  const store = memoryStore();
  const sparse = { "GNU.sparse.map": "1000,4", "GNU.sparse.size": "2000", "GNU.sparse.name": "disk" };
  const tar = archiveOf(pax(sparse), rawMember({ name: "stored" }, "data"), member({ path: "z" }, "after"));
  const { tree } = await ingestLayer(store, await push(store, tar, tar, OCI.layer));
  expect(await contentsOf(tree, "disk")).toEqual(
    concat([new Uint8Array(1000), utf8("data"), new Uint8Array(996)]),
  );
  expect(await contentsOf(tree, "z")).toEqual(utf8("after"));
});

describe("a layer is rejected, and leaves no table of contents,", () => {
  const refused = async (
    blob: Uint8Array,
    expected: ErrorClass | string,
    change: Partial<ForeignLayer> = {},
  ) => {
    const store = memoryStore();
    const layer = await push(store, blob, archive, OCI.layerGzip);
    await expect(ingestLayer(store, { ...layer, ...change })).rejects.toThrow(expected);
    expect(await keysOf(store, "tocs/")).toEqual([]);
  };

  test("when its tar has another diffID", async () => {
    await refused(gzipMember(concat([archive, endOfArchive]), 6), ContentMismatchError);
  });

  test("when it is truncated", async () => {
    await refused(gzipMember(archive, 6).subarray(0, 5000), CompressionError);
    await refused(gzipMember(archive.subarray(0, 5000), 6), TarError);
  });

  test("when it is no layer by its media type", async () => {
    await refused(gzipMember(archive, 6), 'no layer has the media type "application/json"', {
      mediaType: "application/json",
    });
  });

  test("when its blob is missing", async () => {
    const digest = sha256("other");
    await refused(gzipMember(archive, 6), `Cannot read layer ${digest}: its blob is not stored`, { digest });
  });
});

import { describe, expect, test } from "vitest";
import { gzipMember } from "../../src/compression/members.ts";
import { loadImages } from "../../src/images/load.ts";
import { type ArchiveReceiver, StoredArchiveReceiver } from "../../src/images/receive-archive.ts";
import { Recompressor, type RecompressWorker } from "../../src/layers/recompress.ts";
import { OCI } from "../../src/oci/media-types.ts";
import { memoryStore } from "../../src/store/memory-store.ts";
import type { ObjectStore } from "../../src/store/object-store.ts";
import { concat } from "../../src/streams/concat.ts";
import { sha256 } from "../../src/streams/sha256.ts";
import { keysOf } from "../layers/entries.ts";
import { noise, source } from "../streams/source.ts";
import { archive, member } from "../tar/archive.ts";

const MIB = 1024 * 1024;
/** Bytes of a portion. Uncompressed archives are read in larger pieces, each of which is one. */
const PORTION = 200_000;
const bytesOf = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const pathOf = (digest: string) => `blobs/${digest.replace(":", "/")}`;

const tars = [1, 2].map((seed) => archive(member({ path: `file-${seed}` }, noise(6 * MIB, seed))));
const diffIds = tars.map((tar) => sha256(tar));
const config = bytesOf({ architecture: "amd64", os: "linux", rootfs: { type: "layers", diff_ids: diffIds } });

function layout(): Uint8Array {
  const blobs = tars.map((tar) => gzipMember(tar, 1));
  const described = (mediaType: string, bytes: Uint8Array) => ({
    mediaType,
    digest: sha256(bytes),
    size: bytes.length,
  });
  const layers = blobs.map((blob) => described(OCI.layerGzip, blob));
  const mediaType = OCI.manifest;
  const manifest = bytesOf({ schemaVersion: 2, mediaType, config: described(OCI.config, config), layers });
  const named = { ...described(mediaType, manifest), annotations: { "io.containerd.image.name": "app" } };
  return archive(
    ...[...blobs, config, manifest].map((bytes) => member({ path: pathOf(sha256(bytes)) }, bytes)),
    member({ path: "index.json" }, bytesOf({ schemaVersion: 2, manifests: [named] })),
  );
}

/** As older versions of `docker save` write it: files that are not named by their digests, and links. */
function dockerArchive(): Uint8Array {
  return archive(
    member({ path: "config.json" }, config),
    ...tars.map((tar, number) => member({ path: `${number}/layer.tar` }, tar)),
    member({ path: "2/layer.tar", type: "symlink", linkname: "../1/layer.tar" }),
    member(
      { path: "manifest.json" },
      bytesOf([{ Config: "config.json", RepoTags: ["app"], Layers: ["0/layer.tar", "2/layer.tar"] }]),
    ),
  );
}

const options = {
  names: [],
  readName: (text: string) => ({ repository: text, tag: "1" }),
  unnamed: "builds",
  authorize: () => {},
};

/** A receiving object that loses its state before one call. */
function receiverOf(store: ObjectStore, forgets = Number.POSITIVE_INFINITY) {
  let receiver = new StoredArchiveReceiver(store, PORTION);
  const calls: number[] = [];
  const object: ArchiveReceiver = {
    receive(number, places) {
      if (calls.length === forgets) receiver = new StoredArchiveReceiver(store, PORTION);
      calls.push(number);
      // As on the way to another invocation.
      return receiver.advance(number, places).then((portion) => structuredClone(portion));
    },
    stopReceive: () => receiver.stop(),
  };
  return { object, calls };
}

/** Loads an archive that is stored, and larger than one invocation reads, as its client says. */
async function loadStored(store: ObjectStore, bytes: Uint8Array, object: ArchiveReceiver) {
  let compressor = new Recompressor(store, PORTION);
  let compressions = 0;
  const newCompressor = () => {
    compressor = new Recompressor(store, PORTION);
    compressions += 1;
    return {
      recompress: (...args: Parameters<RecompressWorker["recompress"]>) => compressor.advance(...args),
      stopRecompress: () => compressor.stop(),
    };
  };
  await store.put("upload", bytes, bytes.length);
  const places = [{ key: "upload", offset: 0, length: bytes.length }];
  try {
    const result = await loadImages(
      store,
      { bytes: source(bytes), maxSize: 2 ** 30, places },
      { ...options, newReceiver: () => object, newCompressor },
    );
    return { result, compressions };
  } finally {
    await store.delete("upload");
  }
}

async function loadHere(bytes: Uint8Array) {
  const store = memoryStore();
  return { result: await loadImages(store, { bytes: source(bytes) }, options), keys: await keysOf(store) };
}

describe("a large archive of images that is received in portions", () => {
  test.each([
    ["an OCI layout", layout(), 0, Number.POSITIVE_INFINITY],
    ["an OCI layout in gzip", gzipMember(layout(), 1), 0, Number.POSITIVE_INFINITY],
    ["a docker archive, whose layers others compress", dockerArchive(), 2, Number.POSITIVE_INFINITY],
    ["an OCI layout, whose state is lost", layout(), 0, 2],
  ])("gives the same images: %s", async (_, bytes, plain, forgets) => {
    const here = await loadHere(bytes);
    const store = memoryStore();
    const { object, calls } = receiverOf(store, forgets);
    const { result, compressions } = await loadStored(store, bytes, object);
    expect(result).toEqual(here.result);
    expect(compressions).toBe(plain);
    expect(calls.length).toBeGreaterThan(3);
    expect(calls.filter((number) => number === 0)).toHaveLength(forgets < calls.length ? 2 : 1);
    const isOwn = (key: string) => !key.startsWith("refs/");
    expect((await keysOf(store)).filter(isOwn)).toEqual(here.keys.filter(isOwn));
  });

  const other = noise(MIB);
  test.each([
    ["truncated", layout().subarray(0, 8 * MIB)],
    ["damaged", concat([gzipMember(layout(), 1).subarray(0, 8 * MIB), other])],
    ["of a blob with another digest", archive(member({ path: pathOf(sha256("x")) }, other))],
    ["of a name outside", archive(member({ path: "large" }, other), member({ path: "../x" }, "x"))],
    ["without images", archive(member({ path: "large" }, other))],
  ])("is rejected as by one invocation when it is %s", async (_, bytes) => {
    const expected = await loadHere(bytes).then(
      () => expect.fail("it is valid"),
      (error: unknown) => error,
    );
    expect(expected).toMatchObject({ name: "ImageError", code: "archive-invalid" });
    const { code, message, hint } = expected as { code: string; message: string; hint: string };
    const store = memoryStore();
    const loading = loadStored(store, bytes, receiverOf(store).object);
    await expect(loading).rejects.toMatchObject({ name: "ImageError", code, message, hint });
    expect((await keysOf(store)).filter((key) => key.startsWith("spool/"))).toEqual([]);
  });

  test("is stopped and leaves no temporary objects when an object fails", async () => {
    const store = memoryStore();
    const { object, calls } = receiverOf(store);
    const failing: ArchiveReceiver = {
      ...object,
      receive: (number, places) =>
        calls.length === 2 ? Promise.reject(new Error("it fails")) : object.receive(number, places),
    };
    await expect(loadStored(store, dockerArchive(), failing)).rejects.toThrow("it fails");
    expect((await keysOf(store)).filter((key) => key.startsWith("spool/"))).toEqual([]);
  });
});

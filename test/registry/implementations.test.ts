import { beforeEach, describe, expect, test } from "vitest";
import type { Descriptor } from "../../src/oci/descriptor.ts";
import { encodeManifest, parseManifest } from "../../src/oci/manifest.ts";
import { OCI } from "../../src/oci/media-types.ts";
import { copyImage } from "../../src/registry/copy-image.ts";
import { PullThrough } from "../../src/registry/pull-through.ts";
import type { Registry } from "../../src/registry/registry.ts";
import { RemoteRegistry } from "../../src/registry/remote/remote-registry.ts";
import { Transport } from "../../src/registry/remote/transport.ts";
import { RestrictedRegistry } from "../../src/registry/restricted.ts";
import { handleRegistry } from "../../src/registry/server/handle.ts";
import { StoreRegistry } from "../../src/registry/store/store-registry.ts";
import { memoryCache } from "../../src/store/memory-cache.ts";
import { memoryStore } from "../../src/store/memory-store.ts";
import type { ObjectStore } from "../../src/store/object-store.ts";
import { chunks } from "../../src/streams/chunks.ts";
import { collect } from "../../src/streams/collect.ts";
import { sha256 } from "../../src/streams/sha256.ts";
import { singleChunk } from "../../src/streams/single-chunk.ts";
import { allOf } from "../helpers/all-of.ts";
import { content, pushImage, type TestContent, testImage, testIndex } from "./test-image.ts";

/** A registry, and the registry to push to, because a pull-through cache is read-only. */
interface Pair {
  registry: Registry;
  origin: Registry;
}

/** The client of a registry that the HTTP server serves. */
function overHttp(registry: Registry, change: (response: Response) => Response = (response) => response) {
  const base = "https://registry.test";
  const fetch = async (url: string, init?: RequestInit) =>
    change(await handleRegistry(new Request(url, init), registry));
  return new RemoteRegistry({ base, transport: new Transport({ fetch, tries: 1 }) });
}

const implementations: [name: string, open: () => Pair][] = [
  ["the store", () => same(new StoreRegistry(memoryStore()))],
  ["the client of the server", () => same(overHttp(new StoreRegistry(memoryStore())))],
  [
    "a view with all rights",
    () => same(new RestrictedRegistry(new StoreRegistry(memoryStore()), () => true)),
  ],
  [
    "a pull-through",
    () => {
      const origin = new StoreRegistry(memoryStore());
      const options = { store: memoryStore(), cache: memoryCache(), host: "registry.test" };
      return { origin, registry: new PullThrough({ ...options, remote: overHttp(origin) }) };
    },
  ],
];

function same(registry: Registry): Pair {
  return { registry, origin: registry };
}

const image = testImage(["base", "top"]);
const index = testIndex({ "linux/amd64": image });
const [config, layer] = image.blobs as [TestContent, TestContent];
const nowhere = sha256("nowhere");

async function fill(registry: Registry, name: string): Promise<void> {
  await pushImage(registry, name, index, "latest", "v1");
}

const readBlob = async (registry: Registry, name: string, blob: Descriptor) =>
  collect(chunks(await registry.readBlob(name, blob)), 1e6);
const fault = (name: string) => expect.objectContaining({ name: "RegistryError", fault: name });

/** A manifest whose subject is the image. */
function about(text: string) {
  const { config: described, layers } = parseManifest(image.bytes);
  const manifest = encodeManifest({
    schemaVersion: 2,
    mediaType: OCI.manifest,
    artifactType: "application/vnd.test",
    config: described,
    layers,
    subject: image.descriptor,
    annotations: { text },
  });
  return content(manifest, OCI.manifest);
}

describe.each(implementations)("reading from %s", (_, open) => {
  let registry: Registry;
  let origin: Registry;
  beforeEach(async () => {
    ({ registry, origin } = open());
    await fill(origin, "team/app");
  });

  test("resolves and reads manifests by tag and digest", async () => {
    for (const reference of ["latest", index.descriptor.digest]) {
      expect(await registry.resolveManifest("team/app", reference)).toEqual(index.descriptor);
      const read = await registry.readManifest("team/app", reference);
      expect(read).toEqual({ descriptor: index.descriptor, bytes: index.bytes });
    }
    for (const reference of ["none", nowhere]) {
      await expect(registry.resolveManifest("team/app", reference)).rejects.toEqual(
        fault("MANIFEST_UNKNOWN"),
      );
      await expect(registry.readManifest("team/app", reference)).rejects.toEqual(fault("MANIFEST_UNKNOWN"));
    }
  });

  test("resolves and reads blobs, whole and in part", async () => {
    const { digest, size } = layer.descriptor;
    expect(await registry.resolveBlob("team/app", digest)).toEqual({ digest, size });
    expect(await readBlob(registry, "team/app", layer.descriptor)).toEqual(layer.bytes);
    const part = await registry.readBlob("team/app", layer.descriptor, { offset: 1, length: 2 });
    expect(await collect(chunks(part), 10)).toEqual(layer.bytes.slice(1, 3));
    const missing = { mediaType: "", digest: nowhere, size: 1 };
    await expect(registry.resolveBlob("team/app", nowhere)).rejects.toEqual(fault("BLOB_UNKNOWN"));
    await expect(readBlob(registry, "team/app", missing)).rejects.toEqual(fault("BLOB_UNKNOWN"));
    await expect(registry.resolveBlob("other", digest)).rejects.toEqual(fault("BLOB_UNKNOWN"));
  });

  test("lists repositories, tags and referrers in order", async () => {
    const referrers = ["a", "b", "c"].map(about);
    for (const { bytes } of referrers)
      await origin.pushManifest("team/app", { bytes, mediaType: OCI.manifest });
    await fill(origin, "other");
    expect(await allOf(registry.repositories())).toEqual(["other", "team/app"]);
    expect(await allOf(registry.repositories("other"))).toEqual(["team/app"]);
    expect(await allOf(registry.tags("team/app"))).toEqual(["latest", "v1"]);
    expect(await allOf(registry.tags("team/app", "latest"))).toEqual(["v1"]);
    await expect(allOf(registry.tags("none"))).rejects.toEqual(fault("NAME_UNKNOWN"));
    const listed = await allOf(registry.referrers("team/app", image.descriptor.digest));
    const digests = referrers.map(({ descriptor }) => descriptor.digest).sort();
    expect(listed.map(({ digest }) => digest)).toEqual(digests);
    expect(listed[0]).toMatchObject({ artifactType: "application/vnd.test", mediaType: OCI.manifest });
    const rest = await allOf(registry.referrers("team/app", image.descriptor.digest, digests[0]));
    expect(rest).toEqual(listed.slice(1));
    expect(await allOf(registry.referrers("none", nowhere))).toEqual([]);
  });
});

describe.each(implementations.slice(0, 3))("writing to %s", (_, open) => {
  let registry: Registry;
  beforeEach(() => {
    ({ registry } = open());
  });

  test("rejects contents that do not match", async () => {
    const { descriptor, bytes } = layer;
    const wrong = { ...descriptor, digest: nowhere };
    await expect(registry.pushBlob("a", wrong, async () => singleChunk(bytes))).rejects.toEqual(
      fault("DIGEST_INVALID"),
    );
    const lonely = { bytes: image.bytes, mediaType: OCI.manifest };
    await expect(registry.pushManifest("a", lonely)).rejects.toEqual(fault("MANIFEST_BLOB_UNKNOWN"));
    const manifest = { bytes: image.bytes, mediaType: OCI.manifest, digest: nowhere };
    await expect(registry.pushManifest("a", manifest)).rejects.toEqual(fault("DIGEST_INVALID"));
    await expect(registry.resolveBlob("a", nowhere)).rejects.toEqual(fault("BLOB_UNKNOWN"));
  });

  test("accepts a blob in pieces", async () => {
    const upload = await registry.startUpload("a");
    await upload.append({ source: singleChunk(layer.bytes.slice(0, 2)) });
    expect(upload.size).toBe(2);
    const opened = await registry.openUpload("a", upload.id);
    expect(opened.size).toBe(2);
    await opened.append({ source: singleChunk(layer.bytes.slice(2)) });
    await opened.finish(layer.descriptor.digest);
    await opened.cancel();
    expect(await readBlob(registry, "a", layer.descriptor)).toEqual(layer.bytes);
    await expect(registry.openUpload("a", upload.id)).rejects.toEqual(fault("BLOB_UPLOAD_UNKNOWN"));
  });

  test("mounts a blob of another repository", async () => {
    await registry.pushBlob("a", layer.descriptor, async () => singleChunk(layer.bytes));
    const { digest } = layer.descriptor;
    expect(await registry.mountBlob("b", digest, "none")).toBe(false);
    expect(await registry.mountBlob("b", digest, "a")).toBe(true);
    expect(await registry.mountBlob("c", digest)).toBe(true);
    for (const name of ["b", "c"])
      expect(await readBlob(registry, name, layer.descriptor)).toEqual(layer.bytes);
  });

  test("deletes tags, manifests and blobs, each once", async () => {
    await fill(registry, "a");
    await registry.deleteTag("a", "v1");
    expect(await allOf(registry.tags("a"))).toEqual(["latest"]);
    await registry.deleteManifest("a", index.descriptor.digest);
    expect(await allOf(registry.tags("a"))).toEqual([]);
    await registry.deleteManifest("a", image.descriptor.digest);
    await registry.deleteBlob("a", config.descriptor.digest);
    await expect(registry.resolveBlob("a", config.descriptor.digest)).rejects.toEqual(fault("BLOB_UNKNOWN"));
    await expect(registry.deleteTag("a", "v1")).rejects.toEqual(fault("MANIFEST_UNKNOWN"));
    await expect(registry.deleteManifest("a", nowhere)).rejects.toEqual(fault("MANIFEST_UNKNOWN"));
    await expect(registry.deleteBlob("a", nowhere)).rejects.toEqual(fault("BLOB_UNKNOWN"));
  });

  test("receives a copy of an image with its referrers", async () => {
    const from = new StoreRegistry(memoryStore());
    await fill(from, "source");
    const { descriptor, bytes } = about("signed");
    await from.pushManifest("source", { bytes, mediaType: OCI.manifest });
    const place = { registry: from, name: "source", reference: "v1" };
    await copyImage(place, { registry, name: "copy", reference: "v2" }, { referrers: true });
    expect(await registry.resolveManifest("copy", "v2")).toEqual(index.descriptor);
    const listed = await allOf(registry.referrers("copy", image.descriptor.digest));
    expect(listed.map(({ digest }) => digest)).toEqual([descriptor.digest]);
  });
});

test("a pull-through cannot be written", async () => {
  const { registry } = (implementations[3] as (typeof implementations)[3])[1]();
  const push = registry.pushBlob("a", layer.descriptor, async () => singleChunk(layer.bytes));
  await expect(push).rejects.toEqual(fault("UNSUPPORTED"));
  await expect(registry.deleteTag("a", "v1")).rejects.toEqual(fault("UNSUPPORTED"));
});

test("referrers of a registry without a list of them are under a tag", async () => {
  const store = new StoreRegistry(memoryStore());
  const old = overHttp(store, (response) => {
    response.headers.delete("OCI-Subject");
    const isList = response.headers.get("Content-Type") === OCI.index && !response.headers.has("ETag");
    return isList ? new Response("{}", { status: 404 }) : response;
  });
  await fill(old, "a");
  const { descriptor, bytes } = about("signed");
  await old.pushManifest("a", { bytes, mediaType: OCI.manifest });
  const tag = image.descriptor.digest.replace(":", "-");
  expect(await allOf(store.tags("a"))).toEqual(["latest", tag, "v1"]);
  expect(await allOf(old.referrers("a", image.descriptor.digest))).toEqual([
    { ...descriptor, artifactType: "application/vnd.test", annotations: { text: "signed" } },
  ]);
});

test("a view hides repositories that its caller may not pull, and rejects changes without rights", async () => {
  const store = new StoreRegistry(memoryStore());
  await fill(store, "open");
  await fill(store, "closed");
  const view = new RestrictedRegistry(store, (right, name) => right === "pull" && name === "open");
  expect(await allOf(view.repositories())).toEqual(["open"]);
  await expect(view.readManifest("closed", "v1")).rejects.toEqual(fault("MANIFEST_UNKNOWN"));
  await expect(view.resolveBlob("closed", layer.descriptor.digest)).rejects.toEqual(fault("BLOB_UNKNOWN"));
  await expect(allOf(view.tags("closed"))).rejects.toEqual(fault("NAME_UNKNOWN"));
  await expect(view.deleteTag("open", "v1")).rejects.toEqual(fault("DENIED"));
  await expect(view.startUpload("open")).rejects.toEqual(fault("DENIED"));
});

describe.each(implementations.slice(0, 3))("referenced content is not deleted from %s", (_, open) => {
  test("a blob of a manifest, a manifest of an index", async () => {
    const { registry } = open();
    await fill(registry, "a");
    await fill(registry, "b");
    const { digest } = image.descriptor;
    for (const { descriptor } of image.blobs)
      await expect(registry.deleteBlob("a", descriptor.digest)).rejects.toEqual(fault("CONTENT_NEEDED"));
    await expect(registry.deleteManifest("a", digest)).rejects.toEqual(fault("CONTENT_NEEDED"));
    expect((await registry.readManifest("a", "v1")).bytes).toEqual(index.bytes);
    // References from another repository do not matter, and deletion from the index down always works.
    await registry.deleteManifest("a", index.descriptor.digest);
    await registry.deleteManifest("a", digest);
    for (const { descriptor } of image.blobs) await registry.deleteBlob("a", descriptor.digest);
    expect(await readBlob(registry, "b", layer.descriptor)).toEqual(layer.bytes);
  });
});

test.each(["blob", "manifest"])(
  "a push that refers to content deleted meanwhile is rejected: a %s",
  async (what) => {
    const store = memoryStore();
    const registry = new StoreRegistry(store);
    await fill(registry, "a");
    await registry.deleteManifest("a", index.descriptor.digest);
    if (what === "blob") await registry.deleteManifest("a", image.descriptor.digest);
    const { bytes, descriptor } = what === "blob" ? image : index;
    const reached = Promise.withResolvers<void>();
    const released = Promise.withResolvers<void>();
    // The push has verified its content, and has not stored its own marker yet.
    const slow: ObjectStore = {
      ...store,
      async put(key, ...rest) {
        if (key.endsWith(`_manifests/${descriptor.digest}`)) {
          reached.resolve();
          await released.promise;
        }
        return store.put(key, ...rest);
      },
    };
    const pushing = new StoreRegistry(slow).pushManifest("a", { bytes, mediaType: descriptor.mediaType });
    const settled = Promise.allSettled([pushing]);
    await reached.promise;
    if (what === "blob") await registry.deleteBlob("a", layer.descriptor.digest);
    else await registry.deleteManifest("a", image.descriptor.digest);
    released.resolve();
    const [pushed] = await settled;
    expect(pushed).toMatchObject({ status: "rejected", reason: fault("MANIFEST_BLOB_UNKNOWN") });
    await expect(registry.resolveManifest("a", descriptor.digest)).rejects.toEqual(fault("MANIFEST_UNKNOWN"));
  },
);

import { describe, expect, test } from "vitest";
import { blobKey } from "../../src/oci/content-key.ts";
import type { Descriptor } from "../../src/oci/descriptor.ts";
import { encodeManifest, parseManifest } from "../../src/oci/manifest.ts";
import { OCI } from "../../src/oci/media-types.ts";
import { formatPlatform, parsePlatform } from "../../src/oci/platform.ts";
import { parseReference } from "../../src/oci/reference.ts";
import { StoreRegistry } from "../../src/registry/store/store-registry.ts";
import { memoryCache } from "../../src/store/memory-cache.ts";
import { memoryStore } from "../../src/store/memory-store.ts";
import { imageResolver } from "../helpers/image-resolver.ts";
import { FakeNetwork, fakeRegistry, type Trick } from "./fake-registry.ts";
import { content, pushImage, type TestImage, testImage, testIndex } from "./test-image.ts";

const ORIGIN = "https://registry.test";
const amd64 = parsePlatform("linux/amd64");
const image = testImage();
const app = parseReference("registry.test/app");

function setup(given: TestImage = image, trick?: Trick) {
  const network = new FakeNetwork();
  network.serve(ORIGIN, fakeRegistry("app", "latest", given, trick));
  const store = memoryStore();
  let now = 0;
  const cache = memoryCache(() => now);
  const pull = imageResolver({
    store,
    cache,
    policy: { allowLoopback: false },
    fetch: network.fetch,
    sleep: async () => {},
    isOwnHost: (host) => host === "own.test",
    now: () => now,
  });
  const advance = (seconds: number) => {
    now += seconds * 1000;
  };
  return { network, store, cache, pull, advance };
}

const layersOf = (given: TestImage): Descriptor[] => parseManifest(given.bytes).layers;

describe("resolveImage()", () => {
  test("gives manifest, config and platform of an image", async () => {
    const { pull } = setup();
    const resolved = await pull.resolveImage(app, amd64);
    expect(resolved.digest).toBe(image.descriptor.digest);
    expect(resolved.manifestDigest).toBe(image.descriptor.digest);
    expect(resolved.manifest).toEqual(parseManifest(image.bytes));
    expect(resolved.config.config.Cmd).toEqual(["base", "top"]);
    expect(formatPlatform(resolved.platform)).toBe("linux/amd64");
    expect(resolved.reference).toEqual({
      host: "registry.test",
      path: "app",
      tag: "latest",
      digest: resolved.digest,
    });
  });

  test("chooses from an index, and from an index of indexes", async () => {
    const arm = testImage(["arm"], "linux/arm/v7");
    const index = testIndex({ "linux/amd64": image, "linux/arm/v7": arm });
    const { pull: flat } = setup(index);
    const found = await flat.resolveImage(app, parsePlatform("linux/arm/v7"));
    expect(found.digest).toBe(index.descriptor.digest);
    expect(found.manifestDigest).toBe(arm.descriptor.digest);
    const nested = setup(testIndex({ "linux/amd64": index })).pull;
    expect((await nested.resolveImage(app, amd64)).manifestDigest).toBe(image.descriptor.digest);
  });

  test("lists the platforms when none matches", async () => {
    const { pull } = setup(testIndex({ "linux/s390x": image, "windows/amd64": testImage(["w"]) }));
    await expect(pull.resolveImage(app, amd64)).rejects.toThrow(
      /^failed to resolve source metadata for registry.test\/app:latest: no match for platform in manifest sha256:.*: not found: linux\/amd64 was requested, the index has linux\/s390x, windows\/amd64$/,
    );
  });

  test("fetches a tag once a minute, and content once", async () => {
    const { network, pull, advance } = setup();
    await pull.resolveImage(app, amd64);
    expect(network.log).toHaveLength(3);
    await pull.resolveImage(app, amd64);
    expect(network.log).toHaveLength(3);
    await pull.resolveImage(app, amd64, { fresh: true });
    expect(network.log).toHaveLength(4);
    advance(61);
    await pull.resolveImage(app, amd64);
    expect(network.log.slice(3)).toEqual(new Array(2).fill(`HEAD ${ORIGIN}/v2/app/manifests/latest`));
  });

  test("uses the last known manifest of a tag when requests are not allowed", async () => {
    const { network, store, cache, pull, advance } = setup();
    await pull.resolveImage(app, amd64);
    advance(3600);
    const silent = new FakeNetwork();
    const policy = { allowLoopback: false };
    const stale = imageResolver({ store, cache, policy, fetch: silent.fetch, tries: 1, staleTags: true });
    expect((await stale.resolveImage(app, amd64)).digest).toBe(image.descriptor.digest);
    expect(silent.log).toEqual([]);
    await pull.resolveImage(app, amd64);
    expect(network.log).toHaveLength(4);
  });

  test("sends no request for a stored digest", async () => {
    const { network, pull } = setup();
    const pinned = { ...app, digest: image.descriptor.digest };
    await pull.resolveImage(pinned, amd64);
    await pull.resolveImage(pinned, amd64);
    expect(network.log).toHaveLength(2);
  });

  test("does not serve contents of one upstream repository to another", async () => {
    const { network, pull } = setup();
    await pull.resolveImage(app, amd64);
    network.serve("https://other.test", fakeRegistry("thief", "latest", testImage(["nothing"])));
    const stolen = parseReference(`other.test/thief@${image.descriptor.digest}`);
    await expect(pull.resolveImage(stolen, amd64)).rejects.toMatchObject({ fault: "MANIFEST_UNKNOWN" });
    await pull.ensureBlob(app, layersOf(image)[0] as Descriptor);
    await expect(pull.ensureBlob(stolen, layersOf(image)[0] as Descriptor)).rejects.toMatchObject({
      fault: "BLOB_UNKNOWN",
    });
  });

  test("reads images of this server from its store", async () => {
    const { network, store, pull } = setup();
    await pushImage(new StoreRegistry(store), "mine", image, "v1");
    const resolved = await pull.resolveImage(parseReference("own.test/mine:v1"), amd64);
    expect(resolved.digest).toBe(image.descriptor.digest);
    await pull.ensureBlob(resolved.reference, layersOf(image)[0] as Descriptor);
    await expect(pull.resolveImage(parseReference("own.test/mine:v2"), amd64)).rejects.toThrow(
      "failed to resolve source metadata for own.test/mine:v2: own.test/mine:v2: not found",
    );
    expect(network.log).toEqual([]);
  });

  const withConfig = (config: Descriptor, blobs = image.blobs): TestImage => {
    const manifest = encodeManifest({ ...parseManifest(image.bytes), config });
    return { ...content(manifest, OCI.manifest), blobs, manifests: [] };
  };
  const [config] = image.blobs as [TestImage["blobs"][0]];

  test.each<[name: string, given: TestImage, fault: string, message: RegExp]>([
    [
      "another artifact",
      withConfig({ ...config.descriptor, mediaType: OCI.empty }),
      "NOT_AN_IMAGE",
      /not a container image/,
    ],
    [
      "a huge config",
      withConfig({ ...config.descriptor, size: 5e6 }),
      "BAD_ANSWER",
      /rejecting a config of 5000000 bytes/,
    ],
    [
      "a config of another size",
      withConfig({ ...config.descriptor, size: 5 }),
      "BAD_ANSWER",
      /5 bytes were promised/,
    ],
    [
      "no manifest at all",
      { ...content("<html>", OCI.manifest), blobs: [], manifests: [] },
      "BAD_ANSWER",
      /not JSON/,
    ],
    [
      "fewer layers than diffIDs",
      (() => {
        const other = testImage(["a", "b", "c"]);
        return withConfig(other.blobs[0]?.descriptor as Descriptor, other.blobs);
      })(),
      "BAD_ANSWER",
      /the manifest has 2 layers and the config 3/,
    ],
  ])("rejects %s", async (_, given, fault, message) => {
    const { pull, store } = setup(given);
    await expect(pull.resolveImage(app, amd64)).rejects.toMatchObject({
      fault,
      message: expect.stringMatching(/^failed to resolve source metadata for registry.test\/app:latest: /),
    });
    await expect(pull.resolveImage(app, amd64)).rejects.toThrow(message);
    for await (const { key } of store.list("blobs/")) expect(key).toMatch(/sha256/);
  });
});

describe("ensureBlob()", () => {
  test("fetches a blob once for concurrent callers", async () => {
    const { network, store, pull } = setup();
    const [layer] = layersOf(image) as [Descriptor];
    await Promise.all([pull.ensureBlob(app, layer), pull.ensureBlob(app, layer)]);
    await pull.ensureBlob(app, layer);
    expect(network.log).toEqual([`GET ${ORIGIN}/v2/app/blobs/${layer.digest}`]);
    expect(await store.head(blobKey(layer.digest))).toMatchObject({ size: layer.size });
  });

  test.each([
    ["other bytes", () => new Response("b-se"), /the bytes have digest/],
    ["fewer bytes, again and again", () => new Response("b"), /4 bytes were promised, received 1/],
    ["more bytes", () => new Response("base and more"), /promised, received more/],
  ])("stores nothing of %s", async (_, answer, message) => {
    const { pull, store } = setup(image, ({ url }) => (url.includes("/blobs/") ? answer() : undefined));
    const [layer] = layersOf(image) as [Descriptor];
    await expect(pull.ensureBlob(app, layer)).rejects.toThrow(message);
    expect(await store.head(blobKey(layer.digest))).toBeUndefined();
  });

  test("retries when the connection is lost", async () => {
    let broken = 0;
    const { pull, store } = setup(image, ({ url }) => {
      if (!url.includes("/blobs/") || broken++ === 2) return undefined;
      const body = new ReadableStream({
        pull(controller) {
          controller.error(new TypeError("terminated"));
        },
      });
      return new Response(body);
    });
    const [layer] = layersOf(image) as [Descriptor];
    await pull.ensureBlob(app, layer);
    expect(await store.head(blobKey(layer.digest))).toBeDefined();
    expect(broken).toBe(3);
  });
});

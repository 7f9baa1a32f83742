import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { blobKey } from "../../src/oci/content-key.ts";
import { formatPlatform, parsePlatform } from "../../src/oci/platform.ts";
import { parseReference } from "../../src/oci/reference.ts";
import type { RemoteRegistriesOptions } from "../../src/registry/remote/remote-registries.ts";
import { memoryStore } from "../../src/store/memory-store.ts";
import { imageResolver } from "../helpers/image-resolver.ts";
import { type DebianRegistry, startDebianRegistry } from "./debian-registry.ts";
import { testImage, testIndex } from "./test-image.ts";

const amd64 = testImage(["base", "amd64", ""], "linux/amd64");
const arm64 = testImage(["base", "arm64"], "linux/arm64");
const index = testIndex({ "linux/amd64": amd64, "linux/arm64/v8": arm64 });

function setup(options: Partial<RemoteRegistriesOptions> = {}) {
  const store = memoryStore();
  return { store, pull: imageResolver({ store, policy: { allowLoopback: true }, ...options }) };
}

describe("Debian's docker-registry", () => {
  let open: DebianRegistry;
  let closed: DebianRegistry;

  beforeAll(async () => {
    [open, closed] = await Promise.all([startDebianRegistry(), startDebianRegistry({ basic: true })]);
    await Promise.all([open.push(index, "library/multi:v1"), closed.push(amd64, "private/app:v1")]);
  }, 30_000);

  afterAll(() => Promise.all([open?.[Symbol.asyncDispose](), closed?.[Symbol.asyncDispose]()]));

  test("serves an image of an index with all its blobs", async () => {
    const { store, pull } = setup();
    const reference = parseReference(`${open.host}/library/multi:v1`);
    const resolved = await pull.resolveImage(reference, parsePlatform("linux/arm64"));
    expect(resolved.digest).toBe(index.descriptor.digest);
    expect(resolved.manifestDigest).toBe(arm64.descriptor.digest);
    expect(formatPlatform(resolved.platform)).toBe("linux/arm64");
    for (const layer of resolved.manifest.layers) await pull.ensureBlob(resolved.reference, layer);
    for (const { descriptor, bytes } of arm64.blobs) {
      expect(await store.getBytes(blobKey(descriptor.digest))).toEqual(bytes);
    }
  });

  test("serves an image by digest, and an empty layer", async () => {
    const { store, pull } = setup();
    const reference = parseReference(`${open.host}/library/multi@${amd64.descriptor.digest}`);
    const { manifest } = await pull.resolveImage(reference, parsePlatform("linux/amd64"));
    for (const layer of manifest.layers) await pull.ensureBlob(reference, layer);
    expect(await store.head(blobKey(manifest.layers[2]?.digest ?? ""))).toMatchObject({ size: 0 });
  });

  test("is used instead of Docker Hub as its mirror", async () => {
    const { pull } = setup({
      policy: { allowLoopback: false },
      mirrors: { "docker.io": `http://${open.host}` },
    });
    const resolved = await pull.resolveImage(parseReference("multi:v1"), parsePlatform("linux/amd64"));
    expect(resolved.manifestDigest).toBe(amd64.descriptor.digest);
  });

  test("rejects requests without its password", async () => {
    const reference = parseReference(`${closed.host}/private/app:v1`);
    const platform = parsePlatform("linux/amd64");
    await expect(setup().pull.resolveImage(reference, platform)).rejects.toMatchObject({
      fault: "UNAUTHORIZED",
    });
    const wrong = setup({ credentials: () => ({ username: "user", password: "wrong" }) });
    await expect(wrong.pull.resolveImage(reference, platform)).rejects.toMatchObject({
      fault: "UNAUTHORIZED",
    });
    const right = setup({ credentials: () => ({ username: "user", password: "password" }) });
    expect((await right.pull.resolveImage(reference, platform)).digest).toBe(amd64.descriptor.digest);
  });

  test.each(["library/multi:v2", "library/nosuch:v1"])("does not have %s", async (name) => {
    const reference = parseReference(`${open.host}/${name}`);
    await expect(setup().pull.resolveImage(reference, parsePlatform("linux/amd64"))).rejects.toThrow(
      `failed to resolve source metadata for ${open.host}/${name}: ${open.host}/${name}: not found`,
    );
  });

  test("receives no request when loopback is forbidden", async () => {
    const { pull } = setup({ policy: { allowLoopback: false } });
    const reference = parseReference(`${open.host}/library/multi:v1`);
    await expect(pull.resolveImage(reference, parsePlatform("linux/amd64"))).rejects.toMatchObject({
      fault: "ADDRESS_REFUSED",
    });
  });
});

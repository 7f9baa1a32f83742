import { beforeAll, describe, expect, test } from "vitest";
import { OCI } from "../../src/oci/media-types.ts";
import { handleRegistry } from "../../src/registry/server/handle.ts";
import { StoreRegistry } from "../../src/registry/store/store-registry.ts";
import { memoryStore } from "../../src/store/memory-store.ts";
import { sha256 } from "../../src/streams/sha256.ts";
import { content, pushImage, type TestImage, testImage, testIndex } from "./test-image.ts";

const store = memoryStore();
const registry = new StoreRegistry(store);
const image = testImage(["0123456789", ""]);
const index = testIndex({ "linux/amd64": image });
const { digest } = image.descriptor;
const [config, layer, empty] = image.blobs as [
  TestImage["blobs"][0],
  TestImage["blobs"][0],
  TestImage["blobs"][0],
];

const ask = (path: string, init: RequestInit = {}) =>
  handleRegistry(new Request(`http://registry.test/v2/${path}`, init), registry);
const textOf = async (response: Response) => new TextDecoder().decode(await response.arrayBuffer());
const codeOf = async (response: Response) =>
  ((await response.json()) as { errors: { code: string }[] }).errors.map(({ code }) => code).join();

beforeAll(async () => {
  await pushImage(registry, "app", index, "latest", "v1", "v10", "v2");
  await pushImage(registry, "app/tags", image, "inner");
});

describe("handleRegistry()", () => {
  test("identifies itself as a registry", async () => {
    const response = await ask("");
    expect(response.status).toBe(200);
    expect(response.headers.get("Docker-Distribution-API-Version")).toBe("registry/2.0");
    expect(await response.json()).toEqual({});
  });

  test.each([
    ["app/manifests/latest", index, "no-cache, no-transform"],
    [`app/manifests/${digest}`, image, "public, max-age=31536000, immutable, no-transform"],
  ])("returns a manifest as it was pushed: %s", async (path, expected, caching) => {
    for (const method of ["GET", "HEAD"]) {
      const response = await ask(path, { method });
      expect(response.status).toBe(200);
      expect(Object.fromEntries(response.headers)).toMatchObject({
        "content-type": expected.descriptor.mediaType,
        "content-length": String(expected.bytes.length),
        "docker-content-digest": expected.descriptor.digest,
        "cache-control": caching,
      });
      expect(new Uint8Array(await response.arrayBuffer())).toEqual(
        method === "GET" ? expected.bytes : new Uint8Array(),
      );
    }
  });

  test("returns a blob as it was pushed", async () => {
    for (const method of ["GET", "HEAD"]) {
      const response = await ask(`app/blobs/${layer.descriptor.digest}`, { method });
      expect(Object.fromEntries(response.headers)).toMatchObject({
        "content-type": "application/octet-stream",
        "content-length": "10",
        "accept-ranges": "bytes",
        "docker-content-digest": layer.descriptor.digest,
      });
      expect(await textOf(response)).toBe(method === "GET" ? "0123456789" : "");
    }
    const nothing = await ask(`app/blobs/${empty.descriptor.digest}`);
    expect([nothing.status, nothing.headers.get("Content-Length"), await textOf(nothing)]).toEqual([
      200,
      "0",
      "",
    ]);
  });

  test.each([
    ["bytes=2-4", 206, "234", "bytes 2-4/10"],
    ["bytes=8-99", 206, "89", "bytes 8-9/10"],
    ["bytes=-3", 206, "789", "bytes 7-9/10"],
    ["bytes=0-", 206, "0123456789", "bytes 0-9/10"],
    ["bytes=10-", 416, "", "bytes */10"],
    ["bytes=5-0", 416, "", "bytes */10"],
    ["bytes=0-1,4-5", 200, "0123456789", null],
    ["nonsense", 200, "0123456789", null],
  ])("returns %s of a blob", async (range, status, body, contentRange) => {
    const response = await ask(`app/blobs/${layer.descriptor.digest}`, { headers: { Range: range } });
    expect(response.status).toBe(status);
    expect(response.headers.get("Content-Range")).toBe(contentRange);
    if (status !== 416) expect(response.headers.get("Content-Length")).toBe(String(body.length));
    expect(await textOf(response)).toBe(body);
  });

  test("responds with 304 when the client has the content", async () => {
    const headers = { "If-None-Match": `W/"x", "${digest}"` };
    expect((await ask(`app/manifests/${digest}`, { headers })).status).toBe(304);
    expect((await ask("app/manifests/latest", { headers })).status).toBe(200);
    const blob = `app/blobs/${layer.descriptor.digest}`;
    expect((await ask(blob, { headers: { "If-None-Match": `"${layer.descriptor.digest}"` } })).status).toBe(
      304,
    );
    const changed = { Range: "bytes=0-1", "If-Range": '"other"' };
    expect((await ask(blob, { headers: changed })).status).toBe(200);
  });

  test("lists tags in order and in parts", async () => {
    expect(await (await ask("app/tags/list")).json()).toEqual({
      name: "app",
      tags: ["latest", "v1", "v10", "v2"],
    });
    const first = await ask("app/tags/list?n=2");
    expect(await first.json()).toEqual({ name: "app", tags: ["latest", "v1"] });
    expect(first.headers.get("Link")).toBe('</v2/app/tags/list?n=2&last=v1>; rel="next"');
    const second = await ask("app/tags/list?n=2&last=v1");
    expect(await second.json()).toEqual({ name: "app", tags: ["v10", "v2"] });
    expect(second.headers.get("Link")).toBeNull();
    expect(await (await ask("app/tags/list?n=0")).json()).toEqual({ name: "app", tags: [] });
    expect(await (await ask("app/tags/tags/list")).json()).toEqual({ name: "app/tags", tags: ["inner"] });
  });

  test.each([
    ["app/manifests/nosuch", "GET", 404, "MANIFEST_UNKNOWN"],
    ["other/manifests/latest", "GET", 404, "MANIFEST_UNKNOWN"],
    [`app/tags/manifests/${index.descriptor.digest}`, "GET", 404, "MANIFEST_UNKNOWN"],
    [`app/blobs/${sha256("nowhere")}`, "GET", 404, "BLOB_UNKNOWN"],
    [`other/blobs/${layer.descriptor.digest}`, "GET", 404, "BLOB_UNKNOWN"],
    ["app/blobs/sha256:short", "GET", 400, "DIGEST_INVALID"],
    ["UPPER/tags/list", "GET", 400, "NAME_INVALID"],
    ["other/tags/list", "GET", 404, "NAME_UNKNOWN"],
    ["app", "GET", 404, "NAME_UNKNOWN"],
    ["app/manifests/latest", "POST", 405, "UNSUPPORTED"],
    ["app/blobs/uploads/", "GET", 405, "UNSUPPORTED"],
    [`app/blobs/${layer.descriptor.digest}`, "PUT", 405, "UNSUPPORTED"],
  ])("%s by %s: %i %s", async (path, method, status, code) => {
    const response = await ask(path, { method });
    expect(response.status).toBe(status);
    expect(response.headers.get("Content-Type")).toBe("application/json");
    expect(await codeOf(response)).toBe(code);
  });

  test("an error has no body for HEAD", async () => {
    const response = await ask("app/manifests/nosuch", { method: "HEAD" });
    expect([response.status, await textOf(response)]).toEqual([404, ""]);
  });
});

describe("StoreRegistry", () => {
  const push = (bytes: Uint8Array, mediaType: string, digest?: string) =>
    registry.pushManifest("app", { bytes, mediaType, ...(digest && { digest }) });
  const codes = (code: string) => expect.objectContaining({ code });

  test("rejects a manifest with missing contents", async () => {
    const other = testImage(["elsewhere"]);
    await expect(push(other.bytes, OCI.manifest)).rejects.toEqual(codes("MANIFEST_BLOB_UNKNOWN"));
    const around = testIndex({ "linux/amd64": other });
    await expect(push(around.bytes, OCI.index)).rejects.toEqual(codes("MANIFEST_BLOB_UNKNOWN"));
    await expect(registry.linkBlobs("app", [sha256("nowhere")])).rejects.toEqual(codes("BLOB_UNKNOWN"));
  });

  test.each([
    ["no JSON", content("{", OCI.manifest)],
    ["an index called a manifest", content(index.bytes, OCI.manifest)],
    ["another type", content("{}", "application/json")],
    ["too much", content(new Uint8Array(4 * 1024 * 1024 + 1), OCI.manifest)],
  ])("rejects a manifest of %s", async (_, { bytes, descriptor }) => {
    await expect(push(bytes, descriptor.mediaType)).rejects.toEqual(codes("MANIFEST_INVALID"));
  });

  test("accepts a manifest only under its own digest, of either algorithm", async () => {
    await expect(push(image.bytes, OCI.manifest, sha256("x"))).rejects.toEqual(codes("DIGEST_INVALID"));
    await pushImage(registry, "app", image);
    const hex = [...new Uint8Array(await crypto.subtle.digest("SHA-512", image.bytes))];
    const long = `sha512:${hex.map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
    expect((await push(image.bytes, OCI.manifest, long)).digest).toBe(long);
    expect((await ask(`app/manifests/${long}`)).headers.get("Docker-Content-Digest")).toBe(long);
  });

  test("tags an existing manifest, and moves a tag", async () => {
    await pushImage(registry, "moving", image, "t");
    await pushImage(registry, "moving", index);
    expect((await registry.resolveManifest("moving", "t")).digest).toBe(digest);
    await registry.tag("moving", "t", index.descriptor.digest);
    expect((await registry.resolveManifest("moving", "t")).digest).toBe(index.descriptor.digest);
    await expect(registry.tag("moving", "t", sha256("nowhere"))).rejects.toEqual(codes("MANIFEST_UNKNOWN"));
    await expect(registry.tag("moving", "-", digest)).rejects.toEqual(codes("MANIFEST_INVALID"));
    await expect(registry.resolveManifest("../x", "t")).rejects.toEqual(codes("NAME_INVALID"));
    const blob = await registry.resolveBlob("moving", config.descriptor.digest);
    expect(blob.size).toBe(config.bytes.length);
  });
});

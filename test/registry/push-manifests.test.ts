import { describe, expect, test } from "vitest";
import { DOCKER, OCI } from "../../src/oci/media-types.ts";
import { Digester, sha256 } from "../../src/streams/sha256.ts";
import { bytesOf, emptyStores, faultOf, locationOf, RegistryClient } from "./registry-client.ts";
import { content, type TestContent, type TestImage, testImage, testIndex } from "./test-image.ts";

const image = testImage();
const { digest } = image.descriptor;
const [config, layer] = image.blobs as [TestContent, TestContent];
const manifest = JSON.parse(new TextDecoder().decode(image.bytes));

/** The image with other fields in its manifest. */
function varied(fields: object, mediaType: string = OCI.manifest): TestImage {
  return {
    ...content(JSON.stringify({ ...manifest, ...fields }, null, 3), mediaType),
    blobs: image.blobs,
    manifests: [],
  };
}

describe.each(await emptyStores())("manifests pushed to %s", (where, store) => {
  const client = new RegistryClient(store);
  const ask = client.ask.bind(client);
  let repositories = 0;
  const fresh = () => `${where.toLowerCase()}/m${repositories++}`;
  const tagsOf = async (name: string) =>
    ((await (await ask("GET", `${name}/tags/list`)).json()) as { tags: string[] }).tags;

  test("end-7: by tag and by digest, byte for byte", async () => {
    const name = fresh();
    await client.push(name, image);
    for (const reference of ["latest", digest]) {
      const put = await client.putManifest(name, reference, image.bytes, OCI.manifest);
      expect([put.status, put.headers.get("Docker-Content-Digest")]).toEqual([201, digest]);
      expect(put.headers.get("OCI-Subject")).toBeNull();
      const got = await ask("GET", locationOf(put));
      expect(await bytesOf(got)).toEqual(image.bytes);
      const head = await ask("HEAD", `${name}/manifests/${reference}`);
      expect(head.headers.get("Content-Length")).toBe(String(image.bytes.length));
    }
  });

  test.each<[string, TestImage]>([
    ["an index", testIndex({ "linux/amd64": image, "linux/arm64": testImage(["arm"], "linux/arm64") })],
    ["an index of indexes", testIndex({ "linux/amd64": testIndex({ "linux/amd64": image }) })],
    ["an empty index", testIndex({})],
    ["no layers", testImage([])],
    ["a layer of nothing", testImage([""])],
    ["unknown fields", varied({ "org.example.own": { deep: [1, 2.5, "\u2028"] }, zz: null })],
    ["no media type of its own", varied({ mediaType: undefined })],
    ["Docker's type", varied({ mediaType: DOCKER.manifest }, DOCKER.manifest)],
    ["data in descriptors", varied({ config: { ...config.descriptor, data: "e30=" } })],
    [
      "many annotations",
      varied({
        annotations: Object.fromEntries(
          Array.from({ length: 390 }, (_, i) => [`org.example.${i}`, "x".repeat(10_000)]),
        ),
      }),
    ],
    [
      "a layer that may not be distributed",
      varied({
        layers: [
          {
            ...layer.descriptor,
            mediaType: DOCKER.foreignLayer,
            digest: sha256("far"),
            urls: ["https://example.com"],
          },
        ],
      }),
    ],
    ["the same layer twice", varied({ layers: [layer.descriptor, layer.descriptor] })],
  ])("end-7: with %s", async (_, given) => {
    const name = fresh();
    await client.push(name, given, "t");
    const got = await ask("GET", `${name}/manifests/t`);
    expect(got.headers.get("Content-Type")).toBe(given.descriptor.mediaType);
    expect(await bytesOf(got)).toEqual(given.bytes);
  });

  test.each<[string, string | Uint8Array, string, string]>([
    [
      "a blob that is not there",
      varied({ layers: [{ ...layer.descriptor, digest: sha256("far") }] }).bytes,
      OCI.manifest,
      "404 MANIFEST_BLOB_UNKNOWN",
    ],
    [
      "a config that is not there",
      varied({ config: { ...config.descriptor, digest: sha256("far") } }).bytes,
      OCI.manifest,
      "404 MANIFEST_BLOB_UNKNOWN",
    ],
    [
      "a manifest that is not there",
      testIndex({ "linux/amd64": testImage(["far"]) }).bytes,
      OCI.index,
      "404 MANIFEST_BLOB_UNKNOWN",
    ],
    [
      "a wrong size",
      varied({ layers: [{ ...layer.descriptor, size: 88 }] }).bytes,
      OCI.manifest,
      "400 MANIFEST_INVALID",
    ],
    ["another type than it says", image.bytes, DOCKER.manifest, "400 MANIFEST_INVALID"],
    ["a type that is none", image.bytes, "text/html", "400 MANIFEST_INVALID"],
    [
      "layers in an index",
      varied({ mediaType: OCI.index, manifests: [] }, OCI.index).bytes,
      OCI.index,
      "400 MANIFEST_INVALID",
    ],
    [
      "schema 1",
      JSON.stringify({ schemaVersion: 1, name: "x" }),
      "application/vnd.docker.distribution.manifest.v1+json",
      "400 MANIFEST_INVALID",
    ],
    ["no JSON", "{", OCI.manifest, "400 MANIFEST_INVALID"],
    ["no object", "[]", OCI.manifest, "400 MANIFEST_INVALID"],
    ["more than 4 MiB", new Uint8Array(4 * 1024 * 1024 + 1), OCI.manifest, "413 MANIFEST_INVALID"],
  ])("end-7: rejected with %s", async (_, body, type, fault) => {
    const name = fresh();
    await client.push(name, image, "kept");
    const before = (await client.keys()).length;
    expect(await faultOf(await client.putManifest(name, "kept", body, type))).toBe(fault);
    expect(
      await faultOf(
        await ask("PUT", `${name}/manifests/kept`, {
          body,
          headers: { "Content-Type": type },
          streamed: true,
        }),
      ),
    ).toBe(fault);
    expect((await client.keys()).length).toBe(before);
    expect((await ask("HEAD", `${name}/manifests/kept`)).headers.get("Docker-Content-Digest")).toBe(digest);
  });

  test("end-7: blobs of another repository do not count", async () => {
    await client.push(fresh(), image);
    expect(await faultOf(await client.putManifest(fresh(), "t", image.bytes, OCI.manifest))).toBe(
      "404 MANIFEST_BLOB_UNKNOWN",
    );
  });

  test("end-7: type with parameters, or none", async () => {
    const name = fresh();
    await client.push(name, image);
    const headers = { "Content-Type": `${OCI.manifest}; charset=utf-8` };
    for (const options of [{ headers }, {}]) {
      await ask("PUT", `${name}/manifests/t`, { body: image.bytes, ...options });
      expect((await ask("HEAD", `${name}/manifests/t`)).headers.get("Content-Type")).toBe(OCI.manifest);
    }
  });

  test("end-7: rejected under another digest, and under a malformed one", async () => {
    const name = fresh();
    await client.push(name, image);
    for (const reference of [sha256("x"), "sha256:baddigeststring", "sha256:", "-tag", "t".repeat(129)]) {
      const put = await client.putManifest(name, reference, image.bytes, OCI.manifest);
      expect(await faultOf(put)).toMatch(/^400 (DIGEST|MANIFEST)_INVALID$/);
    }
    expect(await faultOf(await ask("PUT", `${name}/manifests/t`))).toBe("400 MANIFEST_INVALID");
  });

  test("end-7: SHA-512", async () => {
    const name = fresh();
    await client.push(name, image);
    const long = new Digester("sha512").update(image.bytes).digest();
    const put = await client.putManifest(name, long, image.bytes, OCI.manifest);
    expect(put.headers.get("Docker-Content-Digest")).toBe(long);
    const got = await ask("GET", locationOf(put));
    expect(got.headers.get("Docker-Content-Digest")).toBe(long);
    expect(await bytesOf(got)).toEqual(image.bytes);
  });

  test("end-7b: tags with a digest", async () => {
    const name = fresh();
    await client.push(name, image);
    const wanted = ["a", "b", "c", "1.2.3", "1.2", "1", "latest", "x_y", "x.y", "x-y", "z"];
    const query = wanted.map((tag) => `tag=${tag}`).join("&");
    const put = await client.putManifest(name, `${digest}?${query}`, image.bytes, OCI.manifest);
    expect(put.headers.get("OCI-Tag")).toBe(wanted.join(", "));
    expect(await tagsOf(name)).toEqual(wanted.toSorted());
    const bad = await client.putManifest(name, `${digest}?tag=ok&tag=%2e%2e%2f`, image.bytes, OCI.manifest);
    expect(await faultOf(bad)).toBe("400 MANIFEST_INVALID");
    expect(await tagsOf(name)).not.toContain("ok");
  });

  test("end-9: a tag is deleted, the manifest stays", async () => {
    const name = fresh();
    await client.push(name, image, "a", "b");
    expect((await ask("DELETE", `${name}/manifests/a`)).status).toBe(202);
    expect(await faultOf(await ask("GET", `${name}/manifests/a`))).toBe("404 MANIFEST_UNKNOWN");
    expect(await faultOf(await ask("DELETE", `${name}/manifests/a`))).toBe("404 MANIFEST_UNKNOWN");
    for (const reference of ["b", digest]) {
      expect((await ask("HEAD", `${name}/manifests/${reference}`)).status).toBe(200);
    }
    expect(await tagsOf(name)).toEqual(["b"]);
  });

  test("end-9: a manifest is deleted with its tags, and no other", async () => {
    const [name, elsewhere] = [fresh(), fresh()];
    const second = testImage(["second"]);
    await client.push(elsewhere, image, "a");
    await client.push(name, second, "other");
    await client.push(name, image, "a", "b", "moved");
    await client.putManifest(name, "moved", second.bytes, OCI.manifest);
    expect((await ask("DELETE", `${name}/manifests/${digest}`)).status).toBe(202);
    for (const reference of ["a", "b", digest]) {
      expect((await ask("HEAD", `${name}/manifests/${reference}`)).status).toBe(404);
    }
    expect(await tagsOf(name)).toEqual(["moved", "other"]);
    expect((await ask("HEAD", `${elsewhere}/manifests/a`)).status).toBe(200);
    expect(await faultOf(await ask("DELETE", `${name}/manifests/${digest}`))).toBe("404 MANIFEST_UNKNOWN");
    await client.push(name, image, "a");
    expect((await ask("HEAD", `${name}/manifests/a`)).status).toBe(200);
  });

  test("end-9: a repository without content has an empty list of tags", async () => {
    const name = fresh();
    await client.push(name, image, "a");
    await ask("DELETE", `${name}/manifests/${digest}`);
    expect(await tagsOf(name)).toEqual([]);
  });
});

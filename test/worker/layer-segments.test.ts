/// <reference types="@cloudflare/vitest-plugin/types" />
import { evictDurableObject } from "cloudflare:test";
import { expect, test } from "vitest";
import { gzipMember } from "../../src/compression/members.ts";
import { blobKey } from "../../src/oci/content-key.ts";
import { concat } from "../../src/streams/concat.ts";
import { Digester, sha256 } from "../../src/streams/sha256.ts";
import { member } from "../tar/archive.ts";
import { ask, build, env, postBuild, problemIn, textOf } from "./server.ts";

const MIB = 1024 * 1024;
/** A slow compression, so that portions are small: 4 MiB. */
const format = { compression: "zstd", level: 16 } as const;

test("an object compresses a layer in portions, and starts again when its state is lost", async () => {
  const tar = new Uint8Array(13 * MIB).fill(7);
  const layer = gzipMember(tar, 1);
  const blob = { digest: sha256(layer), size: layer.length };
  await env.BUCKET.put(blobKey(blob.digest), layer);
  const object = () => env.LAYER_SEGMENTS.getByName("recompress");
  const portion = async (number: number) => object().recompress(number, blob, format);
  for (const number of [0, 1]) expect(await portion(number)).toEqual({ state: "more" });
  await evictDurableObject(object());
  expect(await portion(2)).toEqual({ state: "lost" });
  for (const number of [0, 1, 2]) expect(await portion(number)).toEqual({ state: "more" });
  expect(await portion(3)).toMatchObject({ state: "done", result: { diffId: sha256(tar) } });
});

test("force-compression compresses a large layer of the base in an object, with equal results", async () => {
  const random = crypto.getRandomValues.bind(crypto);
  const large = new Uint8Array(3 * MIB);
  for (let at = 0; at < large.length; at += 65_536) random(large.subarray(at, at + 65_536));
  const before = await build({ Dockerfile: "FROM scratch\nCOPY large /\n", large }, { t: "forced/base" });
  const query = { t: "forced/app", compression: "zstd", forcecompression: "1" };
  const { manifest } = await build({ Dockerfile: "FROM localhost/forced/base\nLABEL a=b\n" }, query);
  expect(manifest.layers[0]).toMatchObject({ mediaType: "application/vnd.oci.image.layer.v1.tar+zstd" });
  const diffIds = async (name: string, { config }: typeof manifest) => {
    const text = await textOf(await ask(`/v2/${name}/blobs/${config.digest}`));
    return (JSON.parse(text) as { rootfs: { diff_ids: string[] } }).rootfs.diff_ids;
  };
  expect(await diffIds("forced/app", manifest)).toEqual(await diffIds("forced/base", before.manifest));
  const blob = await ask(`/v2/forced/app/blobs/${manifest.layers[0]?.digest}`);
  expect(sha256(new Uint8Array(await blob.arrayBuffer()))).toBe(manifest.layers[0]?.digest);
});

test("an object reads a foreign layer in portions, and rejects one with another diffID", async () => {
  // Two portions: 144 MiB that are small when compressed.
  const size = 144 * MIB;
  const header = member({ path: "zeros", size }, "").subarray(0, 512);
  const zeros = new Uint8Array(16 * MIB);
  const pieces = [header, ...Array.from({ length: 9 }, () => zeros), new Uint8Array(1024)];
  const tar = new Digester();
  for (const piece of pieces) tar.update(piece);
  const members = new Map([...new Set(pieces)].map((piece) => [piece, gzipMember(piece, 1)]));
  const blob = concat(pieces.map((piece) => members.get(piece) as Uint8Array));
  const layer = {
    digest: sha256(blob),
    size: blob.length,
    mediaType: "application/vnd.oci.image.layer.v1.tar+gzip",
    diffId: tar.digest(),
  };
  await env.BUCKET.put(blobKey(layer.digest), blob);
  const object = () => env.LAYER_SEGMENTS.getByName("read");
  const portion = async (number: number, part: "toc" | "shadow", claimed = layer) =>
    object().read(number, claimed, part);
  expect(await portion(0, "toc")).toEqual({ state: "more" });
  await evictDurableObject(object());
  expect(await portion(1, "toc")).toEqual({ state: "lost" });
  const key = layer.digest.slice("sha256:".length);
  for (const part of ["toc", "shadow"] as const) {
    expect(await portion(0, part)).toEqual({ state: "more" });
    expect(await env.BUCKET.head(`${part}s/${key}`)).toBeNull();
    expect(await portion(1, part)).toEqual({ state: "done" });
    expect(await env.BUCKET.head(`${part}s/${key}`)).not.toBeNull();
  }
  const other = { ...layer, diffId: sha256(blob) };
  expect(await portion(0, "toc", other)).toEqual({ state: "more" });
  expect(await portion(1, "toc", other)).toEqual({
    state: "refused",
    message: expect.stringContaining(layer.diffId),
  });
});

/** Pushes an image with one layer. */
async function push(name: string, layer: Uint8Array<ArrayBuffer>, mediaType: string): Promise<void> {
  const config = {
    architecture: "amd64",
    os: "linux",
    rootfs: { type: "layers", diff_ids: [sha256("tar")] },
  };
  const put = async (bytes: Uint8Array<ArrayBuffer>) => {
    const digest = sha256(bytes);
    const answer = await ask(`/v2/${name}/blobs/uploads/?digest=${digest}`, { method: "POST", body: bytes });
    expect(answer.status).toBe(201);
    return { digest, size: bytes.length };
  };
  const manifest = {
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    config: {
      mediaType: "application/vnd.oci.image.config.v1+json",
      ...(await put(new Uint8Array(new TextEncoder().encode(JSON.stringify(config))))),
    },
    layers: [{ mediaType, ...(await put(layer)) }],
  };
  const answer = await ask(`/v2/${name}/manifests/latest`, {
    method: "PUT",
    body: JSON.stringify(manifest),
    headers: { "content-type": manifest.mediaType },
  });
  expect(answer.status).toBe(201);
}

test.each([
  ["read", "FROM localhost/damaged/base\nWORKDIR /folder\n", {}],
  ["compressed", "FROM localhost/damaged/base\nLABEL a=b\n", { compression: "zstd", forcecompression: "1" }],
])(
  "a damaged large layer of a base cannot be %s, which is a fault of the base",
  async (_, Dockerfile, query) => {
    const damaged = gzipMember(new Uint8Array(4 * MIB).fill(7), 1);
    const layer = concat([damaged, new Uint8Array(2 * MIB).fill(1)]) as Uint8Array<ArrayBuffer>;
    await push("damaged/base", layer, "application/vnd.oci.image.layer.v1.tar+gzip");
    const problem = await problemIn(await postBuild({ Dockerfile }, { t: "damaged/app", ...query }));
    expect(problem).toMatchObject({
      code: "base-unavailable",
      detail: expect.stringContaining(sha256(layer)),
    });
  },
);

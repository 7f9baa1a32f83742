import { createHash } from "node:crypto";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { StoredLayer } from "../../schemas/runner.ts";
import { DirectoryStore } from "../../src/runner/snapshots/directory-store.ts";
import { archive, unable } from "./workbench.ts";

describe.skipIf(unable)("two programs with one folder of layers", () => {
  let folder: string;
  beforeEach(async () => {
    folder = join(await mkdtemp(join(tmpdir(), "varve-layers-")), "layers");
  });
  afterEach(() => rm(join(folder, ".."), { recursive: true }));

  const { signal } = new AbortController();
  let fetched = 0;
  const blobs = new Map<string, Buffer>();
  const fetchBlob = async (digest: string) => {
    fetched += 1;
    return (async function* () {
      yield blobs.get(digest) as Uint8Array;
    })();
  };
  function layer(name: string): StoredLayer {
    const bytes = archive([{ path: name, content: new Uint8Array(1_000_000) }]);
    const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
    blobs.set(digest, bytes);
    const mediaType = "application/vnd.oci.image.layer.v1.tar";
    return { mediaType, digest, size: bytes.length, diffId: digest };
  }
  const open = (limit: number) => DirectoryStore.open(folder, limit, "trusted");
  const layers = () => readdir(folder);

  it("use each other's layers", async () => {
    const [a, b] = [await open(1e9), await open(1e9)];
    const first = await a.holdLayer(layer("f"), fetchBlob, signal);
    const before = fetched;
    const second = await b.holdLayer(layer("f"), fetchBlob, signal);
    expect([second.path, fetched]).toEqual([first.path, before]);
  });

  it("can unpack the same layer at the same time", async () => {
    const [a, b] = [await open(1e9), await open(1e9)];
    const held = await Promise.all([a, b].map((store) => store.holdLayer(layer("f"), fetchBlob, signal)));
    expect(held[0]?.path).toBe(held[1]?.path);
    expect(await layers()).toHaveLength(1);
  });

  it("remove no layer that the other uses, until it is closed", async () => {
    const [a, b] = [await open(1), await open(1)];
    const held = await a.holdLayer(layer("f"), fetchBlob, signal);
    (await b.holdLayer(layer("f"), fetchBlob, signal)).release();
    (await b.holdLayer(layer("g"), fetchBlob, signal)).release();
    await expect.poll(layers).toHaveLength(1);
    expect((await stat(join(held.path, "f"))).size).toBe(1_000_000);
    a.close();
    (await b.holdLayer(layer("g"), fetchBlob, signal)).release();
    await expect.poll(layers).toHaveLength(0);
  });

  it("fetch a layer again that the other removed", async () => {
    const [a, b] = [await open(1e9), await open(1)];
    const known = layer("f");
    (await b.holdLayer(known, fetchBlob, signal)).release();
    const late = await open(1e9);
    await expect.poll(layers).toHaveLength(0);
    for (const store of [a, late]) {
      const held = await store.holdLayer(known, fetchBlob, signal);
      expect((await stat(join(held.path, "f"))).size).toBe(1_000_000);
    }
  });
});

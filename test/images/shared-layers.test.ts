import { describe, expect, test } from "vitest";
import { loadImages } from "../../src/images/load.ts";
import { tocKey } from "../../src/layers/toc.ts";
import { blobKey } from "../../src/oci/content-key.ts";
import { OCI } from "../../src/oci/media-types.ts";
import { memoryStore } from "../../src/store/memory-store.ts";
import type { ObjectStore } from "../../src/store/object-store.ts";
import { chunks } from "../../src/streams/chunks.ts";
import { collect } from "../../src/streams/collect.ts";
import { readable } from "../../src/streams/readable.ts";
import { sha256 } from "../../src/streams/sha256.ts";
import { singleChunk } from "../../src/streams/single-chunk.ts";
import { archive, member } from "../tar/archive.ts";

const bytesOf = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const pathOf = (digest: string) => `blobs/${digest.replace(":", "/")}`;

const tar = archive(member({ path: "f" }, "of a layer that images share"));
const gzipped = await collect(
  chunks(
    readable(singleChunk(tar)).pipeThrough(
      new CompressionStream("gzip") as never,
    ) as ReadableStream<Uint8Array>,
  ),
  2 ** 20,
);
const layer = sha256(gzipped);

/** Configs of different images, all with the one layer. */
const configs = (count: number) =>
  Array.from({ length: count }, (_, number) =>
    bytesOf({
      architecture: "amd64",
      os: "linux",
      config: { Labels: { number: String(number) } },
      rootfs: { type: "layers", diff_ids: [sha256(tar)] },
    }),
  );

function layout(count: number): Uint8Array {
  const blobs = configs(count).map((config) => {
    const manifest = bytesOf({
      schemaVersion: 2,
      mediaType: OCI.manifest,
      config: { mediaType: OCI.config, digest: sha256(config), size: config.length },
      layers: [{ mediaType: OCI.layerGzip, digest: layer, size: gzipped.length }],
    });
    return { config, manifest };
  });
  const manifests = blobs.map(({ manifest }, number) => ({
    mediaType: OCI.manifest,
    digest: sha256(manifest),
    size: manifest.length,
    annotations: { "io.containerd.image.name": `app-${number}` },
  }));
  return archive(
    member({ path: pathOf(layer) }, gzipped),
    ...blobs.flatMap(({ config, manifest }) =>
      [config, manifest].map((bytes) => member({ path: pathOf(sha256(bytes)) }, bytes)),
    ),
    member({ path: "index.json" }, bytesOf({ schemaVersion: 2, manifests })),
  );
}

/** As `docker save` writes it: each image has a separate path for the layer. @param bytes of the layer */
const dockerArchive = (bytes: Uint8Array) => (count: number) => {
  const images = configs(count).map((config, number) => ({ config, number }));
  return archive(
    ...images.flatMap(({ config, number }) => [
      member({ path: `${number}.json` }, config),
      member({ path: `${number}/layer.tar` }, bytes),
    ]),
    member(
      { path: "manifest.json" },
      bytesOf(
        images.map(({ number }) => ({
          Config: `${number}.json`,
          RepoTags: [`app-${number}:latest`],
          Layers: [`${number}/layer.tar`],
        })),
      ),
    ),
  );
};

/** How often each object is read. */
function counting(store: ObjectStore): { store: ObjectStore; reads: Map<string, number> } {
  const reads = new Map<string, number>();
  const note = (key: string) => reads.set(key, (reads.get(key) ?? 0) + 1);
  return {
    reads,
    store: {
      ...store,
      get: (key, range) => {
        note(key);
        return store.get(key, range);
      },
      getBytes: (key, range) => {
        note(key);
        return store.getBytes(key, range);
      },
    },
  };
}

/** Reads of the layer and of its table of contents while so many images with it are loaded. */
async function readsOf(bytes: Uint8Array, count: number): Promise<{ blob: number; toc: number }> {
  const { store, reads } = counting(memoryStore());
  const { images } = await loadImages(
    store,
    { bytes: chunks(readable(singleChunk(bytes))) },
    {
      names: [],
      readName: (text) => ({ repository: text.split(":")[0] ?? "", tag: "latest" }),
      unnamed: "builds",
      authorize: () => {},
    },
  );
  expect(images.map(({ name }) => name)).toEqual(Array.from({ length: count }, (_, n) => `app-${n}`));
  // What was loaded names the layer as it is stored.
  const stored = [...reads.keys()].filter((key) => key.startsWith("tocs/"));
  expect(stored).toHaveLength(1);
  const digest = `sha256:${stored[0]?.slice("tocs/".length)}`;
  return { blob: reads.get(blobKey(digest)) ?? 0, toc: reads.get(tocKey(digest)) ?? 0 };
}

describe("a layer that several images of an archive share is verified once", () => {
  test.each([
    ["an OCI layout", layout],
    ["a docker archive", dockerArchive(tar)],
    ["a docker archive with compressed layers", dockerArchive(gzipped)],
  ])("%s", async (_, make) => {
    const one = await readsOf(make(1), 1);
    expect(one.blob).toBeGreaterThan(0);
    expect(await readsOf(make(5), 5)).toEqual(one);
  });
});

import { expect, test } from "vitest";
import { loadImages } from "../../src/images/load.ts";
import { OCI } from "../../src/oci/media-types.ts";
import { storeBlob } from "../../src/registry/store/store-blob.ts";
import { StoreRegistry } from "../../src/registry/store/store-registry.ts";
import { memoryStore } from "../../src/store/memory-store.ts";
import { chunks } from "../../src/streams/chunks.ts";
import { readable } from "../../src/streams/readable.ts";
import { sha256 } from "../../src/streams/sha256.ts";
import { singleChunk } from "../../src/streams/single-chunk.ts";
import { archive, member } from "../tar/archive.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);
const pathOf = (digest: string) => `blobs/${digest.replace(":", "/")}`;

test.each(["symlink", "hardlink"] as const)(
  "a %s in place of a blob does not read other stored objects",
  async (type) => {
    const store = memoryStore();
    const secret = bytesOf("content of another repository");
    const stolen = sha256(secret);
    await storeBlob(store, stolen, singleChunk(secret), secret.length);

    const config = bytesOf("{}");
    const manifest = JSON.stringify({
      schemaVersion: 2,
      mediaType: OCI.manifest,
      artifactType: "application/vnd.example",
      config: { mediaType: "application/vnd.example", digest: sha256(config), size: config.length },
      layers: [{ mediaType: "application/vnd.example", digest: stolen, size: secret.length }],
    });
    const index = JSON.stringify({
      schemaVersion: 2,
      manifests: [{ mediaType: OCI.manifest, digest: sha256(manifest), size: manifest.length }],
    });
    const linkname = type === "symlink" ? "/other" : "other";
    const tar = archive(
      member({ path: "other" }, "x".repeat(secret.length)),
      member({ path: pathOf(stolen), type, linkname }),
      member({ path: pathOf(sha256(config)) }, config),
      member({ path: pathOf(sha256(manifest)) }, manifest),
      member({ path: "index.json" }, index),
    );
    const loading = loadImages(
      store,
      { bytes: chunks(readable(singleChunk(tar))) },
      {
        names: [{ repository: "mine", tag: "1" }],
        readName: (text) => ({ repository: text, tag: "1" }),
        unnamed: "builds",
        authorize: () => {},
      },
    );
    await expect(loading).rejects.toThrow(`it has no blob ${stolen}`);
    await expect(new StoreRegistry(store).resolveBlob("mine", stolen)).rejects.toThrow("no such blob");
  },
);

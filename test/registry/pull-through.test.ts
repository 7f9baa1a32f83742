import { expect, test } from "vitest";
import { blobKey } from "../../src/oci/content-key.ts";
import { RegistryError } from "../../src/registry/errors.ts";
import { PullThrough } from "../../src/registry/pull-through.ts";
import type { BlobDescriptor } from "../../src/registry/registry.ts";
import { StoreRegistry } from "../../src/registry/store/store-registry.ts";
import { memoryCache } from "../../src/store/memory-cache.ts";
import { memoryStore } from "../../src/store/memory-store.ts";
import type { ByteRange } from "../../src/store/object-store.ts";
import { readable } from "../../src/streams/readable.ts";
import { sha256 } from "../../src/streams/sha256.ts";
import { singleChunk } from "../../src/streams/single-chunk.ts";

test("a registry that loses the connection cannot use a blob that was pushed in the meantime", async () => {
  const store = memoryStore();
  const secret = new TextEncoder().encode("contents of another repository");
  const blob = { digest: sha256(secret), size: secret.length };

  /** A registry that knows only the digest and the size of the blob. */
  class Liar extends StoreRegistry {
    override async readBlob(_: string, { size }: BlobDescriptor, range?: ByteRange) {
      if (range === undefined) {
        await new StoreRegistry(store).pushBlob("other", blob, async () => singleChunk(secret));
        throw new RegistryError("NETWORK", "the connection was lost");
      }
      return readable(singleChunk(new Uint8Array(range.length ?? size)));
    }
  }

  const remote = new Liar(memoryStore());
  const registry = new PullThrough({ store, cache: memoryCache(), host: "registry.test", remote });
  await expect(registry.fetchBlob("app", blob)).rejects.toThrow("the registry sent different contents");
  await expect(registry.readBlob("app", blob)).rejects.toThrow("the registry sent different contents");
  expect(await store.head(blobKey(blob.digest))).toBeDefined();
});

test("a registry that lacks a few bytes of a config cannot use it", async () => {
  const store = memoryStore();
  const config = new TextEncoder().encode(`{"known":"${"x".repeat(8000)}","secret":"1234"}`);
  const blob = { digest: sha256(config), size: config.length };
  await new StoreRegistry(store).pushBlob("other", blob, async () => singleChunk(config));
  const guess = config.slice().fill(48, config.length - 6, config.length - 2);

  class Guesser extends StoreRegistry {
    override async readBlob(_: string, { size }: BlobDescriptor, { offset, length = size }: ByteRange) {
      return readable(singleChunk(guess.subarray(offset, offset + length)));
    }
  }

  const remote = new Guesser(memoryStore());
  const registry = new PullThrough({ store, cache: memoryCache(), host: "registry.test", remote });
  await expect(registry.fetchBlob("app", blob)).rejects.toThrow("the registry sent different contents");
});

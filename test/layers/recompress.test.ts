import { expect, test } from "vitest";
import { gzipMember } from "../../src/compression/members.ts";
import { recompress, recompressInPortions } from "../../src/layers/recompress.ts";
import { LayerRefusedError } from "../../src/layers/refusal.ts";
import { blobKey } from "../../src/oci/content-key.ts";
import { memoryStore } from "../../src/store/memory-store.ts";
import type { ObjectStore } from "../../src/store/object-store.ts";
import { sha256 } from "../../src/streams/sha256.ts";
import { countingWorker, PORTION } from "../helpers/counting-worker.ts";

const format = { compression: "zstd", level: 1 } as const;
const PORTIONS = 8;
/** Three quarters of each byte are random, so that compressed chunks do not fit in memory. */
const tar = new Uint8Array(PORTIONS * PORTION);
for (let at = 0, state = 1; at < tar.length; at++) {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  tar[at] = state >>> 26;
}
const never = new AbortController().signal;

async function storeBlob(store: ObjectStore, blob: Uint8Array) {
  const digest = sha256(blob);
  await store.put(blobKey(digest), blob, blob.length);
  return { digest, size: blob.length };
}

test.each([
  ["in portions", false],
  ["in portions, again when their state is lost", true],
])("a layer is compressed %s with the same result", async (_, forgets) => {
  const store = memoryStore();
  const blob = await storeBlob(store, gzipMember(tar, 1));
  const whole = await recompress(store, blob, format);
  expect(whole.diffId).toBe(sha256(tar));
  await store.delete(blobKey(whole.digest));
  const { worker, counts } = countingWorker(store, { forgets });
  expect(await recompressInPortions(worker, blob, format, never)).toEqual(whole);
  expect(counts.portions).toBeGreaterThanOrEqual(PORTIONS);
  expect(counts.portions).toBeLessThanOrEqual(PORTIONS + (forgets ? 4 : 1));
  expect((await store.head(blobKey(whole.digest)))?.size).toBe(whole.size);
  for await (const { key } of store.list("spool/")) expect.fail(`"${key}" remains`);
});

test("aborting stops the work between two portions, and deletes the stored parts", async () => {
  const store = memoryStore();
  const blob = await storeBlob(store, gzipMember(tar, 1));
  let open = 0;
  const create: ObjectStore["create"] = async (...args) => {
    const writer = await store.create(...args);
    open += 1;
    return { ...writer, abort: () => writer.abort().finally(() => (open -= 1)) };
  };
  const { worker, counts } = countingWorker({ ...store, create });
  const abort = new AbortController();
  const stopping = {
    ...worker,
    async recompress(...args: Parameters<typeof worker.recompress>) {
      const portion = await worker.recompress(...args);
      if (open > 0) abort.abort(new Error("the build was cancelled"));
      return portion;
    },
  };
  await expect(recompressInPortions(stopping, blob, format, abort.signal)).rejects.toThrow("was cancelled");
  expect(counts.portions).toBeLessThan(PORTIONS);
  expect(open).toBe(0);
});

test("a damaged layer is rejected", async () => {
  const store = memoryStore();
  const blob = await storeBlob(store, gzipMember(tar, 1).fill(0, 2 * PORTION, 2 * PORTION + 1000));
  const { worker } = countingWorker(store);
  await expect(recompressInPortions(worker, blob, format, never)).rejects.toThrow(LayerRefusedError);
});

import { expect, test } from "vitest";
import type { LayerEntry } from "../../src/layers/entry.ts";
import { hasStoredContents, segmentBytes } from "../../src/layers/segments.ts";
import { storeLayer } from "../../src/layers/store.ts";
import { openLayer } from "../../src/layers/toc.ts";
import { type LayerDraft, writeLayer } from "../../src/layers/write.ts";
import { type SegmentWorker, writeSegments } from "../../src/layers/write-segments.ts";
import { blobKey } from "../../src/oci/content-key.ts";
import { memoryStore } from "../../src/store/memory-store.ts";
import type { ObjectStore } from "../../src/store/object-store.ts";
import { concat } from "../../src/streams/concat.ts";
import { sha256 } from "../../src/streams/sha256.ts";
import { countingWorker } from "../helpers/counting-worker.ts";
import { keysOf } from "./entries.ts";

const MIB = 1024 * 1024;
const format = { compression: "zstd", level: 1 } as const;

/** Bytes that zstd compresses to about half, different for each seed. */
function bytesOf(size: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let state = seed + 1;
  for (let i = 0; i < size; i += 2) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

/** A layer with many small files, a file that is larger than a segment, and one in memory; all others are stored. */
async function storedEntries(store: ObjectStore): Promise<LayerEntry[]> {
  const meta = { mode: 0o644, uid: 0, gid: 0, mtime: 1 };
  const directory: LayerEntry = { node: { ...meta, path: "d", type: "dir", mode: 0o755, size: 0 } };
  const files = Array.from({ length: 150 }, (_, i) => ({
    path: `d/${String(i).padStart(3, "0")}`,
    bytes: bytesOf(i === 7 ? 3 * MIB + 17 : (i * 37) % 11 === 0 ? 0 : 20_000 + i, i),
  }));
  const source = files.map(({ path, bytes }): LayerEntry => {
    const node = { ...meta, path, type: "file" as const, size: bytes.length, digest: sha256(bytes) };
    return { node, read: () => bytes };
  });
  const written = await storeLayer(store, await writeLayer(source, { ...format, level: 2, spool: store }));
  const tree = (await openLayer(store, written.digest))?.tree;
  const stored = [...(tree?.walk("d") ?? [])].map((node): LayerEntry => ({ node }));
  const heredoc = new TextEncoder().encode("echo a\n");
  const script = {
    ...meta,
    path: "script",
    type: "file" as const,
    size: heredoc.length,
    digest: sha256(heredoc),
  };
  return [directory, ...stored, { node: script, read: () => heredoc }];
}

function options(worker: SegmentWorker, drop: (keys: readonly string[]) => Promise<void> = async () => {}) {
  return {
    ...format,
    segmentBytes: MIB,
    folder: "spool/test/",
    worker,
    signal: new AbortController().signal,
    onProgress: () => {},
    drop,
  };
}

/** Digest of the lines of the table of contents. */
function linesOf({ entries }: LayerDraft): string {
  return sha256(concat(entries.frames.map(({ bytes }) => bytes)));
}

test("a layer in segments equals the layer in one piece", async () => {
  const store = memoryStore();
  const entries = await storedEntries(store);
  expect(await hasStoredContents(entries)).toBe(true);
  const { worker, counts } = countingWorker(store, { forgets: true });
  const draft = await writeSegments(entries, options(worker));
  const whole = await writeLayer(entries, { ...format, spool: store });
  expect(draft).toMatchObject({
    digest: whole.digest,
    diffId: whole.diffId,
    size: whole.size,
    written: whole.written,
  });
  expect(linesOf(draft)).toBe(linesOf(whole));
  const chunks = whole.written?.chunks.length;
  expect(counts.chunks).toBe(chunks);
  expect(counts.segments).toBeGreaterThan(3);
  // A segment ends with the chunk that fills it, which has at most two pieces.
  expect(counts.mostBytes).toBeLessThan(2 * MIB);
  const info = await storeLayer(store, draft, (blob) => worker.put(blob));
  expect((await store.head(blobKey(info.digest)))?.size).toBe(whole.size);
  expect(await keysOf(store, "spool/test/")).toEqual([]);
});

test("a layer that was interrupted continues: finished segments are not compressed again", async () => {
  const store = memoryStore();
  const entries = await storedEntries(store);
  const whole = await writeLayer(entries, { ...format, spool: store });
  const first = countingWorker(store, { fails: 3 });
  // An instance that ends deletes nothing.
  await expect(writeSegments(entries, options(first.worker))).rejects.toThrow("interrupted");
  expect(first.counts.chunks).toBeGreaterThan(0);
  const second = countingWorker(store);
  const draft = await writeSegments(entries, options(second.worker));
  expect(draft.digest).toBe(whole.digest);
  expect(draft.diffId).toBe(whole.diffId);
  expect(first.counts.chunks + second.counts.chunks).toBe(whole.written?.chunks.length);
});

test("a layer that fails deletes its segments", async () => {
  const store = memoryStore();
  const entries = await storedEntries(store);
  const dropped = Promise.withResolvers<void>();
  const { worker } = countingWorker(store, { fails: 3 });
  const drop = async (keys: readonly string[]) => {
    await store.delete(...keys);
    dropped.resolve();
  };
  await expect(writeSegments(entries, options(worker, drop))).rejects.toThrow("interrupted");
  await dropped.promise;
  expect(await keysOf(store, "spool/test/")).toEqual([]);
});

test("chunks of the last version are reused", async () => {
  const store = memoryStore();
  const entries = await storedEntries(store);
  const before = await storeLayer(store, await writeLayer(entries, { ...format, spool: store }));
  const changed = entries.filter(({ node }) => node.path !== "d/001");
  const { worker, counts } = countingWorker(store);
  const draft = await writeSegments(changed, { ...options(worker), last: before.digest });
  const whole = await writeLayer(changed, { ...format, spool: store });
  expect(draft.digest).toBe(whole.digest);
  expect(counts.chunks).toBeLessThan(6);
  expect(draft.reusedBytes).toBeGreaterThan(whole.size / 2);
});

test("contents in memory are not written in segments", async () => {
  const bytes = new Uint8Array(2 * MIB);
  const node = {
    path: "a",
    type: "file" as const,
    mode: 0o644,
    uid: 0,
    gid: 0,
    mtime: 0,
    size: bytes.length,
  };
  const read = () => bytes;
  expect(await hasStoredContents([{ node: { ...node, digest: sha256(bytes) }, read }])).toBe(false);
  expect(await hasStoredContents([{ node, read }])).toBe(false);
});

test("segments are smaller where the compression is slower", () => {
  const sizes = [1, 6, 12, 15, 22].map((level) => segmentBytes({ compression: "zstd", level }));
  expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
});

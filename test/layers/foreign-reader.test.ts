import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { gzipMember } from "../../src/compression/members.ts";
import type { ForeignLayer } from "../../src/layers/foreign-layer.ts";
import { ForeignReader } from "../../src/layers/foreign-reader.ts";
import { LARGE_LAYER, readElsewhere } from "../../src/layers/foreign-workers.ts";
import { openOrIngestLayer } from "../../src/layers/ingest.ts";
import { isLayerRefusal } from "../../src/layers/refusal.ts";
import { blobKey } from "../../src/oci/content-key.ts";
import { OCI } from "../../src/oci/media-types.ts";
import { memoryStore } from "../../src/store/memory-store.ts";
import type { ObjectStore } from "../../src/store/object-store.ts";
import { sha256 } from "../../src/streams/sha256.ts";
import { noise } from "../streams/source.ts";
import { archive as archiveOf, member } from "../tar/archive.ts";
import { contentsOf, keysOf } from "./entries.ts";

/** Bytes of a portion. */
const PORTION = 1024 * 1024;
const PORTIONS = 6;
const files = Array.from({ length: PORTIONS }, (_, index) => noise(PORTION - 1000 + index));
const archive = archiveOf(...files.map((bytes, index) => member({ path: `file-${index}` }, bytes)));
const blob = gzipMember(archive, 1);

let store: ObjectStore;
let calls: string[];
/** Number of the call before which the worker loses its state. */
let forgets: number;
let workers: number;

beforeEach(() => {
  store = memoryStore();
  calls = [];
  forgets = Number.POSITIVE_INFINITY;
  workers = 0;
  readElsewhere(store, () => {
    workers += 1;
    let reader = new ForeignReader(store, PORTION);
    return {
      read(number, layer, part) {
        if (calls.length === forgets) reader = new ForeignReader(store, PORTION);
        calls.push(`${part} ${number}`);
        return reader.advance(number, layer, part);
      },
    };
  });
});
afterEach(async () => {
  for await (const { key } of store.list("spool/")) expect.fail(`"${key}" remains`);
});

async function push(to: ObjectStore, bytes: Uint8Array, tar: Uint8Array): Promise<ForeignLayer> {
  const digest = sha256(bytes);
  await to.put(blobKey(digest), bytes, bytes.length);
  return { digest, size: bytes.length, mediaType: OCI.layerGzip, diffId: sha256(tar) };
}

/** Digests of what is stored for the layer when one invocation reads it. */
async function readHere(): Promise<Map<string, string>> {
  const here = memoryStore();
  const { tree } = await openOrIngestLayer(here, await push(here, blob, archive));
  expect(sha256(await contentsOf(tree, "file-3"))).toBe(sha256(files[3] as Uint8Array));
  return storedIn(here);
}

/** The number of the last portion of a part. */
function lastOf(part: string): number | undefined {
  const last = calls.findLast((call) => call.startsWith(part));
  return last === undefined ? undefined : Number(last.split(" ")[1]);
}

async function storedIn(from: ObjectStore): Promise<Map<string, string>> {
  const stored = new Map<string, string>();
  for (const key of await keysOf(from))
    stored.set(key, sha256((await from.getBytes(key)) ?? new Uint8Array(0)));
  return stored;
}

describe("a large foreign layer", () => {
  test.each([
    ["is read in portions with the same result", Number.POSITIVE_INFINITY],
    ["is read again when the state of its table of contents is lost", 3],
    ["is read again when the state of its shadow is lost", PORTIONS + 4],
  ])("%s", async (_, lost) => {
    forgets = lost;
    const { tree, ...info } = await openOrIngestLayer(store, await push(store, blob, archive));
    expect(info.diffId).toBe(sha256(archive));
    expect(lastOf("toc")).toBeGreaterThanOrEqual(PORTIONS - 1);
    expect(lastOf("shadow")).toBeUndefined();
    await Promise.all(
      files.map(async (bytes, n) => expect(sha256(await contentsOf(tree, `file-${n}`))).toBe(sha256(bytes))),
    );
    expect(lastOf("shadow")).toBeGreaterThanOrEqual(PORTIONS - 1);
    expect(calls.length <= 2 * (PORTIONS + 1)).toBe(lost === Number.POSITIVE_INFINITY);
    expect(workers).toBe(2);
    expect(await storedIn(store)).toEqual(await readHere());
  });

  test("is rejected when it is damaged or has another diffID", async () => {
    const layer = await push(store, blob, archive);
    const wrong = openOrIngestLayer(store, { ...layer, diffId: sha256(blob) });
    await expect(wrong).rejects.toSatisfy(isLayerRefusal);
    await expect(wrong).rejects.toThrow(sha256(archive));
    const damaged = await push(store, blob.slice().fill(0, 2 * PORTION, 2 * PORTION + 1000), archive);
    await expect(openOrIngestLayer(store, damaged)).rejects.toSatisfy(isLayerRefusal);
    expect(await keysOf(store, "tocs/")).toEqual([]);
  });

  test("is not read forever when its state is always lost", async () => {
    const layer = await push(store, blob, archive);
    let number = 0;
    readElsewhere(store, () => ({
      async read() {
        number += 1;
        return { state: "lost" };
      },
    }));
    await expect(openOrIngestLayer(store, layer)).rejects.toThrow("its state was lost 6 times");
    expect(number).toBe(6);
  });
});

test("a small foreign layer is read in the same invocation, whatever size its manifest states", async () => {
  const tar = archiveOf(member({ path: "file" }, noise(LARGE_LAYER / 2)));
  const layer = await push(store, gzipMember(tar, 1), tar);
  const { tree } = await openOrIngestLayer(store, { ...layer, size: 2 * LARGE_LAYER });
  expect(await contentsOf(tree, "file")).toEqual(noise(LARGE_LAYER / 2));
  expect(calls).toEqual([]);
});

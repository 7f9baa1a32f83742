import { expect, test } from "vitest";
import { Prune } from "../../src/garbage/prune.ts";
import type { PruneFindings, PruneRules } from "../../src/garbage/run.ts";
import { CollectorTables, type Sql } from "../../src/garbage/tables.ts";
import { measureUsage, readUsage } from "../../src/garbage/usage.ts";
import { blobKey } from "../../src/oci/content-key.ts";
import { markerKey } from "../../src/registry/store/markers.ts";
import { StoreRegistry } from "../../src/registry/store/store-registry.ts";
import { contentOfMarker, putMarkerObject, referenceKey } from "../../src/store/back-references.ts";
import { countCalls } from "../../src/store/count-calls.ts";
import { memoryStore } from "../../src/store/memory-store.ts";
import type { ObjectStore } from "../../src/store/object-store.ts";
import { Digester } from "../../src/streams/sha256.ts";
import { allOf } from "../helpers/all-of.ts";
import { sqlite } from "../helpers/sqlite.ts";
import { pushImage, type TestImage, testImage } from "../registry/test-image.ts";
import { DAY, pass, useClock } from "./clock.ts";

useClock(["Date"]);

interface Options extends Partial<PruneRules> {
  id?: string;
  /** Another instance after each step. */
  interrupted?: boolean;
}

async function prune(
  store: ObjectStore,
  database: Sql,
  { id = crypto.randomUUID(), interrupted = false, ...rules }: Options = {},
): Promise<PruneFindings> {
  const at = Date.now() - DAY;
  const world = {
    store,
    held: async () => ({ blobs: [], manifests: [], contexts: [] }),
    forgetBuild: async () => true,
  };
  const all = { dryRun: false, grace: at, unused: at, builds: at, ...rules };
  for (;;) {
    const work = new Prune(world, all, database, id);
    const steps = work.run();
    if (!interrupted) for await (const _ of steps);
    else if (!(await steps.next()).done) continue;
    return work.findings;
  }
}

const push = (store: ObjectStore, name: string, image: TestImage, tag: string) =>
  pushImage(new StoreRegistry(store), name, image, tag);

async function keysOf(store: ObjectStore, prefix = ""): Promise<string[]> {
  return (await allOf(store.list(prefix))).map(({ key }) => key).filter((key) => !key.startsWith("epochs/"));
}

/** Two repositories with some tags, and contents without references. */
async function filled(): Promise<ObjectStore> {
  const store = memoryStore();
  for (const tag of ["1", "2", "3"]) await push(store, "x/app", testImage(["base", tag]), tag);
  await push(store, "y", testImage(["base"]), "1");
  await new StoreRegistry(store).deleteManifest("x/app", testImage(["base", "2"]).descriptor.digest);
  for (const key of ["tocs/ab", "spool/1", "selections/1", "builds/1/2"]) {
    await store.put(key, new Uint8Array(3), 3);
  }
  pass(3 * DAY);
  return store;
}

async function dropReferences(store: ObjectStore): Promise<void> {
  await store.delete(...(await keysOf(store, "refs/")));
}

test("finds unreferenced contents across pages, and behind a content with many references", async () => {
  const store = memoryStore();
  const kept = new Set<string>();
  const digestOf = (at: number) =>
    new Digester("sha256").update(new TextEncoder().encode(`blob ${at}`)).digest();
  for (let at = 0; at < 2500; at += 1) {
    const digest = digestOf(at);
    await store.put(blobKey(digest), new Uint8Array(1), 1);
    if (at % 3 === 0) continue;
    kept.add(blobKey(digest));
    // Blobs of repositories that a push has just marked, so that no manifest has to list them.
    const repositories = at === 1 ? 1500 : 1;
    for (let name = 0; name < repositories; name += 1) {
      const key = `upstreams/docker.io/r${name}/_blobs/${digest}`;
      await putMarkerObject(store, key);
    }
  }
  pass(2 * DAY);
  const at = Date.now();
  const found = await prune(store, sqlite(), { unused: at - 30 * DAY, grace: at - DAY });
  expect(found.total.objects).toBe(0);
  const later = await prune(store, sqlite(), { unused: at - DAY, grace: at - DAY, dryRun: true });
  expect(later.removed.blobs?.objects).toBe(2500);
  for (const key of await keysOf(store, "upstreams/")) await store.put(key, new Uint8Array(), 0);
  const { removed } = await prune(store, sqlite());
  expect(removed).toEqual({ blobs: { objects: 834, bytes: 834 } });
  expect(new Set(await keysOf(store, "blobs/"))).toEqual(kept);
});

test("reads a repository of thousands of tags in pages, and again only when it has changed", async () => {
  const store = memoryStore();
  for (let at = 0; at < 1100; at += 1) {
    const image = testImage([`${at % 7}`, `${at}`]);
    for (const { descriptor, bytes } of image.blobs) {
      await store.put(blobKey(descriptor.digest), bytes, bytes.length);
      const metadata = { digest: descriptor.digest, mediaType: "", size: String(bytes.length) };
      await putMarkerObject(store, markerKey("x", "_blobs", descriptor.digest), new Uint8Array(), 0, {
        metadata,
      });
    }
    await new StoreRegistry(store).pushManifest("x", { bytes: image.bytes, ...image.descriptor }, [`t${at}`]);
  }
  pass(2 * DAY);
  const database = sqlite();
  let reads = 0;
  const counted: ObjectStore = {
    ...store,
    getBytes(key, range) {
      reads += 1;
      return store.getBytes(key, range);
    },
  };
  expect((await prune(counted, database)).total.objects).toBe(0);
  expect(reads).toBe(1100);
  const { store: listed, calls } = countCalls(counted);
  expect((await prune(listed, database)).total.objects).toBe(0);
  expect(reads).toBe(1100);
  // A few pages of each kind of object, and a comparison of each back-reference with its marker.
  const references = (await keysOf(store, "refs/")).length;
  expect(calls() - references).toBeLessThan(90);
  const { tags, removed } = await prune(counted, database, { keep: 1000, untagged: Date.now() });
  expect(tags).toHaveLength(100);
  expect(reads).toBe(1100);
  expect(removed.manifests?.objects).toBe(100);
  expect(await allOf(new StoreRegistry(store).tags("x"))).toHaveLength(1000);
});

test("another instance continues after the first one is killed at any step", async () => {
  const rules = { keep: 1, untagged: Date.now() + 10 * DAY };
  const [whole, parts] = [await filled(), await filled()];
  const expected = await prune(whole, sqlite(), rules);
  expect(await prune(parts, sqlite(), { ...rules, interrupted: true })).toEqual(expected);
  expect(await keysOf(parts)).toEqual(await keysOf(whole));
});

test("a store of an earlier version gets back-references before contents are removed", async () => {
  const store = await filled();
  const complete = await keysOf(store, "refs/");
  await dropReferences(store);
  const database = sqlite();
  const { removed } = await prune(store, database);
  expect(removed).toMatchObject({ blobs: { objects: 2 }, manifests: { objects: 1 } });
  expect(complete).toEqual(expect.arrayContaining(await keysOf(store, "refs/")));
  for (const key of await keysOf(store, "repos/")) {
    const content = contentOfMarker(key);
    if (content === undefined) continue;
    expect(await store.head(content), content).toBeDefined();
    expect(await store.head(referenceKey(content, key)), key).toBeDefined();
  }
});

test("removes no contents while a version without back-references may be writing", async () => {
  const store = await filled();
  const database = sqlite();
  await prune(store, database, { dryRun: true });
  // A push of the earlier version, of contents that nothing refers to.
  const before = new Set(await keysOf(store, "refs/"));
  const image = testImage(["base", "2"]);
  await push(store, "x/app", image, "2");
  for (const key of await keysOf(store, "refs/")) if (!before.has(key)) await store.delete(key);
  const first = await prune(store, database);
  expect(first.removed.blobs).toBeUndefined();
  pass(DAY);
  await prune(store, database);
  for (const { descriptor } of image.blobs) {
    expect(await store.head(blobKey(descriptor.digest))).toBeDefined();
  }
});

test("a back-reference left by an interrupted deletion does not keep content forever", async () => {
  const store = await filled();
  const [marker = ""] = await keysOf(store, "repos/y/_blobs/");
  await store.delete(...(await keysOf(store, "repos/y/")));
  await prune(store, sqlite());
  expect(await store.head(referenceKey(contentOfMarker(marker) ?? "", marker))).toBeUndefined();
});

test("counts objects that are stored during the run", async () => {
  const store = await filled();
  await store.put("caches/1/packs/2", new Uint8Array(5), 5);
  const database = sqlite();
  for (const rules of [{ dryRun: true }, {}, { keep: 1, untagged: Date.now() - DAY }, {}]) {
    await prune(store, database, rules);
    const { measured: _, ...expected } = await measureUsage(store);
    expect(readUsage(new CollectorTables(database))).toMatchObject(expected);
  }
});

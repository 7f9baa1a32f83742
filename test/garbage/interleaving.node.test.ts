import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { type BuildMemory, StepCache } from "../../src/engine/solve/step-cache.ts";
import { Prune } from "../../src/garbage/prune.ts";
import type { PruneRules } from "../../src/garbage/run.ts";
import { blobKey } from "../../src/oci/content-key.ts";
import { isRegistryUnavailable, RegistryError } from "../../src/registry/errors.ts";
import { StoreRegistry } from "../../src/registry/store/store-registry.ts";
import { contentOfMarker, parseBackReference, referenceKey } from "../../src/store/back-references.ts";
import { memoryCache } from "../../src/store/memory-cache.ts";
import { memoryStore } from "../../src/store/memory-store.ts";
import type { ObjectStore } from "../../src/store/object-store.ts";
import { singleChunk } from "../../src/streams/single-chunk.ts";
import { allOf } from "../helpers/all-of.ts";
import { sqlite } from "../helpers/sqlite.ts";
import { content, type TestImage, testImage, testIndex } from "../registry/test-image.ts";
import { DAY, HOUR, pass, useClock } from "./clock.ts";
import { Killed, Turns, whileTimePasses } from "./turns.ts";

useClock();

/** Pushes like clients, without blobs that the repository has. */
async function push(registry: StoreRegistry, name: string, image: TestImage, tag: string): Promise<void> {
  for (const { descriptor, bytes } of image.blobs) {
    const isKnown = await registry.resolveBlob(name, descriptor.digest).then(
      () => true,
      () => false,
    );
    if (!isKnown) await registry.pushBlob(name, descriptor, async () => singleChunk(bytes));
  }
  for (const { bytes, descriptor } of [...image.manifests, image]) {
    await registry.pushManifest(name, { bytes, ...descriptor });
  }
  await registry.tag(name, tag, image.descriptor.digest);
}

/** A client repeats requests that failed because the collector was faster. Other failures are errors of the test. */
async function repeat(act: () => Promise<unknown>): Promise<boolean> {
  for (let tries = 0; tries < 4; tries += 1) {
    try {
      await act();
      return true;
    } catch (error) {
      if (error instanceof Killed) return false;
      if (!(error instanceof RegistryError)) throw error;
    }
  }
  return false;
}

const images = [["a"], ["a", "b"], ["b", "c"], ["d"]].map((layers) => testImage(layers));
const index = testIndex({ "linux/amd64": testImage(["a", "e"]) });
const pool: TestImage[] = [...images, index];
const layer = content("a", "application/vnd.oci.image.layer.v1.tar");

type Deed =
  | { deed: "push"; name: string; image: number; tag: string }
  | { deed: "delete"; name: string; image: number }
  | { deed: "untag"; name: string; tag: string }
  | { deed: "mount"; name: string; from: string; image: number }
  | { deed: "hold" };

const name = fc.constantFrom("x", "y");
const image = fc.nat({ max: pool.length - 1 });
const tag = fc.constantFrom("1", "2");
const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ deed: fc.constant("push" as const), name, image, tag }) },
  { weight: 2, arbitrary: fc.record({ deed: fc.constant("delete" as const), name, image }) },
  { weight: 1, arbitrary: fc.record({ deed: fc.constant("untag" as const), name, tag }) },
  { weight: 1, arbitrary: fc.record({ deed: fc.constant("mount" as const), name, from: name, image }) },
  { weight: 1, arbitrary: fc.record({ deed: fc.constant("hold" as const) }) },
);

/**
 * Verifies that everything that tags lead to can be read, and that every marker has its back-reference.
 * @param hasDangling an interrupted deletion of a manifest may have left its tags
 */
async function requireComplete(store: ObjectStore, hasDangling = false): Promise<Set<string>> {
  const registry = new StoreRegistry(store);
  const live = new Set<string>();
  for (const repository of ["x", "y"]) {
    const tags = await allOf(registry.tags(repository)).catch(() => [] as string[]);
    for (const one of tags) {
      const { digest } = await registry.resolveManifest(repository, one);
      const marker = await store.head(`repos/${repository}/_manifests/${digest}`);
      if (hasDangling && marker === undefined) continue;
      const found = pool.find(({ descriptor }) => descriptor.digest === digest);
      if (found === undefined) throw new Error(`${repository}:${one} is ${digest}`);
      for (const { descriptor, bytes } of [...found.manifests, found]) {
        expect((await registry.readManifest(repository, descriptor.digest)).bytes).toEqual(bytes);
      }
      for (const { descriptor, bytes } of found.blobs) {
        expect((await registry.resolveBlob(repository, descriptor.digest)).size).toBe(bytes.length);
        live.add(blobKey(descriptor.digest));
      }
    }
  }
  for await (const { key } of store.list("repos/")) {
    const marked = contentOfMarker(key);
    if (marked !== undefined) expect(await store.head(referenceKey(marked, key)), key).toBeDefined();
  }
  return live;
}

async function collect(
  store: ObjectStore,
  database: ReturnType<typeof sqlite>,
  id: string,
  rules: Partial<PruneRules>,
  held: ReadonlySet<string>,
): Promise<void> {
  const at = Date.now() - HOUR;
  const world = {
    store,
    held: async () => ({ blobs: [...held], manifests: [], contexts: [] }),
    forgetBuild: async () => true,
  };
  const all = { dryRun: false, grace: at, unused: at, builds: at, ...rules };
  for await (const _ of new Prune(world, all, database, id).run());
}

/** @param lives operations after which the collector, and the first writer, are killed and another instance continues */
async function race(
  before: readonly Deed[],
  writers: readonly (readonly Deed[])[],
  choices: Iterator<number>,
  untagged: boolean,
  lives: { collector?: number; writer?: number } = {},
): Promise<void> {
  const store = memoryStore();
  const database = sqlite();
  const nothing = new Set<string>();
  const held = new Set<string>();
  const execute = async (one: Deed, own: ObjectStore) => {
    const registry = new StoreRegistry(own);
    switch (one.deed) {
      case "push":
        return repeat(() => push(registry, one.name, pool[one.image] as TestImage, one.tag));
      case "delete":
        return repeat(() =>
          registry.deleteManifest(one.name, (pool[one.image] as TestImage).descriptor.digest),
        );
      case "untag":
        return repeat(() => registry.deleteTag(one.name, one.tag));
      case "mount": {
        const [blob] = (pool[one.image] as TestImage).blobs;
        return repeat(() => registry.mountBlob(one.name, blob?.descriptor.digest ?? "", one.from));
      }
      case "hold": {
        const memory: BuildMemory = {
          recall: () => new Map(),
          remember: () => {},
          hold: (digest) => held.add(digest),
          began: () => 0,
        };
        const cache = new StepCache(own, memoryCache(), memory, { isIgnored: false });
        const record = { layer: layer.descriptor, diffId: layer.descriptor.digest };
        if (!(await cache.hold(record))) return true;
        // The build exports an image with the layer that it holds.
        expect(await store.head(blobKey(layer.descriptor.digest))).toBeDefined();
        return repeat(() => registry.linkBlobs("x", [layer.descriptor.digest]));
      }
    }
  };
  for (const one of before) await whileTimePasses(execute(one, store));
  held.clear();
  await whileTimePasses(collect(store, database, "first", {}, nothing));
  pass(10 * DAY);
  const turns = new Turns(choices);
  const rules = untagged ? { untagged: Date.now() - HOUR } : {};
  const collector = async () => {
    let own = turns.storeFor("collector", store, lives.collector);
    for (;;) {
      try {
        return await collect(own, database, "second", rules, held);
      } catch (error) {
        if (error instanceof Killed) own = turns.storeFor("collector", store);
        else if (!isRegistryUnavailable(error)) throw error;
        // An interrupted removal has locked the repository.
        await new Promise((resolve) => setTimeout(resolve, 30_000));
      }
    }
  };
  const writes = writers.map(async (deeds, writer) => {
    const own = turns.storeFor(`writer ${writer}`, store, writer === 0 ? lives.writer : undefined);
    for (const one of deeds) {
      try {
        await execute(one, own);
      } catch (error) {
        if (error instanceof Killed) return;
        throw error;
      }
    }
  });
  await turns.runAll([collector(), ...writes]);
  await whileTimePasses(requireComplete(store, lives.writer !== undefined));
  if (held.size > 0 && lives.writer === undefined) {
    // Pinned from the moment when the build finds it.
    for (const digest of held) {
      const known = await store.head(referenceKey(blobKey(digest), `repos/x/_blobs/${digest}`));
      if (known !== undefined) expect(await store.head(blobKey(digest))).toBeDefined();
    }
  }
  // Locks of processes that were ended.
  pass(10 * DAY);
  await vi.advanceTimersByTimeAsync(120_000);
  await whileTimePasses(collect(store, database, "third", { untagged: Date.now() - HOUR }, nothing));
  const live = await whileTimePasses(requireComplete(store));
  const keys = (await allOf(store.list(""))).map(({ key }) => key);
  expect(new Set(keys.filter((key) => key.startsWith("blobs/")))).toEqual(live);
  for (const key of keys) {
    const reference = parseBackReference(key);
    if (reference !== undefined) expect(keys, key).toContain(reference.marker);
  }
  expect(keys.filter((key) => key.startsWith("condemned/"))).toEqual([]);
}

const deeds = fc.array(deed, { maxLength: 3 });
const before = fc.array(deed, { maxLength: 8 });
const choices = fc.infiniteStream(fc.nat({ max: 1000 }));
const numRuns = Number(process.env.VARVE_RACES ?? 150);

test("two writers and the collector lose nothing in any order, and the rest is freed", {
  timeout: 600_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(before, deeds, deeds, choices, fc.boolean(), (old, one, two, order, untagged) =>
      race(old, [one, two], order, untagged),
    ),
    { numRuns },
  );
});

test("the same when the collector is interrupted at any operation and continued", {
  timeout: 600_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(before, deeds, choices, fc.nat({ max: 150 }), (old, one, order, collector) =>
      race(old, [one], order, true, { collector }),
    ),
    { numRuns },
  );
});

test("the same when a writer is interrupted at any operation", { timeout: 600_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(before, deeds, deeds, choices, fc.nat({ max: 80 }), (old, one, two, order, writer) =>
      race(old, [one, two], order, false, { writer }),
    ),
    { numRuns },
  );
});

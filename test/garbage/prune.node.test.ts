import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Prune } from "../../src/garbage/prune.ts";
import type { PruneFindings, PruneRules, PruneWorld } from "../../src/garbage/run.ts";
import type { Sql } from "../../src/garbage/tables.ts";
import { measureUsage } from "../../src/garbage/usage.ts";
import { blobKey } from "../../src/oci/content-key.ts";
import type { Registry } from "../../src/registry/registry.ts";
import { RestrictedRegistry } from "../../src/registry/restricted.ts";
import { handleRegistry } from "../../src/registry/server/handle.ts";
import { withOpenUpload } from "../../src/registry/store/open-uploads.ts";
import { storeBlob } from "../../src/registry/store/store-blob.ts";
import { StoreRegistry } from "../../src/registry/store/store-registry.ts";
import { memoryStore } from "../../src/store/memory-store.ts";
import type { ObjectStore } from "../../src/store/object-store.ts";
import { singleChunk } from "../../src/streams/single-chunk.ts";
import { allOf } from "../helpers/all-of.ts";
import { sqlite } from "../helpers/sqlite.ts";
import {
  content,
  pushImage,
  type TestContent,
  type TestImage,
  testImage,
  testIndex,
} from "../registry/test-image.ts";

const MINUTE = 60_000;
const HOUR = 60 * 60 * 1000;
const DAY = 24 * HOUR;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.UTC(2030, 0, 1) });
});
afterEach(() => {
  vi.useRealTimers();
});

const pass = (milliseconds: number) => vi.setSystemTime(Date.now() + milliseconds);

const push = (store: ObjectStore, name: string, image: TestImage, ...tags: string[]) =>
  pushImage(new StoreRegistry(store), name, image, ...tags);

/** False when an index needs the manifest. */
async function deleteUnlessNeeded(registry: StoreRegistry, name: string, digest: string): Promise<boolean> {
  try {
    await registry.deleteManifest(name, digest);
    return true;
  } catch (error) {
    expect(error).toMatchObject({ fault: "CONTENT_NEEDED" });
    return false;
  }
}

/** Everything that a client can request, byte for byte. */
async function pull(store: ObjectStore, name: string, tag: string, image: TestImage): Promise<void> {
  const registry = new StoreRegistry(store);
  expect((await registry.resolveManifest(name, tag)).digest).toBe(image.descriptor.digest);
  for (const { descriptor, bytes } of [...image.manifests, image]) {
    expect((await registry.readManifest(name, descriptor.digest)).bytes).toEqual(bytes);
  }
  for (const { descriptor, bytes } of image.blobs) {
    expect((await registry.resolveBlob(name, descriptor.digest)).size).toBe(bytes.length);
    expect(await store.getBytes(blobKey(descriptor.digest))).toEqual(bytes);
  }
}

interface Options extends Partial<Omit<PruneRules, "grace" | "unused" | "until" | "untagged">> {
  /** Ages in milliseconds. */
  grace?: number;
  unused?: number;
  until?: number;
  untagged?: number;
  held?: string[];
}

const databases = new WeakMap<ObjectStore, Sql>();
let runs = 0;

/** A run over a store, with the database that its earlier runs had. */
function newRun(store: ObjectStore, world: Omit<PruneWorld, "store">, rules: PruneRules): Prune {
  const database = databases.get(store) ?? sqlite();
  databases.set(store, database);
  return new Prune({ ...world, store }, rules, database, String(runs++));
}

async function prune(store: ObjectStore, options: Options = {}): Promise<PruneFindings> {
  const { grace = DAY, unused = DAY, until, untagged, held = [], ...rest } = options;
  const now = Date.now();
  const world = {
    held: async () => ({ blobs: held, manifests: [], contexts: [] }),
    forgetBuild: async () => true,
  };
  const work = newRun(store, world, {
    dryRun: false,
    grace: now - grace,
    unused: now - unused,
    builds: now - 30 * DAY,
    ...(until !== undefined && { until: now - until }),
    ...(untagged !== undefined && { untagged: now - untagged }),
    ...rest,
  });
  for await (const _ of work.run());
  return work.findings;
}

/** Without epochs: a removal leaves one for a day. */
async function keysOf(store: ObjectStore, prefix = ""): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix)) keys.push(key);
  return keys.filter((key) => !key.startsWith("epochs/"));
}

describe("prune", () => {
  test("deletes blobs of a push that was interrupted before its repository was in the catalog", async () => {
    const store = memoryStore();
    await push(store, "whole", testImage(["a"]), "1");
    await prune(store);
    const { descriptor, bytes } = content("b", "application/vnd.oci.image.layer.v1.tar");
    await new StoreRegistry(store).pushBlob("cut", descriptor, async () => singleChunk(bytes));
    await store.delete("catalog/cut");
    pass(3 * DAY);
    await prune(store);
    expect(await keysOf(store, "repos/cut/")).toEqual([]);
    expect(await keysOf(store, blobKey(descriptor.digest))).toEqual([]);
    expect(await keysOf(store, "catalog/")).toEqual(["catalog/whole"]);
  });

  test("keeps objects that tags refer to, and deletes old unreferenced ones", async () => {
    const store = memoryStore();
    const kept = testImage(["a", "b"]);
    const gone = testImage(["b", "c"]);
    await push(store, "x/app", kept, "1");
    await push(store, "x/app", gone, "2");
    await new StoreRegistry(store).deleteManifest("x/app", gone.descriptor.digest);
    expect((await prune(store)).total.objects).toBe(0);
    pass(2 * DAY);
    const found = await prune(store);
    expect(found.removed).toMatchObject({ manifests: { objects: 1 }, blobs: { objects: 2 } });
    await pull(store, "x/app", "1", kept);
    expect(await keysOf(store, "blobs/")).toHaveLength(3);
    expect((await prune(store)).total.objects).toBe(0);
  });

  test("only reports in a dry run", async () => {
    const store = memoryStore();
    const gone = testImage(["a"]);
    await push(store, "x/app", gone, "1");
    await new StoreRegistry(store).deleteManifest("x/app", gone.descriptor.digest);
    pass(2 * DAY);
    const before = await keysOf(store);
    const planned = await prune(store, { dryRun: true });
    expect(await keysOf(store)).toEqual(before);
    expect(await prune(store)).toEqual(planned);
    expect(await keysOf(store)).toEqual([]);
  });

  test("deletes untagged manifests only by the rules, and never those that an index or a subject refers to", async () => {
    const store = memoryStore();
    const index = testIndex({
      "linux/amd64": testImage(["a"]),
      "linux/arm64": testImage(["b"], "linux/arm64"),
    });
    const signed = { ...testImage(["s"]), subject: index.descriptor };
    const lonely = testImage(["l"]);
    await push(store, "x/app", index, "multi");
    await push(store, "x/app", lonely);
    const about = content(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: "application/vnd.oci.image.manifest.v1+json",
        artifactType: "application/x",
        config: signed.blobs[0]?.descriptor,
        layers: [],
        subject: index.descriptor,
      }),
      "application/vnd.oci.image.manifest.v1+json",
    );
    await push(store, "x/app", { ...about, blobs: [signed.blobs[0] as never], manifests: [] });
    pass(3 * DAY);
    expect((await prune(store)).manifests).toEqual([]);
    const { manifests } = await prune(store, { untagged: 2 * DAY });
    expect(manifests).toEqual([`x/app@${lonely.descriptor.digest}`]);
    await pull(store, "x/app", "multi", index);
    await new StoreRegistry(store).resolveManifest("x/app", about.descriptor.digest);
    await new StoreRegistry(store).deleteTag("x/app", "multi");
    expect((await prune(store, { untagged: 2 * DAY })).manifests).toHaveLength(4);
    expect(await keysOf(store)).toEqual([]);
  });

  test("keeps blobs of a running push with any grace period", async () => {
    const store = memoryStore();
    const registry = new StoreRegistry(store);
    const image = testImage(["first", "second"]);
    const [config, first, second] = image.blobs as [TestContent, TestContent, TestContent];
    const pushed = async ({ descriptor, bytes }: TestContent) =>
      registry.pushBlob("x/app", descriptor, async () => singleChunk(bytes));
    const hasty = { grace: MINUTE, unused: 0, untagged: 0 };
    await pushed(config);
    await pushed(first);
    const upload = await registry.startUpload("x/app");
    pass(2 * HOUR);
    await prune(store, hasty);
    await upload.append({ source: singleChunk(second.bytes) });
    await upload.finish(second.descriptor.digest);
    await prune(store, hasty);
    const { bytes, descriptor } = image;
    await registry.pushManifest("x/app", { bytes, ...descriptor });
    // The manifest waits for its index while blobs of another platform arrive.
    pass(2 * HOUR);
    const other = testImage(["other"], "linux/arm64");
    for (const blob of other.blobs) await pushed(blob);
    await prune(store, hasty);
    await registry.pushManifest("x/app", { bytes: other.bytes, ...other.descriptor });
    const index = testIndex({ "linux/amd64": image, "linux/arm64": other });
    await registry.pushManifest("x/app", { bytes: index.bytes, ...index.descriptor }, ["1"]);
    await pull(store, "x/app", "1", index);
  });

  test.each([
    ["keeps old blobs that a client has found before it pushes their manifest", "push", 201],
    ["a client that may only pull keeps no old blobs", "pull", 404],
  ])("%s", async (_, right, expected) => {
    const store = memoryStore();
    const registry = new StoreRegistry(store);
    const image = testImage();
    const { digest, mediaType } = image.descriptor;
    await pushImage(registry, "x/app", image, "1");
    await registry.deleteManifest("x/app", digest);
    pass(2 * DAY);
    const view = new RestrictedRegistry(registry, (other) => other === "pull" || other === right);
    const ask = (path: string, init: RequestInit, target: Registry) =>
      handleRegistry(new Request(`http://registry.test/v2/x/app/${path}`, init), target);
    for (const { descriptor } of image.blobs)
      expect((await ask(`blobs/${descriptor.digest}`, { method: "HEAD" }, view)).status).toBe(200);
    await prune(store);
    const headers = { "content-type": mediaType };
    const body = new Uint8Array(image.bytes);
    expect((await ask("manifests/1", { method: "PUT", body, headers }, registry)).status).toBe(expected);
  });

  test("keeps objects of an archive upload", async () => {
    const store = memoryStore();
    const blob = content("a layer of an archive", "");
    await withOpenUpload(store, async () => {
      await storeBlob(store, blob.descriptor.digest, singleChunk(blob.bytes), blob.bytes.length);
      pass(2 * HOUR);
      await prune(store, { grace: MINUTE, unused: 0 });
      expect(await keysOf(store, "blobs/")).toHaveLength(1);
    });
    await prune(store, { grace: MINUTE, unused: 0 });
    expect(await keysOf(store, "blobs/")).toEqual([]);
  });

  test("keeps the newest tags, and recent ones", async () => {
    const store = memoryStore();
    for (const tag of ["1", "2", "3", "4"]) {
      await push(store, "x/app", testImage([tag]), tag);
      pass(2 * DAY);
    }
    const tagsLeft = () => allOf(new StoreRegistry(store).tags("x/app"));
    expect((await prune(store, { keep: 3 })).tags).toEqual(["x/app:1"]);
    expect((await prune(store, { keep: 1, until: 5 * DAY })).tags).toEqual(["x/app:2"]);
    expect((await prune(store, { until: 7 * DAY, repositories: new Set(["other"]) })).tags).toEqual([]);
    expect((await prune(store, { keep: 0, grace: 3 * DAY })).tags).toEqual(["x/app:3"]);
    expect(await tagsLeft()).toEqual(["4"]);
  });

  test("keeps build cache layers in use and objects that running builds pin", async () => {
    const store = memoryStore();
    const used = content("used", "");
    const held = content("held", "");
    const old = content("old", "");
    for (const { descriptor, bytes } of [used, held, old]) {
      await storeBlob(store, descriptor.digest, singleChunk(bytes), bytes.length);
      await store.put(`tocs/${descriptor.digest.slice(7)}`, new Uint8Array(3), 3);
    }
    pass(8 * DAY);
    await store.put(`tocs/${used.descriptor.digest.slice(7)}`, new Uint8Array(3), 3);
    const { removed } = await prune(store, { unused: 7 * DAY, held: [held.descriptor.digest] });
    expect(removed).toEqual({ blobs: { objects: 1, bytes: 3 }, tocs: { objects: 1, bytes: 3 } });
    expect(await keysOf(store, "blobs/")).toHaveLength(2);
  });

  test("deletes abandoned uploads and spools", async () => {
    const store = memoryStore();
    await store.put("uploads/a/session", new Uint8Array(), 0);
    await store.put("uploads/b/session", new Uint8Array(), 0);
    await store.put("spool/x", new Uint8Array(5), 5);
    pass(2 * DAY);
    // Another process is still working on it.
    await store.put("uploads/b/00001", new Uint8Array(7), 7);
    await prune(store);
    expect(await keysOf(store)).toEqual(["uploads/b/00001", "uploads/b/session"]);
  });

  test("a push waits while contents have tombstones, and then finds them kept or deleted", async () => {
    const store = memoryStore();
    const image = testImage(["a", "b"]);
    await push(store, "x/app", image, "1");
    await new StoreRegistry(store).deleteManifest("x/app", image.descriptor.digest);
    pass(2 * DAY);
    vi.useRealTimers();
    const late = Date.now() + 1_000_000_000_000;
    let pushed: Promise<void> | undefined;
    // The push begins at the worst moment: after the markers were read and before the contents are deleted.
    const racing: ObjectStore = {
      ...store,
      async delete(...keys) {
        if (keys.some((key) => key.startsWith("blobs/"))) {
          pushed ??= push(store, "y/other", image, "1").catch(() => push(store, "y/other", image, "1"));
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
        await store.delete(...keys);
      },
    };
    const world = {
      held: async () => ({ blobs: [], manifests: [], contexts: [] }),
      forgetBuild: async () => true,
    };
    const rules = { dryRun: false, grace: late, unused: late, builds: 0 };
    for await (const _ of newRun(racing, world, rules).run());
    await pushed;
    await pull(store, "y/other", "1", image);
  });
});

test("usage counts stored objects in total and per repository", async () => {
  const store = memoryStore();
  const image = testImage(["a", "b"]);
  await push(store, "x/app", image, "1");
  await push(store, "y/app", image, "1");
  const { kinds, repositories, total } = await measureUsage(store);
  expect(kinds.blobs).toMatchObject({ objects: 3 });
  expect(kinds.manifests).toEqual({ objects: 1, bytes: image.bytes.length });
  expect(repositories.map(({ name, tags, manifests, blobs }) => [name, tags, manifests, blobs])).toEqual([
    ["x/app", 1, 1, 3],
    ["y/app", 1, 1, 3],
  ]);
  expect(repositories[0]?.bytes).toBe((kinds.blobs?.bytes ?? 0) + image.bytes.length);
  expect(total.objects).toBe((await keysOf(store)).length);
});

describe("for any pushes, tags and deletions", () => {
  const layers = fc.array(fc.constantFrom("a", "b", "c", "d", "e"), { minLength: 1, maxLength: 3 });
  const repository = fc.constantFrom("x", "x/y", "z");
  const tag = fc.constantFrom("1", "2", "latest");
  const deed = fc.oneof(
    fc.record({
      deed: fc.constant("push" as const),
      repository,
      tag: fc.option(tag),
      layers,
      isIndex: fc.boolean(),
    }),
    fc.record({ deed: fc.constant("untag" as const), repository, tag }),
    fc.record({ deed: fc.constant("delete" as const), repository, tag }),
    fc.record({ deed: fc.constant("stray" as const), text: fc.constantFrom("a", "stray", "other") }),
    fc.record({ deed: fc.constant("wait" as const), hours: fc.integer({ min: 1, max: 40 }) }),
    fc.record({ deed: fc.constant("prune" as const), untagged: fc.boolean() }),
  );

  test("tagged images are pulled unchanged, and unreferenced objects are deleted", {
    timeout: 240_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(deed, { maxLength: 25 }), async (deeds) => {
        const store = memoryStore();
        const tagged = new Map<string, { name: string; tag: string; image: TestImage }>();
        for (const one of deeds) {
          if (one.deed === "push") {
            const plain = testImage(one.layers);
            const image = one.isIndex ? testIndex({ "linux/amd64": plain }) : plain;
            await push(store, one.repository, image, ...(one.tag === null ? [] : [one.tag]));
            if (one.tag !== null) {
              const { repository: name, tag: set } = one;
              tagged.set(`${name}:${set}`, { name, tag: set, image });
            }
          } else if (one.deed === "untag" || one.deed === "delete") {
            const known = tagged.get(`${one.repository}:${one.tag}`);
            if (known === undefined) continue;
            const from = new StoreRegistry(store);
            const { digest } = known.image.descriptor;
            if (one.deed === "untag") await from.deleteTag(known.name, known.tag);
            else {
              const isDeleted = await deleteUnlessNeeded(from, known.name, digest);
              if (!isDeleted) continue;
            }
            for (const [key, other] of tagged) {
              const isSame = other.name === known.name && other.image.descriptor.digest === digest;
              // All tags of a manifest are deleted with it.
              if (key === `${known.name}:${known.tag}` || (one.deed === "delete" && isSame))
                tagged.delete(key);
            }
          } else if (one.deed === "stray") {
            const { descriptor, bytes } = content(one.text, "");
            await storeBlob(store, descriptor.digest, singleChunk(bytes), bytes.length);
          } else if (one.deed === "wait") pass(one.hours * HOUR);
          else await prune(store, one.untagged ? { untagged: 0 } : {});
          for (const { name, tag: set, image } of tagged.values()) await pull(store, name, set, image);
        }
        pass(10 * DAY);
        await prune(store, { untagged: 0 });
        for (const { name, tag: set, image } of tagged.values()) await pull(store, name, set, image);
        const wanted = new Set<string>();
        for (const { image } of tagged.values()) {
          for (const { descriptor } of image.blobs) wanted.add(blobKey(descriptor.digest));
        }
        expect(new Set(await keysOf(store, "blobs/"))).toEqual(wanted);
        expect(await keysOf(store, "condemned/")).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});

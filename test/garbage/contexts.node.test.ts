import fc from "fast-check";
import { expect, test } from "vitest";
import type { Context } from "../../src/context/context.ts";
import { ContextBuilder } from "../../src/context/context-builder.ts";
import { packKey } from "../../src/context/pack.ts";
import { ContextScope } from "../../src/context/scope.ts";
import { readContextPacks } from "../../src/context/store.ts";
import { VerifiedPack } from "../../src/context/verify-pack.ts";
import { Prune } from "../../src/garbage/prune.ts";
import { contentOfMarker } from "../../src/store/back-references.ts";
import { memoryStore } from "../../src/store/memory-store.ts";
import type { ObjectStore } from "../../src/store/object-store.ts";
import { singleChunk } from "../../src/streams/single-chunk.ts";
import { allOf } from "../helpers/all-of.ts";
import { sqlite } from "../helpers/sqlite.ts";
import { nodeOf } from "../helpers/tree.ts";
import { DAY, HOUR, pass, useClock } from "./clock.ts";
import { Killed, Turns, whileTimePasses } from "./turns.ts";

useClock();

/** A context of a client, with its packs. */
interface Local {
  context: Context;
  texts: readonly string[];
  packs: readonly { digest: string; bytes: Uint8Array }[];
}

/** Stores files as an uploaded archive is stored. */
async function ingest(store: ObjectStore, texts: readonly string[]): Promise<Context> {
  const contexts = new ContextBuilder(store);
  for (const text of texts) {
    const packed = await contexts.store(new TextEncoder().encode(text));
    contexts.add(nodeOf(`${text}.txt`, text), packed);
  }
  return contexts.finish();
}

async function localOf(texts: readonly string[]): Promise<Local> {
  const store = memoryStore();
  const context = await ingest(store, texts);
  const packs = await Promise.all(
    context.packs.map(async (pack) => {
      const digest = pack?.digest ?? "";
      return { digest, bytes: (await store.getBytes(packKey(digest))) ?? new Uint8Array() };
    }),
  );
  return { context, texts, packs };
}

const pool = await Promise.all([["a"], ["b"], ["a", "b"]].map(localOf));

/** Sends a context like `varve build`, without files that the scope has. @returns whether the server has acknowledged it */
async function send(store: ObjectStore, name: string, { context, packs }: Local): Promise<boolean> {
  const scope = new ContextScope(store, name);
  if ((await scope.openContext(context.digest)) !== undefined) return true;
  for (const { digest, bytes } of packs) {
    if (await scope.hasPack(digest)) continue;
    await scope.putPack(digest, new VerifiedPack(singleChunk(bytes), digest, bytes.length), bytes.length);
  }
  for (const { digest } of packs) if ((await scope.openPack(digest)) === undefined) return false;
  await scope.saveContext(context);
  return true;
}

type Deed = { deed: "send" | "upload" | "ask"; name: string; local: number };

const deed: fc.Arbitrary<Deed> = fc.record({
  deed: fc.constantFrom("send" as const, "send" as const, "upload" as const, "ask" as const),
  name: fc.constantFrom("x", "y"),
  local: fc.nat({ max: pool.length - 1 }),
});

/** @returns whether the server has acknowledged the context */
async function execute(store: ObjectStore, { deed, name, local }: Deed): Promise<boolean> {
  const asked = pool[local] as Local;
  switch (deed) {
    case "send":
      return send(store, name, asked);
    case "upload":
      await new ContextScope(store, name).saveContext(await ingest(store, asked.texts));
      return true;
    case "ask":
      return (await new ContextScope(store, name).openContext(asked.context.digest)) !== undefined;
  }
}

async function collect(store: ObjectStore, database: ReturnType<typeof sqlite>, id: string): Promise<void> {
  const at = Date.now() - HOUR;
  const world = {
    store,
    held: async () => ({ blobs: [], manifests: [], contexts: [] }),
    forgetBuild: async () => true,
  };
  const rules = { dryRun: false, grace: at, unused: at, builds: at };
  for await (const _ of new Prune(world, rules, database, id).run());
}

/** Verifies that everything that a scope has markers for can be read. */
async function requireKept(store: ObjectStore): Promise<void> {
  for await (const { key } of store.list("scopes/")) {
    const content = contentOfMarker(key);
    if (content === undefined) continue;
    expect(await store.head(content), key).toBeDefined();
    if (!content.startsWith("contexts/")) continue;
    for (const pack of await readContextPacks(store, content))
      expect(await store.head(`packs/${pack}`), `${key} needs ${pack}`).toBeDefined();
  }
}

/** @param lives operations after which the collector, and the first writer, are killed and another instance continues */
async function race(
  before: readonly Deed[],
  writers: readonly (readonly Deed[])[],
  choices: Iterator<number>,
  lives: { collector?: number; writer?: number } = {},
): Promise<void> {
  const store = memoryStore();
  const database = sqlite();
  for (const one of before) await whileTimePasses(execute(store, one));
  pass(10 * DAY);
  // Some are old, and others were used a moment ago.
  for (const one of before.slice(0, 1)) await whileTimePasses(execute(store, one));
  const turns = new Turns(choices);
  const collector = async () => {
    let own = turns.storeFor("collector", store, lives.collector);
    for (;;) {
      try {
        return await collect(own, database, "first");
      } catch (error) {
        if (!(error instanceof Killed)) throw error;
        own = turns.storeFor("collector", store);
      }
    }
  };
  const acknowledged: Deed[] = [];
  const writes = writers.map(async (deeds, writer) => {
    const own = turns.storeFor(`writer ${writer}`, store, writer === 0 ? lives.writer : undefined);
    for (const one of deeds) {
      try {
        if (await execute(own, one)) acknowledged.push(one);
      } catch (error) {
        if (!(error instanceof Killed)) throw error;
        return;
      }
    }
  });
  await turns.runAll([collector(), ...writes]);
  if (lives.writer === undefined) await requireKept(store);
  for (const { name, local } of acknowledged) {
    const { digest } = (pool[local] as Local).context;
    expect(await whileTimePasses(new ContextScope(store, name).openContext(digest))).toBeDefined();
  }
  // A client sends again what an interrupted request has left.
  for (const name of ["x", "y"]) {
    for (const local of pool) expect(await whileTimePasses(send(store, name, local))).toBe(true);
  }
  await requireKept(store);
  pass(10 * DAY);
  await whileTimePasses(collect(store, database, "second"));
  const keys = (await allOf(store.list(""))).map(({ key }) => key);
  expect(keys.filter((key) => /^(contexts|packs|scopes|refs|condemned)\//.test(key))).toEqual([]);
}

const deeds = fc.array(deed, { minLength: 1, maxLength: 3 });
const before = fc.array(deed, { minLength: 1, maxLength: 4 });
const choices = fc.infiniteStream(fc.nat({ max: 1000 }));
const numRuns = Number(process.env.VARVE_RACES ?? 150);
const TIMEOUT_MS = 600_000;

test("contexts that were acknowledged survive the collector in any order, and the rest is freed", {
  timeout: TIMEOUT_MS,
}, async () => {
  await fc.assert(
    fc.asyncProperty(before, deeds, deeds, choices, (old, one, two, order) => race(old, [one, two], order)),
    { numRuns },
  );
});

test("the same when the collector is interrupted at any operation and continued", {
  timeout: TIMEOUT_MS,
}, async () => {
  await fc.assert(
    fc.asyncProperty(before, deeds, choices, fc.nat({ max: 120 }), (old, one, order, collector) =>
      race(old, [one], order, { collector }),
    ),
    { numRuns },
  );
});

test("the same when a writer is interrupted at any operation", { timeout: TIMEOUT_MS }, async () => {
  await fc.assert(
    fc.asyncProperty(before, deeds, deeds, choices, fc.nat({ max: 40 }), (old, one, two, order, writer) =>
      race(old, [one, two], order, { writer }),
    ),
    { numRuns },
  );
});

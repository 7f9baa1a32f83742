import fc from "fast-check";
import { expect, test } from "vitest";
import { zstdFrame } from "../../src/compression/members.ts";
import { AvailableFiles } from "../../src/context/available-files.ts";
import type { Context } from "../../src/context/context.ts";
import { ContextDraft, type FinishedDraft } from "../../src/context/context-draft.ts";
import { ContextPatch } from "../../src/context/context-patch.ts";
import { contextView } from "../../src/context/context-view.ts";
import { listingDigest } from "../../src/context/listing.ts";
import { ListingError } from "../../src/context/listing-error.ts";
import { ListingMerge } from "../../src/context/listing-merge.ts";
import { encodePack, packKey } from "../../src/context/pack.ts";
import { readPackHeader } from "../../src/context/pack-header.ts";
import { encodeItem, type ListingItem } from "../../src/context/posted-listing.ts";
import { readListing } from "../../src/context/read-listing.ts";
import { openContext, saveContext } from "../../src/context/store.ts";
import { PackUsage } from "../../src/context/usage.ts";
import { memoryStore } from "../../src/store/memory-store.ts";
import { concat } from "../../src/streams/concat.ts";
import { sha256 } from "../../src/streams/sha256.ts";
import { atOnce } from "../../src/streams/turns.ts";
import { comparePaths } from "../../src/tar/text.ts";
import { dir, hardLink, link, nodeOf, type TreeEntry, tree } from "../helpers/tree.ts";

const store = memoryStore();

/** The known files after a pack with these contents was received. */
async function known(base: Context | undefined, ...texts: string[]): Promise<AvailableFiles> {
  const data = new TextEncoder().encode(texts.join(""));
  const files = texts.map((text) => [sha256(text).slice(7), text.length] as const);
  const frame = zstdFrame(data, 1);
  const bytes = concat(encodePack([frame], [[frame.length, data.length]], { files }).parts);
  const digest = sha256(bytes);
  await store.put(packKey(digest), bytes, bytes.length);
  const available = new AvailableFiles(base);
  available.addPack(digest, readPackHeader(bytes, digest));
  return available;
}

async function drafted(files: AvailableFiles, base: Context | undefined, items: readonly ListingItem[]) {
  const draft = new ContextDraft(files);
  const merge = new ListingMerge(base?.tree.placed() ?? [], (node, place) => draft.add(node, place));
  for (const item of items) atOnce(merge.add(item));
  atOnce(merge.end());
  return draft.finish(store);
}

async function patched(
  files: AvailableFiles,
  base: Context,
  items: readonly ListingItem[],
): Promise<FinishedDraft> {
  const patch = new ContextPatch(base, files);
  for (const item of items) atOnce(patch.add(item));
  return patch.finish(store);
}

async function attempt(work: () => Promise<FinishedDraft>): Promise<FinishedDraft | string> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ListingError) return error.message;
    throw error;
  }
}

const nodes = (entries: Record<string, TreeEntry>) => [...tree(entries).walk("")];

/** Results of all queries of a context. */
async function describeDraft({ digest, tree: table, packs, usage, missing }: FinishedDraft) {
  const all = ["", ...[...table.walk("")].map(({ path }) => path)];
  return {
    digest,
    missing,
    packs,
    usage,
    placed: [...table.placed()],
    below: all.map((path) => [...table.walk(path)].length),
    children: all.map((path) => [...table.children(path)].map((node) => node.path)),
    found: all.map((path) => table.lookup(path)?.type),
    fingerprints: all.map((path) => table.fingerprint(path)),
    view: [...(await contextView(table, { ignore: ["b", "!b/a"] })).walk("")].map(({ path }) => path),
    nothing: ["nothing", "a/nothing", "b./a", ""].map((path) => table.lookup(path)?.path),
  };
}

const texts = ["1", "22", "333"];
const aPath = fc
  .array(fc.constantFrom("a", "b", "b.", 'c"', ".wh.a", "\udc80"), { minLength: 1, maxLength: 4 })
  .map((names) => names.join("/"));
const anEntry = fc.oneof(
  fc.constantFrom(...texts, "", "lacking").map((text): TreeEntry => text),
  fc.constantFrom(0o700, 0o755).map((mode) => dir({ mode })),
  fc.constant(link("1")),
);
/** Items in path order, most of which are valid. */
const someItems = fc.dictionary(aPath, fc.option(anEntry, { freq: 4 }), { maxKeys: 8 }).map((items) =>
  Object.entries(items)
    .map(([path, entry]): ListingItem => (entry === null ? { path, removed: true } : nodeOf(path, entry)))
    .sort((a, b) => comparePaths(a.path, b.path)),
);

test("a patch gives the same result as a whole listing and rejects the same input, also on top of another patch", async () => {
  let made = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(aPath, fc.constantFrom(...texts), { maxKeys: 12 }),
      fc.array(someItems, { minLength: 1, maxLength: 5 }),
      async (entries, rounds) => {
        const isBelowFile = (path: string) =>
          Object.keys(entries).some((file) => path.startsWith(`${file}/`));
        const base = Object.fromEntries(Object.entries(entries).filter(([path]) => !isBelowFile(path)));
        let context: Context = await drafted(await known(undefined, ...texts), undefined, nodes(base));
        await contextView(context.tree, { ignore: ["b", "!b/a"] });
        for (const items of rounds) {
          const files = await known(context, ...texts);
          const one = await attempt(() => patched(files, context, items));
          const other = await attempt(() => drafted(files, context, items));
          if (typeof one === "string" || typeof other === "string") {
            expect(one).toBe(other);
            continue;
          }
          expect(await describeDraft(one)).toEqual(await describeDraft(other));
          if (other.tree.hasWhiteouts) expect(one.tree.hasWhiteouts).toBe(true);
          expect(one.digest).toBe(listingDigest(one.tree));
          if (one.missing.length > 0) continue;
          expect(one.usage).toEqual(atOnce(PackUsage.of(one.tree)));
          await saveContext(store, one);
          const opened = (await openContext(new Proxy(store, {}), one.digest)) as Context;
          expect(await describeDraft({ ...opened, missing: [] })).toEqual(await describeDraft(one));
          context = one;
          made++;
        }
      },
    ),
    { numRuns: 300 },
  );
  expect(made).toBeGreaterThan(100);
});

test("a directory kept for its contents is dropped with them", async () => {
  const base = await drafted(await known(undefined, ...texts), undefined, nodes({ "b/a": "1", c: "1" }));
  const pathsOf = async (context: Context) => {
    return [...(await contextView(context.tree, { ignore: ["b", "!b/a"] })).walk("")].map(({ path }) => path);
  };
  expect(await pathsOf(base)).toEqual(["b", "b/a", "c"]);
  const less = await patched(new AvailableFiles(base), base, [{ path: "b/a", removed: true }]);
  expect(await pathsOf(less)).toEqual(["c"]);
});

test("a thousand consecutive patches have the described results, and memory is bounded by the entries", async () => {
  const first = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`d${i % 10}/f${i}`, "1"]));
  let context: Context = await drafted(await known(undefined, ...texts), undefined, nodes(first));
  const expected: Record<string, TreeEntry> = { ...first };
  for (let i = 0; i < 1000; i++) {
    const path = `d${i % 10}/f${i % 400}`;
    const text = texts[i % 3] as string;
    context = await patched(await known(context, ...texts), context, [nodeOf(path, text)]);
    expected[path] = text;
    await saveContext(store, context);
  }
  expect(context.digest).toBe(listingDigest(tree(expected)));
  expect(context.packs.filter((pack) => pack !== undefined)).toHaveLength(
    context.usage.stretches.filter((count) => count > 0).length,
  );
  const size = (await store.head(`contexts/${context.digest.slice(7)}`))?.size ?? 0;
  await saveContext(store, await drafted(new AvailableFiles(context), context, []), "whole");
  const whole = (await store.head("whole"))?.size ?? 0;
  expect(size / whole).toBeLessThan(1.2);
});

test("a listing is sent as a patch where possible, and whole where links or missing entries require it", async () => {
  const listing = (
    base: Context | undefined,
    isComplete: boolean,
    files: AvailableFiles,
    ...items: ListingItem[]
  ) => readListing(store, files, base && { context: base, isComplete }, lines(items));
  const first = await listing(
    undefined,
    false,
    await known(undefined, ...texts),
    ...nodes({ a: "1", b: "22" }),
  );
  expect(first.tree.origin).toBeUndefined();
  const second = await listing(first, true, await known(first, "4"), nodeOf("b", "4"));
  expect(second.tree.origin?.entries).toBe(first.tree.entries);
  const linked = await listing(second, true, new AvailableFiles(second), nodeOf("c", hardLink("a")));
  expect(linked.tree.origin).toBeUndefined();
  expect(linked.digest).toBe(listingDigest(tree({ a: "1", b: "4", c: hardLink("a") })));
  const unlinked = await listing(linked, true, new AvailableFiles(linked), nodeOf("d", "22"));
  expect(unlinked.missing).toEqual([sha256("22")]);
  const found = await listing(unlinked, false, await known(unlinked, "22"));
  expect(found.missing).toEqual([]);
  expect(found.digest).toBe(unlinked.digest);
});

async function* lines(items: readonly ListingItem[]): AsyncGenerator<string[]> {
  for (const item of items) yield [encodeItem(item)];
}

test("a listing of too many entries or bytes is rejected", async () => {
  const base = await drafted(await known(undefined, ...texts), undefined, nodes({ a: "1", b: "22" }));
  const files = await known(base, ...texts);
  const limited = (limits: object, item: ListingItem) =>
    atOnce(new ContextPatch(base, files, limits).add(item));
  expect(() => limited({ maxEntries: 2 }, nodeOf("c", "1"))).toThrow("more than 2 entries");
  limited({ maxEntries: 2 }, nodeOf("b", "1"));
  expect(() => limited({ maxBytes: 5 }, nodeOf("c", "333"))).toThrow("more than 5 bytes");
  limited({ maxBytes: 6 }, nodeOf("c", "333"));
});

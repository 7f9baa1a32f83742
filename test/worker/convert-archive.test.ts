/// <reference types="@cloudflare/vitest-plugin/types" />
import { evictDurableObject } from "cloudflare:test";
import { describe, expect, test } from "vitest";
import { gzipMember, zstdFrame } from "../../src/compression/members.ts";
import type { ArchiveChoice } from "../../src/context/archive-selector.ts";
import { ContextScope } from "../../src/context/scope.ts";
import { rememberContext } from "../../src/engine/context-scope.ts";
import type { ChunkPlace } from "../../src/layers/spool.ts";
import { memoryCache } from "../../src/store/memory-cache.ts";
import { memoryStore } from "../../src/store/memory-store.ts";
import type { ObjectStore } from "../../src/store/object-store.ts";
import { concat } from "../../src/streams/concat.ts";
import {
  ArchiveConverter,
  asArchiveError,
  type ContextConverter,
  convertArchive,
  convertInPortions,
  type ReceivedArchive,
  wholeKey,
} from "../../src/worker/builds/convert-archive.ts";
import { contentsOf, keysOf } from "../layers/entries.ts";
import { cutBy, noise, source } from "../streams/source.ts";
import { archive, member } from "../tar/archive.ts";
import { env } from "./server.ts";

/** Bytes of a portion. */
const PORTION = 50_000;
const MIB = 1024 * 1024;
const scope = "converted/app";
const task = { scope, dockerfile: "Dockerfile", isDockerfileSent: false };
const everything: ArchiveChoice = { ignore: [], paths: undefined };

const dockerfile = "FROM scratch\nCOPY src /\n";
const tar = archive(
  member({ path: "before" }, noise(70_000, 2)),
  member({ path: "Dockerfile" }, dockerfile),
  member({ path: "src", type: "dir", mode: 0o750, uid: 7, gid: 8, mtime: 5 }),
  ...Array.from({ length: 200 }, (_, i) => member({ path: `src/small-${i}` }, `small ${i % 50}`)),
  member({ path: "src/large", xattrs: { "user.a": "eA==" } }, noise(9 * MIB)),
  member({ path: "src/same" }, noise(70_000, 2)),
  member({ path: "src/link", type: "symlink", linkname: "large" }),
  member({ path: "src/hard", type: "hardlink", linkname: "src/large" }),
  member({ path: `${"long/".repeat(40)}name` }, "deep"),
  member({ path: "unread" }, noise(40 * MIB, 3)),
);

function newWorld() {
  return { store: memoryStore(), cache: memoryCache() };
}

/** A converting object that loses its state before one call. */
function converterOf(world: ReturnType<typeof newWorld>, forgets = Number.POSITIVE_INFINITY) {
  let converter = new ArchiveConverter(world, PORTION);
  const calls: number[] = [];
  let stops = 0;
  const object: ContextConverter = {
    convert(number, ...args) {
      if (calls.length === forgets) converter = new ArchiveConverter(world, PORTION);
      calls.push(number);
      return converter.advance(number, ...args);
    },
    stopConvert() {
      stops += 1;
      return converter.stop();
    },
  };
  return { object, calls, stops: () => stops };
}

async function stored(store: ObjectStore, bytes: Uint8Array): Promise<ChunkPlace[]> {
  const half = Math.ceil(bytes.length / 2);
  const parts = [...cutBy(bytes, [half])];
  await Promise.all(parts.map((part, i) => store.put(`uploads/${i}`, part, part.length)));
  return parts.map(({ length }, i) => ({ key: `uploads/${i}`, offset: 0, length }));
}

const selecting = (texts: ReadonlyMap<string, Uint8Array>): Promise<ArchiveChoice> =>
  Promise.resolve(texts.has("Dockerfile") ? { ignore: ["src/small-7"], paths: ["src"] } : everything);

async function entriesOf({ context, dockerfile }: ReceivedArchive) {
  const entries = [...context.tree.walk("")].map(({ contents: _, ...node }) => node);
  const packs = context.usage && context.packs.map((pack) => pack?.digest);
  const large = context.tree.lookup("src/large")?.digest && (await contentsOf(context.tree, "src/large"));
  return { entries, packs, digest: context.digest, dockerfile, large };
}

describe("a stored archive that is converted in portions", () => {
  test.each([
    ["as a tar", tar, Number.POSITIVE_INFINITY],
    ["in gzip", gzipMember(tar, 1), Number.POSITIVE_INFINITY],
    ["in zstd, whose state is lost", zstdFrame(tar, 1), 9],
  ])("%s gives the context that one invocation gives", { timeout: 120_000 }, async (_, bytes, forgets) => {
    const whole = await convertArchive(source(bytes), task, newWorld(), {
      choose: selecting,
      limit: (all) => all,
    });
    const world = newWorld();
    const places = await stored(world.store, bytes);
    const { object, calls } = converterOf(world, forgets);
    const asked: string[][] = [];
    const converted = await convertInPortions(object, { ...task, places }, world.store, (texts) => {
      asked.push([...texts.keys()]);
      return selecting(texts);
    });
    expect(await entriesOf(converted)).toEqual(await entriesOf(whole));
    expect(converted.dockerfile).toBe(dockerfile);
    expect(converted.context.tree.lookup("unread")?.digest).toBeUndefined();
    expect(asked).toEqual(forgets < calls.length ? [["Dockerfile"], ["Dockerfile"]] : [["Dockerfile"]]);
    // Chunks are larger than portions.
    expect(calls.length).toBeGreaterThan(10);
    expect((await keysOf(world.store)).filter((key) => key.startsWith("spool/"))).toEqual([]);
  });

  test("uses the files of the last context, and is stored completely when the image requires it", async () => {
    const world = newWorld();
    const { context } = await convertArchive(source(tar), task, world, {
      choose: selecting,
      limit: (all) => all,
    });
    await new ContextScope(world.store, scope).saveContext(context);
    await rememberContext(world, scope, context.digest);
    await world.cache.put(new Map([[wholeKey(scope), true]]));
    const before = new Set((await keysOf(world.store)).filter((key) => key.startsWith("packs/")));
    const places = await stored(world.store, tar);
    const converted = await convertInPortions(
      converterOf(world).object,
      { ...task, places },
      world.store,
      () => expect.fail("no files are chosen"),
    );
    const packs = converted.context.packs.map((pack) => `packs/${pack?.digest.slice("sha256:".length)}`);
    expect(packs.filter((key) => before.has(key)).length).toBeGreaterThan(2);
    expect(converted.context.tree.lookup("unread")?.digest).toBeDefined();
  });

  test.each([
    ["truncated", tar.subarray(0, 5 * MIB)],
    ["damaged", concat([gzipMember(tar, 1).subarray(0, 3 * MIB), noise(MIB)])],
    [
      "of names outside",
      concat([tar.subarray(0, tar.length - 1024), archive(member({ path: "../../x" }, "x"))]),
    ],
    [
      "of a file below a file",
      concat([
        tar.subarray(0, tar.length - 1024),
        archive(member({ path: "a" }, "x"), member({ path: "a/b" }, "x")),
      ]),
    ],
  ])("is rejected as by one invocation when it is %s", async (_, bytes) => {
    const choose = async () => everything;
    const here = convertArchive(source(bytes), task, newWorld(), { choose, limit: (all) => all });
    const expected = await here.then(() => expect.fail("it is valid"), asArchiveError);
    expect(expected).toMatchObject({ code: "context-invalid" });
    const { message, hint } = expected as { message: string; hint: string };
    const world = newWorld();
    const places = await stored(world.store, bytes);
    const converting = convertInPortions(converterOf(world).object, { ...task, places }, world.store, choose);
    await expect(converting).rejects.toMatchObject({
      name: "BuildError",
      code: "context-invalid",
      message,
      hint,
    });
    expect((await keysOf(world.store)).filter((key) => key.startsWith("spool/"))).toEqual([]);
  });

  test("is stopped when the choice of files fails", async () => {
    const world = newWorld();
    const places = await stored(world.store, tar);
    const { object, stops } = converterOf(world);
    const converting = convertInPortions(object, { ...task, places }, world.store, () =>
      Promise.reject(new Error("no choice")),
    );
    await expect(converting).rejects.toThrow("no choice");
    expect(stops()).toBe(1);
  });

  test("fails when the upload was deleted meanwhile", async () => {
    const world = newWorld();
    const places = await stored(world.store, tar);
    await world.store.delete("uploads/1");
    const converting = convertInPortions(
      converterOf(world).object,
      { ...task, places },
      world.store,
      selecting,
    );
    await expect(converting).rejects.toThrow("it was deleted");
  });
});

test("an object converts an archive in portions, and starts again when its state is lost", async () => {
  // Three portions that are small when compressed.
  const size = 144 * MIB;
  const zeros = gzipMember(new Uint8Array(16 * MIB), 1);
  const begin = concat([
    member({ path: "Dockerfile" }, dockerfile),
    member({ path: "zeros", size }, "").subarray(0, 512),
  ]);
  const bytes = concat([
    gzipMember(begin, 1),
    ...Array.from({ length: 9 }, () => zeros),
    gzipMember(new Uint8Array(1024), 1),
  ]);
  const key = `uploads/${crypto.randomUUID()}`;
  await env.BUCKET.put(key, bytes);
  const stored = { ...task, places: [{ key, offset: 0, length: bytes.length }] };
  const object = () => env.LAYER_SEGMENTS.getByName("convert");
  const portion = async (number: number, choice?: ArchiveChoice) => object().convert(number, stored, choice);
  expect(await portion(0)).toEqual({
    state: "more",
    texts: new Map([["Dockerfile", new TextEncoder().encode(dockerfile)]]),
  });
  expect(await portion(1, everything)).toEqual({ state: "more" });
  await evictDurableObject(object());
  expect(await portion(2)).toEqual({ state: "lost" });
  expect(await portion(0)).toMatchObject({ state: "more", texts: expect.any(Map) });
  expect(await portion(1, everything)).toEqual({ state: "more" });
  expect(await portion(2)).toEqual({ state: "more" });
  expect(await portion(3)).toMatchObject({
    state: "done",
    result: { key: expect.stringMatching(/^spool\//), dockerfile },
  });
});

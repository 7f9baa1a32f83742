import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { contextOf } from "../helpers/context-archive.ts";
import { type Lab, startLab } from "./lab.ts";
import { ok, upload } from "./push-image.ts";

const MIB = 2 ** 20;
const options = "timestamps=fixed&nocache=1";

let lab: Lab;
/** More than one invocation converts with a slow decoder. */
let tar: Uint8Array<ArrayBuffer>;
let compressed: Buffer<ArrayBuffer>;
/** Digest of the layer of the uncompressed archive, which one invocation converts. */
let digest: string;
beforeAll(async () => {
  lab = await startLab({ r2Faults: 0.01 });
  const Dockerfile = "FROM scratch\nCOPY random zeros /\n";
  tar = contextOf({ Dockerfile, random: randomBytes(2 * MIB), zeros: Buffer.alloc(70 * MIB) });
  compressed = Buffer.from(execFileSync("xz", ["-0"], { input: tar, maxBuffer: 8 * MIB }));
  digest = await layerOf(lab, "archives/plain", { body: tar });
}, 400_000);
afterAll(() => lab[Symbol.asyncDispose]());

async function layerOf({ fetch }: Lab, tag: string, init: RequestInit, more = ""): Promise<string> {
  const answer = await ok(fetch(`/v1/builds?t=${tag}&${options}${more}`, { method: "POST", ...init }));
  const { layers } = (await answer.json()) as { layers: [{ digest: string }] };
  return layers[0].digest;
}

const portions = async () => (await lab.observed()).objectCalls.LayerSegments ?? 0;

async function spooled(): Promise<string[]> {
  const { objects } = await (await lab.bucket()).list({ prefix: "spool/" });
  return objects.map(({ key }) => key);
}

test("a compressed archive that expands too much is stored, and other invocations convert it", {
  timeout: 400_000,
}, async () => {
  const before = await portions();
  expect(await layerOf(lab, "archives/sent", { body: compressed })).toBe(digest);
  // Two portions, and one until the Dockerfile was read.
  expect((await portions()) - before).toBeGreaterThanOrEqual(3);
  expect(await spooled()).toEqual([]);
});

test("a client that disconnects in the middle can repeat its request with the same upload", {
  timeout: 400_000,
}, async () => {
  const path = await upload(lab, "archives/stored", compressed);
  const before = await portions();
  const gone = new AbortController();
  const first = layerOf(lab, "archives/stored", { signal: gone.signal }, `&body=${path}`);
  while ((await portions()) === before) await sleep(20);
  gone.abort();
  await expect(first).rejects.toThrow("abort");
  expect(await layerOf(lab, "archives/stored", {}, `&body=${path}`)).toBe(digest);
  expect((await lab.fetch(path)).status).toBe(404);
});

test("one invocation converts the archive when objects run an older version", {
  timeout: 400_000,
}, async () => {
  await using older = await startLab({ r2Faults: 0 }, {}, { hasOldSegments: true });
  expect(await layerOf(older, "archives/sent", { body: compressed })).toBe(digest);
});

import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { BuildEvent } from "../../schemas/events.ts";
import { segmentBytes } from "../../src/layers/segments.ts";
import { contextOf } from "../helpers/context-archive.ts";
import { type Lab, startLab } from "./lab.ts";
import type { Observed } from "./platform.ts";

const MIB = 2 ** 20;
/** A slow compression, so that segments are small. */
const format = { compression: "zstd", level: 16 } as const;
const options = "compression=zstd&compressionlevel=16&timestamps=fixed&nocache=1";

let lab: Lab;
let context: Uint8Array<ArrayBuffer>;
/** Digest of the layer of a build that is not interrupted. */
let digest: string | undefined;
let whole: Observed["segments"];
beforeAll(async () => {
  lab = await startLab({ r2Faults: 0 });
  const Dockerfile = "FROM scratch\nCOPY . /data/\n";
  context = contextOf({
    Dockerfile,
    large: Buffer.alloc(15 * MIB, "a"),
    other: Buffer.alloc(5 * MIB + 1, "b"),
  });
  digest = await layerOf(await startBuild("layers/whole"));
  whole = (await lab.observed()).segments;
}, 400_000);
afterAll(() => lab[Symbol.asyncDispose]());

async function startBuild(tag: string): Promise<string> {
  const answer = await lab.fetch(`/v1/builds?t=${tag}&${options}`, {
    method: "POST",
    body: context,
    headers: { prefer: "respond-async" },
  });
  const { id } = (await answer.json()) as { id: string };
  return id;
}

/** The digest of the only layer of a build, when it has ended. */
async function layerOf(id: string): Promise<string | undefined> {
  const answer = await lab.fetch(`/v1/builds/${id}/events`, { headers: { accept: "application/x-ndjson" } });
  const text = await answer.text();
  const events = text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as BuildEvent);
  expect(events.at(-1), text).toMatchObject({ type: "result" });
  for (const event of events) if (event.type === "step.done") return event.layer?.digest;
  return undefined;
}

test("a large layer is compressed in segments, and an interrupted one continues with the next segment", {
  timeout: 400_000,
}, async () => {
  expect(whole.count).toBeGreaterThanOrEqual(5);
  expect(whole.mostBytes).toBeLessThan(segmentBytes(format) + MIB);

  const stop = 3;
  await lab.stopAfterSegments(stop);
  const id = await startBuild("layers/interrupted");
  const isStopped = async () => (await lab.observed()).segments.count === whole.count + stop;
  while (!(await isStopped())) await sleep(100);
  const before = (await lab.observed()).segments;
  await lab.restart();
  expect(await layerOf(id)).toBe(digest);
  const { segments: after } = await lab.observed();
  expect(after.count).toBe(whole.count - stop);
  expect(before.chunks - whole.chunks + after.chunks).toBe(whole.chunks);

  const blob = await lab.fetch(`/v2/layers/interrupted/blobs/${digest}`);
  expect(blob.status).toBe(200);
  await blob.arrayBuffer();
  const { objects } = await (await lab.bucket()).list({ prefix: "spool/" });
  expect(objects).toEqual([]);
});

test("a build whose object is evicted in the middle of a large layer uses the finished segments", {
  timeout: 400_000,
}, async () => {
  const before = (await lab.observed()).segments;
  const stop = 3;
  await lab.stopAfterSegments(stop);
  const id = await startBuild("layers/evicted");
  while ((await lab.observed()).segments.count < before.count + stop) await sleep(100);
  await lab.evict(id);
  await lab.stopAfterSegments(Number.POSITIVE_INFINITY);
  expect(await layerOf(id)).toBe(digest);
  const { chunks } = (await lab.observed()).segments;
  // Only segments that were compressed during the eviction may be compressed twice: four at most.
  expect(chunks - before.chunks).toBeGreaterThanOrEqual(whole.chunks);
  expect(chunks - before.chunks).toBeLessThanOrEqual(
    whole.chunks + (4 * segmentBytes(format)) / (512 * 1024),
  );
});

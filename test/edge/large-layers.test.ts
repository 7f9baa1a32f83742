import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { BuildEvent } from "../../schemas/events.ts";
import { segmentBytes } from "../../src/layers/segments.ts";
import { contextOf } from "../attack/build.ts";
import { type Lab, startLab } from "./lab.ts";

const MIB = 2 ** 20;
/** A slow compression, so that segments are small. */
const format = { compression: "zstd", level: 16 } as const;
const options = "compression=zstd&compressionlevel=16&timestamps=fixed&nocache=1";

let lab: Lab;
let context: Uint8Array<ArrayBuffer>;
beforeAll(async () => {
  lab = await startLab({ r2Faults: 0 });
  const Dockerfile = "FROM scratch\nCOPY . /data/\n";
  context = contextOf({ Dockerfile, large: randomBytes(15 * MIB), other: randomBytes(5 * MIB + 1) });
});
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
  const digest = await layerOf(await startBuild("layers/whole"));
  const { segments: whole } = await lab.observed();
  expect(whole.count).toBeGreaterThanOrEqual(5);
  expect(whole.mostBytes).toBeLessThan(segmentBytes(format) + MIB);

  const stop = 3;
  // Segments that are started from now on.
  await lab.stopAfterSegments(whole.count + stop);
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
  expect((await blob.arrayBuffer()).byteLength).toBeGreaterThan(20 * MIB);
  const { objects } = await (await lab.bucket()).list({ prefix: "spool/" });
  expect(objects).toEqual([]);
});

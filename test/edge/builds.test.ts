import { afterAll, beforeAll, expect, test } from "vitest";
import type { BuildEvent } from "../../schemas/events.ts";
import type { Problem } from "../../schemas/problem.ts";
import { contextOf } from "../helpers/context-archive.ts";
import { type Lab, startLab } from "./lab.ts";

let lab: Lab;
beforeAll(async () => {
  lab = await startLab({ r2Faults: 0.05 });
});
afterAll(() => lab[Symbol.asyncDispose]());

/** Builds a context and follows the events to the last one. */
async function build(tag: string, files: Record<string, string | Uint8Array>): Promise<BuildEvent[]> {
  const headers = { accept: "application/x-ndjson" };
  const answer = await lab.fetch(`/v1/builds?t=${tag}`, { method: "POST", body: contextOf(files), headers });
  const text = await answer.text();
  expect(answer.status, text).toBe(200);
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as BuildEvent);
}

function problemOf(events: readonly BuildEvent[]): Problem | undefined {
  const last = events.at(-1);
  return last?.type === "error" ? last.problem : undefined;
}

/** Pulls all blobs of an image. @returns their size in bytes */
async function pull(reference: string): Promise<number> {
  const [name, tag] = reference.split(":");
  const answer = await lab.fetch(`/v2/${name}/manifests/${tag}`, {
    headers: { accept: "application/vnd.oci.image.manifest.v1+json" },
  });
  const text = await answer.text();
  expect(answer.status, text).toBe(200);
  const { config, layers } = JSON.parse(text) as { config: { digest: string }; layers: { digest: string }[] };
  let bytes = 0;
  for (const { digest } of [config, ...layers]) {
    const blob = await lab.fetch(`/v2/${name}/blobs/${digest}`);
    expect(blob.status).toBe(200);
    bytes += (await blob.arrayBuffer()).byteLength;
  }
  return bytes;
}

const Dockerfile = "FROM scratch\nCOPY a.txt /a/\nCOPY b.txt /b/\nWORKDIR /work\nCOPY . /work/\n";

test("builds of one image in the same second all succeed, and each tag can be pulled", async () => {
  const builds = Array.from({ length: 8 }, (_, index) =>
    build("team/app:latest", { Dockerfile, "a.txt": "a", "b.txt": `version ${index}` }),
  );
  for (const events of await Promise.all(builds)) expect(problemOf(events)).toBeUndefined();
  expect(await pull("team/app:latest")).toBeGreaterThan(0);
  const observed = await lab.observed();
  expect(observed.kvBusy).toBeGreaterThan(0);
  expect(observed.r2Busy).toBeGreaterThan(0);
});

test("thirty builds succeed although one operation of R2 in twenty fails", async () => {
  const before = await lab.observed();
  for (let round = 0; round < 3; round++) {
    const tags = Array.from({ length: 10 }, (_, index) => `many/app-${index}:${round}`);
    const ended = await Promise.all(
      tags.map((tag) => build(tag, { Dockerfile, "a.txt": tag, "b.txt": "b".repeat(round * 100_000) })),
    );
    for (const events of ended) expect(problemOf(events)).toBeUndefined();
    for (const tag of tags) await pull(tag);
  }
  const after = await lab.observed();
  expect(after.r2Faults).toBeGreaterThan(before.r2Faults + 50);
  expect(after.r2Unreported).toBeGreaterThan(before.r2Unreported);
});

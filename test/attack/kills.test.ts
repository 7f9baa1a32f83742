import { randomBytes, randomInt } from "node:crypto";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import type { BuildRecord } from "../../schemas/build.ts";
import { sha256 } from "../../src/streams/sha256.ts";
import { contextOf } from "../helpers/context-archive.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";
import { postBuild } from "./build.ts";
import { MANIFEST, pushBlob, pushImage } from "./push.ts";
import { type RunningServer, startServer } from "./start-server.ts";

// Servers that are killed repeatedly in the middle of pushes and builds. What they have acknowledged must exist.

/** Servers at the same time, each with its own folder: one waits for its start while another works. */
const SERVERS = 2;
/** Kills of each server. */
const ROUNDS = 25;

/** Contents whose storage the server has acknowledged. */
interface Acknowledged {
  /** Repository and digest of each blob. */
  blobs: [name: string, digest: string][];
  /** Of each image. */
  manifests: [name: string, digest: string][];
  /** Ids and digests of builds. */
  builds: [id: string, digest: string][];
}

/** Repeats a client's requests until the server has ended. */
async function untilKilled(work: () => Promise<void>): Promise<void> {
  try {
    for (;;) await work();
  } catch (error) {
    // The connection has ended, or cannot be opened.
    if (
      error instanceof Error &&
      /fetch failed|terminated|ECONN|EPIPE|socket hang up|aborted/.test(`${error}`)
    )
      return;
    throw error;
  }
}

async function disturb(url: string, round: number, known: Acknowledged): Promise<void> {
  let number = 0;
  const next = () => `${round}-${number++}`;
  const pushBlobs = (isChunked: boolean) => async () => {
    const blob = randomBytes(randomInt(1_000, 2_000_000));
    const name = `blobs-${round % 5}`;
    const { status } = await pushBlob(url, name, blob, { isChunked });
    if (status === 201) known.blobs.push([name, sha256(blob)]);
  };
  const pushImages = async () => {
    const name = `images/${next()}`;
    const answer = await pushImage(url, name, randomBytes(randomInt(1_000, 300_000)));
    const digest = answer.headers.get("docker-content-digest");
    if (answer.status === 201 && digest !== null) known.manifests.push([name, digest]);
  };
  const build = async () => {
    const files = Object.fromEntries(
      Array.from({ length: 20 }, (_, i) => [`data/${i}`, randomBytes(randomInt(1, 100_000))]),
    );
    const Dockerfile = "FROM scratch\nCOPY data/1* /one/\nCOPY data /data\nWORKDIR /w\n";
    const answer = await postBuild(url, `builds/${next()}`, contextOf({ Dockerfile, ...files }));
    await answer.arrayBuffer();
    const [id, digest] = ["varve-build", "docker-content-digest"].map((name) => answer.headers.get(name));
    if (answer.status === 200 && id && digest) known.builds.push([id, digest]);
  };
  await Promise.all([pushBlobs(true), pushBlobs(false), pushImages, build, build].map(untilKilled));
}

/** A random time, so that on any machine some requests are acknowledged before it, and some are not. */
async function moment(known: Acknowledged): Promise<void> {
  const count = () => Object.values(known).reduce((sum, list) => sum + list.length, 0);
  const enough = count() + randomInt(0, 20);
  await vi.waitUntil(() => count() >= enough, { timeout: 60_000, interval: 5 });
  await new Promise((resolve) => setTimeout(resolve, randomInt(0, 200)));
}

async function expectBlob(server: RunningServer, name: string, digest: string): Promise<void> {
  const answer = await fetch(`${server.url}/v2/${name}/blobs/${digest}`);
  expect([digest, answer.status]).toEqual([digest, 200]);
  expect(sha256(new Uint8Array(await answer.arrayBuffer()))).toBe(digest);
}

async function expectImage(server: RunningServer, name: string, digest: string): Promise<void> {
  const headers = { accept: MANIFEST };
  for (const reference of [digest, name.startsWith("images/") ? "1" : "latest"]) {
    const answer = await fetch(`${server.url}/v2/${name}/manifests/${reference}`, { headers });
    const text = await answer.text();
    expect([name, reference, answer.status, sha256(text)]).toEqual([name, reference, 200, digest]);
    const { config, layers } = JSON.parse(text) as Record<"config", { digest: string }> & {
      layers: { digest: string }[];
    };
    for (const blob of [config, ...layers]) await expectBlob(server, name, blob.digest);
  }
}

/** Kills the server of a folder repeatedly. Verifies that everything it acknowledged is stored, and returns that. */
async function killRepeatedly(data: string): Promise<Acknowledged> {
  const known: Acknowledged = { blobs: [], manifests: [], builds: [] };
  for (let round = 0; round < ROUNDS; round++) {
    await using server = await startServer({}, data);
    const disturbed = disturb(server.url.replace("localhost", "127.0.0.1"), round, known);
    await moment(known);
    await server.process.crash();
    await disturbed;
  }
  await using server = await startServer({}, data);
  for (const [name, digest] of known.blobs) await expectBlob(server, name, digest);
  for (const [name, digest] of known.manifests) await expectImage(server, name, digest);
  for (const [id, digest] of known.builds) {
    const answer = await fetch(`${server.url}/v1/builds/${id}`);
    const record = (await answer.json()) as BuildRecord;
    expect(record).toMatchObject({ state: "done", result: { descriptor: { digest } } });
    await expectImage(server, record.result?.repository ?? "", digest);
  }
  expect(server.process.stderr).toBe("");
  return known;
}

test(`${SERVERS * ROUNDS} kills lose nothing that was acknowledged`, { timeout: 1_800_000 }, async () => {
  using folder = temporaryFolder();
  const folders = Array.from({ length: SERVERS }, (_, index) => join(folder.path, `data-${index}`));
  const known = await Promise.all(folders.map(killRepeatedly));
  const count = (kind: keyof Acknowledged) => known.flatMap((one) => one[kind] as unknown[]).length;
  // The checks are meaningful only if enough was acknowledged.
  expect(count("blobs")).toBeGreaterThan(2 * SERVERS * ROUNDS);
  expect(count("manifests")).toBeGreaterThan((SERVERS * ROUNDS) / 2);
  expect(count("builds")).toBeGreaterThan((SERVERS * ROUNDS) / 2);
});

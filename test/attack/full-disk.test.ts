import { randomBytes } from "node:crypto";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { BuildEvent } from "../../schemas/events.ts";
import { zstdFrame } from "../../src/compression/members.ts";
import { encodePack, type PackedFile } from "../../src/context/pack.ts";
import { sha256 } from "../../src/streams/sha256.ts";
import { contextOf } from "../helpers/context-archive.ts";
import { send } from "../helpers/send.ts";
import { postBuild } from "./build.ts";
import { pushBlob, pushImage } from "./push.ts";
import { SmallDisk } from "./small-disk.ts";
import { type RunningServer, startServer } from "./start-server.ts";

// The disk is full: first because of pushed blobs, then because of another program. Requests that need space report the
// full disk, and deletions work.

const MEGABYTE = 1024 * 1024;
let disk: SmallDisk;
let server: RunningServer;
let url: string;
const images: string[] = [];

async function start(): Promise<void> {
  server = await startServer({}, join(disk.path, "data"));
  url = server.url.replace("localhost", "127.0.0.1");
}

beforeAll(async () => {
  disk = new SmallDisk(160);
  await start();
  for (;;) {
    const name = `image-${images.length}`;
    const { ok } = await pushImage(url, name, randomBytes(10 * MEGABYTE));
    if (!ok) break;
    images.push(name);
  }
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  disk[Symbol.dispose]();
});

/** Reserves disk space for the server. */
async function reserved(): Promise<void> {
  await vi.waitUntil(() => existsSync(join(server.data, "objects/reserve")), { timeout: 15_000 });
}

/** The server's state, for the message of a failed test. */
function space(): string {
  const reserve = statSync(join(server.data, "objects/reserve"), { throwIfNoEntry: false })?.size ?? 0;
  return `${disk.free} bytes free, ${reserve} in reserve`;
}

const large = () => randomBytes(40 * MEGABYTE);
const largeContext = () => contextOf({ Dockerfile: "FROM scratch\nCOPY large /\n", large: large() });
/** A pack with files of random bytes, almost of the maximum size. */
function largePack(): Uint8Array {
  const files = Array.from({ length: 30 }, () => randomBytes(MEGABYTE));
  const blocks = files.map((file) => zstdFrame(file, 1));
  const lengths = blocks.map(({ length }): [number, number] => [length, MEGABYTE]);
  const packed = files.map((file): PackedFile => [sha256(file).slice(7), MEGABYTE]);
  return Buffer.concat(encodePack(blocks, lengths, { files: packed }).parts);
}

async function putPack(pack: Uint8Array): Promise<Response> {
  return send(`${url}/v1/packs/${sha256(pack)}?scope=new`, { method: "PUT", body: pack as BodyInit });
}

/** Requests that store more than there is room for. */
const stores: Record<string, () => Promise<Response>> = {
  "a blob": () => pushBlob(url, "new", large()),
  "a blob in chunks": () => pushBlob(url, "new", large(), { isChunked: true }),
  "a pack": () => putPack(largePack()),
  "a build": () => postBuild(url, "new", largeContext()),
  "a build of docker": () => send(`${url}/v1.47/build?t=new`, { method: "POST", body: largeContext() }),
  "an archive of images": () =>
    send(`${url}/v1/images/load`, { method: "POST", body: contextOf({ large: large() }) }),
  "an archive of docker": () =>
    send(`${url}/v1.47/images/load`, { method: "POST", body: contextOf({ large: large() }) }),
};

/** Requests that store little: they work as long as another program leaves some space. */
const notes: Record<string, () => Promise<Response>> = {
  "an upload": () => send(`${url}/v2/new/blobs/uploads/`, { method: "POST" }),
  "a small blob": () => pushBlob(url, "new", randomBytes(50_000)),
  "a listing": () =>
    send(`${url}/v1/contexts?scope=new`, {
      method: "POST",
      body: `${JSON.stringify([randomBytes(8).toString("hex"), "dir", 493, 0, 0, 0, ""])}\n`,
    }),
  "a small build": () =>
    postBuild(
      url,
      "small",
      contextOf({ Dockerfile: `FROM scratch\nLABEL a=${randomBytes(8).toString("hex")}\n` }),
    ),
};

const answers = [
  "/healthz",
  "/",
  "/v1/images",
  "/v1/builds",
  "/v1/runners",
  "/v1/usage",
  "/v2/_catalog",
  "/_ping",
];

async function expectFull(answer: Response, path: string): Promise<void> {
  const text = await answer.text();
  expect([answer.status, text], path).toEqual([507, expect.stringMatching(/disk of the server is full/i)]);
  const body = JSON.parse(text);
  // The answer must have a hint.
  if ("errors" in body)
    expect(body.errors).toMatchObject([
      { code: "UNAVAILABLE", message: expect.stringContaining("delete images") },
    ]);
  else if ("code" in body)
    expect(body).toMatchObject({ code: "storage-full", hint: expect.stringContaining("varve prune") });
  else expect(body).toEqual({ message: expect.stringContaining("varve prune") });
}

async function expectReads(): Promise<void> {
  for (const path of answers) expect([path, (await send(`${url}${path}`)).status]).toEqual([path, 200]);
  const manifest = await send(`${url}/v2/${images[0]}/manifests/1`);
  const { layers } = (await manifest.json()) as { layers: { digest: string }[] };
  const blob = await send(`${url}/v2/${images[0]}/blobs/${layers[0]?.digest}`);
  expect(sha256(new Uint8Array(await blob.arrayBuffer()))).toBe(layers[0]?.digest);
}

describe("full of pushed blobs", () => {
  test("some space is reserved for databases", () => {
    expect(images.length).toBeGreaterThan(8);
    expect(disk.free).toBeGreaterThan(8 * MEGABYTE);
  });

  test.each(Object.keys(stores))("%s: 507", async (name) => {
    await expectFull(await (stores[name] as () => Promise<Response>)(), name);
  });

  test("the events of a build report the full disk", async () => {
    const answer = await postBuild(url, "followed", largeContext(), { accept: "application/x-ndjson" });
    const text = await answer.text();
    const problem = answer.ok
      ? (JSON.parse(text.trimEnd().split("\n").at(-1) as string) as BuildEvent)
      : { problem: JSON.parse(text) };
    expect(problem).toMatchObject({ problem: { status: 507, code: "storage-full" } });
  });

  test.each(Object.keys(notes))("%s: works", async (name) => {
    expect((await (notes[name] as () => Promise<Response>)()).status).toBeLessThan(300);
  });

  test("nothing is left of a rejected upload", async () => {
    await expect.poll(() => disk.free).toBeGreaterThan(8 * MEGABYTE);
    await expectReads();
  });
});

describe("full because of another program", () => {
  beforeAll(async () => {
    await reserved();
    disk.fill();
  });

  test.each(Object.keys({ ...stores, ...notes }))("%s: 507", async (name) => {
    const request = { ...stores, ...notes }[name] as () => Promise<Response>;
    await expectFull(await request(), name);
  });

  test("tokens: 507, or they are stored", async () => {
    const body = JSON.stringify({ name: "x", scopes: ["pull:a"] });
    for (let i = 0; i < 20; i++) {
      const answer = await send(`${url}/v1/tokens`, { method: "POST", body });
      expect([201, 507], await answer.text()).toContain(answer.status);
    }
  });

  test("stored objects can be read", expectReads);

  test("images and tags can be deleted", async () => {
    const [tag, image, docker] = images as [string, string, string];
    const gone: [string, number][] = [
      [`/v2/${tag}/manifests/1`, 202],
      [`/v1/images/${image}/1`, 200],
      [`/v1.47/images/${docker}:1`, 200],
    ];
    for (const [path, status] of gone) {
      const before = space();
      const answer = await send(`${url}${path}`, { method: "DELETE" });
      expect([path, answer.status, await answer.text()], `${before}, then ${space()}`).toEqual([
        path,
        status,
        expect.anything(),
      ]);
    }
    for (const name of [tag, image, docker])
      expect((await send(`${url}/v2/${name}/manifests/1`)).status).toBe(404);
  });
});

describe("a server that starts on a full disk", () => {
  beforeAll(async () => {
    disk.clear();
    await reserved();
    await server.process.stop();
    // What was pushed is older than any grace period.
    const index = new DatabaseSync(join(server.data, "objects/index.sqlite"));
    index.exec("UPDATE objects SET uploaded = uploaded - 30 * 24 * 60 * 60 * 1000");
    index.close();
    disk.fill();
    expect(disk.free).toBe(0);
    await start();
    await reserved();
  });

  test("prunes, and frees the space of removed objects", async () => {
    disk.fill();
    const before = disk.free;
    const pruned = await send(`${url}/v1/prune`, {
      method: "POST",
      body: JSON.stringify({ until: "0s", untagged: "0s" }),
    });
    expect([pruned.status, await pruned.json()]).toEqual([200, expect.objectContaining({ state: "done" })]);
    await expect.poll(() => disk.free - before).toBeGreaterThan(20 * MEGABYTE);
  });

  test("then accepts new images, and has its reserve again", async () => {
    disk.clear();
    await expect
      .poll(async () => (await pushImage(url, "again", randomBytes(10 * MEGABYTE))).status, {
        timeout: 15_000,
      })
      .toBe(201);
    expect(server.process.stderr).toBe("");
    await reserved();
    disk.fill();
    expect((await send(`${url}/v2/again/manifests/1`, { method: "DELETE" })).status).toBe(202);
  });
});

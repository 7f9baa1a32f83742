import { once } from "node:events";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { CacheLease } from "../../src/runner/caches/cache-service.ts";
import { Caches } from "../../src/runner/caches/caches.ts";
import { suiteFolder } from "../helpers/suite-folder.ts";

const folder = suiteFolder();
const { signal } = new AbortController();

/** Requests of the runner, and those for packs that were not answered yet. */
let requests: string[] = [];
let packs: ServerResponse[] = [];
/** A server that keeps caches and answers requests for packs only when a test says so. */
const server = createServer((request, response) => {
  const what = `${request.method} ${(request.url ?? "").replace(/^.*\/caches\/[^/]+\/?/, "").replace(/\/.*/, "")}`;
  requests.push(what.trim());
  if (what === "PUT packs") packs.push(response);
  else if (what === "PUT state") response.end(JSON.stringify({ generation: 1 }));
  else
    response.end(
      JSON.stringify({ lease: "l", slot: 0, generation: 0, seconds: 60, limit: 1e9, wanted: false }),
    );
});

const mount = {
  type: "cache" as const,
  id: "c",
  key: "k",
  source: "",
  target: "/c",
  sharing: "shared" as const,
  readonly: false,
};

let caches: Caches;

beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});

beforeEach(async () => {
  requests = [];
  packs = [];
  const { port } = server.address() as AddressInfo;
  caches = new Caches(await mkdtemp(join(folder, "caches-")), {
    acquire: (job, key, sharing, stop) =>
      CacheLease.acquire(new URL(`http://127.0.0.1:${port}`), job, key, sharing, stop),
  });
  const held = await caches.hold({ id: "j", token: "t" }, mount, signal);
  await mkdir(held.path, { recursive: true });
  await writeFile(join(held.path, "file"), "text");
  held.release();
});

afterEach(() => server.closeAllConnections());

afterAll(async () => {
  server.close();
});

test("a cache that an idle runner saves stays open when a step starts, and is saved later", async () => {
  caches.save();
  await expect.poll(() => packs.length).toBe(1);
  const interrupted = once(packs[0] as ServerResponse, "close");
  caches.pause();
  await interrupted;
  expect(requests).not.toContain("DELETE lease");
  await expect
    .poll(() => {
      caches.save();
      return packs.length;
    })
    .toBe(2);
  packs[1]?.end();
  await expect.poll(() => requests).toContain("DELETE lease");
  expect(requests).toContain("PUT state");
});

test("a runner that closes saves its caches although a step starts", async () => {
  caches.save();
  await expect.poll(() => packs.length).toBe(1);
  const closed = caches.close();
  caches.pause();
  packs[0]?.end();
  await closed;
  expect(requests.slice(-2)).toEqual(["PUT state", "DELETE lease"]);
});

test("a cache is saved and requested again for a step that shares it in another way", async () => {
  const locked = caches.hold({ id: "j", token: "t" }, { ...mount, sharing: "locked" }, signal);
  await expect.poll(() => packs.length).toBe(1);
  packs[0]?.end();
  (await locked).release();
  expect(requests).toEqual(["POST", "PUT packs", "PUT state", "DELETE lease", "POST"]);
});

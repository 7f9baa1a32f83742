import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { SentFile } from "../../src/client/make-packs.ts";
import { Service } from "../../src/client/service.ts";
import { type LocalContext, uploadContext } from "../../src/client/upload-context.ts";
import { zstdFrame } from "../../src/compression/members.ts";
import { listingDigest } from "../../src/context/listing.ts";
import type { Node } from "../../src/rootfs/tree.ts";
import type { LocalServer } from "../../src/serve/local-server.ts";
import { sha256 } from "../../src/streams/sha256.ts";
import { startServer } from "../cli/server.ts";
import { noise } from "../streams/source.ts";

const MIB = 1024 * 1024;
const compress = async (data: Uint8Array) => zstdFrame(data, 1);

let server: LocalServer & AsyncDisposable;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server[Symbol.asyncDispose]());

/** A context in memory, of files by path. */
function contextOf(files: Record<string, Uint8Array>): LocalContext {
  const nodes = Object.entries(files).map(
    ([path, bytes]): Node => ({
      path,
      type: "file",
      mode: 0o644,
      uid: 0,
      gid: 0,
      mtime: 0,
      size: bytes.length,
      digest: sha256(bytes),
    }),
  );
  return {
    digest: listingDigest({ walk: () => nodes }),
    entries: () => nodes,
    *files(digests): Generator<SentFile> {
      for (const { path, digest, size } of nodes) {
        if (digest === undefined || !digests.includes(digest)) continue;
        yield { path, digest, size, read: () => files[path] as Uint8Array };
      }
    },
  };
}

/** A service that counts requests by method, and lets `interfere` answer some of them. */
function counting(interfere: (method: string, count: number) => Response | undefined = () => undefined) {
  const counts: Record<string, number> = {};
  const service = new Service(server.url, {
    retryAfter: 1,
    fetch: (async (url: string, request: RequestInit) => {
      const method = request.method ?? "GET";
      counts[method] = (counts[method] ?? 0) + 1;
      return interfere(method, counts[method]) ?? fetch(url, request);
    }) as typeof fetch,
  });
  return { service, counts };
}

const refused = () =>
  Response.json(
    { title: "No", status: 400, code: "no" },
    {
      status: 400,
      headers: { "content-type": "application/problem+json" },
    },
  );

describe("a context", () => {
  const files = Object.fromEntries(Array.from({ length: 3 }, (_, i) => [`f${i}`, noise(18 * MIB, i + 1)]));
  const context = contextOf(files);

  test("continues after an interruption", { timeout: 30_000 }, async () => {
    const broken = counting((method, count) => (method === "PUT" && count > 2 ? refused() : undefined));
    await expect(uploadContext(broken.service, "resumed", context, { compress })).rejects.toThrow("No");

    const { service, counts } = counting();
    await uploadContext(service, "resumed", context, { compress });
    // A file of 18 MiB is a pack of 16 and one of 2.
    expect(counts).toEqual({ POST: 2, HEAD: 6, PUT: 4 });
    await uploadContext(service, "resumed", context, { compress });
    expect(counts).toEqual({ POST: 3, HEAD: 6, PUT: 4 });
  });

  test("is sent despite temporary failures of the server", { timeout: 30_000 }, async () => {
    const busy = () => new Response("busy", { status: 503 });
    const { service } = counting((_, count) => (count % 2 === 1 ? busy() : undefined));
    const progress: number[] = [];
    await uploadContext(service, "stumbling", context, {
      compress,
      onProgress: ({ sentBytes }) => progress.push(sentBytes),
    });
    expect(progress.at(-1)).toBeGreaterThan(54 * MIB);
  });
});

test("a server that returns another digest is an error", async () => {
  const context = { ...contextOf({ a: noise(10) }), digest: sha256("other") };
  await expect(uploadContext(new Service(server.url), "other", context, { compress })).rejects.toThrow(
    "The server computed the digest sha256:",
  );
});

test("changes of a listing that the server no longer has are sent as a complete listing", async () => {
  const context = contextOf({ a: noise(10), b: noise(20) });
  const { service, counts } = counting();
  const [first] = context.entries();
  const changes = { base: sha256("forgotten"), items: () => (first === undefined ? [] : [first]) };
  await uploadContext(service, "forgotten", { ...context, changes }, { compress });
  expect(counts).toEqual({ PUT: 2, POST: 3 });
});

test("small changes are sent without waiting for a list of missing files", async () => {
  const before = contextOf({ a: noise(10), b: noise(20) });
  const after = contextOf({ a: noise(11), b: noise(20) });
  const { service, counts } = counting();
  await uploadContext(service, "small", before, { compress });
  const [changed] = after.entries();
  const changes = { base: before.digest, items: () => (changed === undefined ? [] : [changed]) };
  await uploadContext(service, "small", { ...after, changes }, { compress });
  expect(counts).toEqual({ POST: 3, PUT: 2 });
});

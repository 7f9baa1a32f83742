import type { IncomingMessage, ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { RemoteRegistry } from "../../src/registry/remote/remote-registry.ts";
import type { RemoteOptions } from "../../src/registry/remote/requests.ts";
import { Transport } from "../../src/registry/remote/transport.ts";
import { chunks } from "../../src/streams/chunks.ts";
import { readable } from "../../src/streams/readable.ts";
import { sha256 } from "../../src/streams/sha256.ts";
import { serveLoopback } from "../helpers/loopback.ts";
import { noise } from "../streams/source.ts";

const bytes = noise(100_000);
const digest = sha256(bytes);
const blob = { mediaType: "application/octet-stream", digest, size: bytes.length };
const source = async () =>
  readable(
    (async function* () {
      yield bytes.subarray(0, 70_000);
      yield bytes.subarray(70_000);
    })(),
  ) as AsyncIterable<Uint8Array>;

interface Seen {
  line: string;
  authorization: string | undefined;
  range: string | undefined;
  bytes: Buffer;
}

/** A registry that accepts one blob. `answer` may override a response, given the requests so far. */
async function registry(
  answer: (seen: Seen, response: ServerResponse, number: number) => boolean | undefined = () => false,
) {
  const seen: Seen[] = [];
  const server = await serveLoopback((request: IncomingMessage, response) => {
    buffer(request).then((body) => {
      const { authorization, "content-range": range } = request.headers;
      const one = { line: `${request.method} ${request.url}`, authorization, range, bytes: body };
      seen.push(one);
      if (answer(one, response, seen.length)) return;
      const status = { POST: 202, PATCH: 202, PUT: 201, HEAD: 200 }[request.method ?? ""] ?? 200;
      response.writeHead(status, { location: "/v2/a/b/blobs/uploads/1?state=x" }).end();
    });
  });
  return { ...server, seen, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

const remote = (base: string, options: Partial<RemoteOptions> = {}) =>
  new RemoteRegistry({
    base,
    transport: new Transport({ actions: "pull,push", sleep: async () => {} }),
    ...options,
  });

describe("a blob is sent", () => {
  test("in one request when the registry accepts it", async () => {
    await using server = await registry();
    await remote(server.origin).pushBlob("a/b", blob, source);
    expect(server.seen.map(({ line }) => line)).toEqual([
      "POST /v2/a/b/blobs/uploads/",
      "PATCH /v2/a/b/blobs/uploads/1?state=x",
      `PUT /v2/a/b/blobs/uploads/1?state=x&digest=${encodeURIComponent(digest)}`,
    ]);
    expect(server.seen[1]?.bytes.equals(bytes)).toBe(true);
  });

  test("in pieces when it is too large for one request", async () => {
    await using server = await registry(({ bytes: body }, response) => {
      if (body.length <= 40_000) return false;
      response.writeHead(413).end();
      return true;
    });
    await remote(server.origin, { piece: 40_000 }).pushBlob("a/b", blob, source);
    const pieces = server.seen.filter(({ line, range }) => line.startsWith("PATCH") && range !== undefined);
    expect(pieces.map(({ range }) => range)).toEqual(["0-39999", "40000-79999", "80000-99999"]);
    expect(Buffer.concat(pieces.map((piece) => piece.bytes)).equals(bytes)).toBe(true);
  });

  test("again when the registry was busy, a limited number of times", async () => {
    let failures = 1;
    await using server = await registry(({ line }, response) => {
      if (!line.startsWith("PATCH") || failures-- <= 0) return false;
      response.writeHead(503).end();
      return true;
    });
    const client = remote(server.origin);
    await client.pushBlob("a/b", blob, source);
    expect(server.seen.filter(({ line }) => line.startsWith("PATCH"))).toHaveLength(2);
    failures = 100;
    await expect(client.pushBlob("a/b", blob, source)).rejects.toThrow("503 Service Unavailable");
  });

  test("again when the registry has lost the upload, or finished it in an attempt that seemed to fail", async () => {
    let puts = 0;
    await using server = await registry(({ line }, response) => {
      if (!line.startsWith("PUT") || ++puts > 2) return false;
      response.writeHead(puts === 1 ? 502 : 404).end();
      return true;
    });
    await remote(server.origin).pushBlob("a/b", blob, source);
    expect(server.seen.map(({ line }) => line.split(" ")[0])).toEqual([
      ...["POST", "PATCH", "PUT", "PUT"],
      ...["POST", "PATCH", "PUT"],
    ]);
  });

  test("not at all when the registry has it in another repository", async () => {
    await using server = await registry(({ line }, response) => {
      if (!line.includes("mount=")) return false;
      response.writeHead(201).end();
      return true;
    });
    expect(await remote(server.origin).mountBlob("a/b", digest, "c/d")).toBe(true);
    expect(server.seen.map(({ line }) => line)).toEqual([
      `POST /v2/a/b/blobs/uploads/?mount=${encodeURIComponent(digest)}&from=c%2Fd`,
    ]);
  });
});

describe("credentials", () => {
  test("answer a Basic challenge", async () => {
    await using server = await registry(({ authorization }, response) => {
      if (authorization !== undefined) return false;
      response.writeHead(401, { "www-authenticate": 'Basic realm="x"' }).end();
      return true;
    });
    const credentials = { username: "me", password: "pass" };
    await remote(server.origin, { credentials }).pushBlob("a/b", blob, source);
    const shown = server.seen.map(({ authorization }) => authorization);
    expect(shown).toEqual([undefined, ...Array(3).fill(`Basic ${btoa("me:pass")}`)]);
  });

  test("are exchanged for a token to pull and push", async () => {
    const asked: Seen[] = [];
    await using tokens = await registry((seen, response) => {
      asked.push(seen);
      response.end('{"token":"t0ken"}');
      return true;
    });
    await using server = await registry(({ authorization }, response) => {
      if (authorization === "Bearer t0ken") return false;
      const realm = `Bearer realm="${tokens.origin}/token",service="s",scope="repository:a/b:push"`;
      response.writeHead(401, { "www-authenticate": realm }).end();
      return true;
    });
    const credentials = { username: "me", password: "", identityToken: "refresh" };
    await remote(server.origin, { credentials }).pushBlob("a/b", blob, source);
    expect(asked.map(({ line }) => line)).toEqual([
      "POST /token?service=s&scope=repository%3Aa%2Fb%3Apull%2Cpush",
    ]);
    expect(asked[0]?.bytes.toString()).toContain(
      "grant_type=refresh_token&client_id=varve&refresh_token=refresh",
    );
  });

  test("are not sent to the upload's address", async () => {
    await using elsewhere = await registry();
    await using server = await registry(({ line }, response) => {
      if (!line.startsWith("POST")) return false;
      response.writeHead(202, { location: `${elsewhere.origin}/upload` }).end();
      return true;
    });
    await remote(server.origin, { authorization: "Bearer own" }).pushBlob("a/b", blob, source);
    expect(server.seen.map(({ authorization }) => authorization)).toEqual(["Bearer own"]);
    expect(elsewhere.seen.map(({ authorization }) => authorization)).toEqual([undefined, undefined]);
  });

  test("that are wrong end the push", async () => {
    await using server = await registry((_, response) => {
      response.writeHead(401, { "www-authenticate": 'Basic realm="x"' });
      response.end('{"errors":[{"code":"UNAUTHORIZED","message":"who is that"}]}');
      return true;
    });
    await expect(remote(server.origin).resolveBlob("a/b", digest)).rejects.toMatchObject({
      name: "RegistryError",
      fault: "UNAUTHORIZED",
    });
  });
});

test("responses of a registry are verified", async () => {
  await using server = await registry((_, response) => {
    response.end("something else");
    return true;
  });
  const client = remote(server.origin);
  await expect(client.readManifest("a/b", digest)).rejects.toThrow("has digest sha256:");
  const read = async () => {
    for await (const _ of chunks(await client.readBlob("a/b", blob)));
  };
  await expect(read()).rejects.toThrow("Cannot verify sha256:");
});

test("a password is not sent to a token service of another site", async () => {
  const asked: string[] = [];
  const fetch = async (url: string, request: RequestInit = {}) => {
    asked.push(`${url} ${new Headers(request.headers).get("authorization")}`);
    const headers = { "www-authenticate": 'Bearer realm="https://auth.evil.test/token",service="s"' };
    return new Response(null, { status: 401, headers });
  };
  const credentials = { username: "me", password: "s3cret" };
  const base = "https://registry.example.com";
  const transport = new Transport({ fetch });
  const failure = await remote(base, { credentials, transport }).resolveBlob("a", digest).catch(String);
  expect(failure).toContain("Cannot send the password for registry.example.com to https://auth.evil.test");
  expect(asked).toEqual([`${base}/v2/a/blobs/${digest} null`]);
});

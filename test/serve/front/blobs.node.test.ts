import { randomBytes } from "node:crypto";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sha256 } from "../../../src/streams/sha256.ts";
import { startServer } from "../../cli/server.ts";
import { send } from "../../helpers/send.ts";

// Bytes of blobs go between clients and the disk without passing through the runtime.

let server: Awaited<ReturnType<typeof startServer>>;
let url: string;
beforeAll(async () => {
  server = await startServer();
  url = server.url.replace("localhost", "127.0.0.1");
});
afterAll(() => server[Symbol.asyncDispose]());

async function begin(name: string): Promise<string> {
  const answer = await send(`${url}/v2/${name}/blobs/uploads/`, { method: "POST" });
  return `${url}${answer.headers.get("location")}`;
}

async function put(name: string, bytes: Uint8Array, digest = sha256(bytes)): Promise<Response> {
  return send(`${await begin(name)}?digest=${digest}`, { method: "PUT", body: bytes as BodyInit });
}

function inChunks(bytes: Uint8Array): ReadableStream {
  return new ReadableStream({
    start(controller) {
      for (let at = 0; at < bytes.length; at += 70_000) controller.enqueue(bytes.subarray(at, at + 70_000));
      controller.close();
    },
  });
}

async function pulled(name: string, digest: string, headers: Record<string, string> = {}) {
  const answer = await send(`${url}/v2/${name}/blobs/${digest}`, { headers });
  return { status: answer.status, headers: answer.headers, bytes: Buffer.from(await answer.arrayBuffer()) };
}

describe("a blob is stored", () => {
  const ways: Record<string, (name: string, bytes: Uint8Array) => Promise<Response>> = {
    "in one request": put,
    "with POST": (name, bytes) =>
      send(`${url}/v2/${name}/blobs/uploads/?digest=${sha256(bytes)}`, {
        method: "POST",
        body: bytes as BodyInit,
      }),
    "in chunks of HTTP": async (name, bytes) => {
      const at = await begin(name);
      expect((await send(at, { method: "PATCH", body: inChunks(bytes) })).status).toBe(202);
      return send(`${at}?digest=${sha256(bytes)}`, { method: "PUT" });
    },
    "in chunks of HTTP at the end": async (name, bytes) =>
      send(`${await begin(name)}?digest=${sha256(bytes)}`, { method: "PUT", body: inChunks(bytes) }),
    "in several requests": async (name, bytes) => {
      const at = await begin(name);
      const half = bytes.length >> 1;
      const first = bytes.subarray(0, half) as Uint8Array<ArrayBuffer>;
      const headers = { "content-range": `0-${half - 1}` };
      expect((await send(at, { method: "PATCH", body: first, headers })).status).toBe(202);
      return send(`${at}?digest=${sha256(bytes)}`, {
        method: "PUT",
        body: bytes.subarray(half) as BodyInit,
      });
    },
  };
  test.each(
    Object.keys(ways).flatMap((way) =>
      [0, 1, 1000, 70_000, 3_000_000].map((size): [string, number] => [way, size]),
    ),
  )("%s: %i bytes", async (way, size) => {
    if (way === "in several requests" && size < 2) return;
    const bytes = randomBytes(size);
    const name = way.replaceAll(" ", "-").toLowerCase();
    const stored = await (ways[way] as (typeof ways)[string])(name, bytes);
    expect([stored.status, await stored.text()]).toEqual([201, ""]);
    const { status, headers, bytes: got } = await pulled(name, sha256(bytes));
    expect([status, headers.get("content-length"), got.equals(bytes)]).toEqual([200, String(size), true]);
    expect([...headers.keys()].filter((key) => key.startsWith("varve-"))).toEqual([]);
  });
});

describe("a blob that is stored already", () => {
  const bytes = randomBytes(500_000);
  beforeAll(async () => {
    expect((await put("first", bytes)).status).toBe(201);
  });

  test("is added to another repository for a client that sends its bytes", async () => {
    expect((await put("second", bytes)).status).toBe(201);
    expect((await pulled("second", sha256(bytes))).bytes.equals(bytes)).toBe(true);
  });

  test("is not added for a client that only knows its digest and size", async () => {
    const answer = await put("third", randomBytes(bytes.length), sha256(bytes));
    expect([answer.status, await answer.json()]).toEqual([
      400,
      { errors: [expect.objectContaining({ code: "DIGEST_INVALID" })] },
    ]);
    expect((await pulled("third", sha256(bytes))).status).toBe(404);
  });

  test("is not added when the connection is lost", async () => {
    const at = new URL(`${await begin("fourth")}?digest=${sha256(bytes)}`);
    const socket = connect(Number(at.port), "127.0.0.1");
    socket.write(
      `PUT ${at.pathname}${at.search} HTTP/1.1\r\nHost: ${at.host}\r\nContent-Length: ${bytes.length}\r\n\r\n`,
    );
    await new Promise((resolve) => socket.write(bytes.subarray(0, bytes.length - 1), resolve));
    socket.end();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect((await pulled("fourth", sha256(bytes))).status).toBe(404);
    // The received bytes are not part of a second attempt.
    const again = await send(at, { method: "PUT", body: bytes });
    expect(again.status).toBe(201);
  });
});

test("bytes with another digest are rejected and deleted", async () => {
  const digest = sha256(randomBytes(10));
  for (const size of [10, 100_000]) {
    const answer = await put("wrong", randomBytes(size), digest);
    expect([answer.status, await answer.json()]).toEqual([
      400,
      { errors: [expect.objectContaining({ code: "DIGEST_INVALID" })] },
    ]);
  }
  expect((await pulled("wrong", digest)).status).toBe(404);
});

test("an upload continues after a lost connection", async () => {
  const bytes = randomBytes(400_000);
  const at = new URL(await begin("resumed"));
  const socket = connect(Number(at.port), "127.0.0.1");
  socket.write(`PATCH ${at.pathname} HTTP/1.1\r\nHost: ${at.host}\r\nTransfer-Encoding: chunked\r\n\r\n`);
  socket.write(`${(250_000).toString(16)}\r\n`);
  await new Promise((resolve) => socket.write(bytes.subarray(0, 200_000), resolve));
  socket.destroy();
  let received = 0;
  await expect
    .poll(async () => {
      const { headers } = await send(at);
      received = Number(/-(\d+)$/.exec(headers.get("range") ?? "")?.[1] ?? -1) + 1;
      return received;
    })
    .toBeGreaterThan(1);
  const rest = bytes.subarray(received) as Uint8Array<ArrayBuffer>;
  const headers = { "content-range": `${received}-${bytes.length - 1}` };
  expect((await send(at, { method: "PATCH", body: rest, headers })).status).toBe(202);
  expect((await send(`${at}?digest=${sha256(bytes)}`, { method: "PUT" })).status).toBe(201);
  expect((await pulled("resumed", sha256(bytes))).bytes.equals(bytes)).toBe(true);
});

test("ranges of a blob and HEAD are served", async () => {
  const bytes = randomBytes(1_000_000);
  const digest = sha256(bytes);
  await put("parts", bytes);
  for (const [range, from, to] of [
    ["bytes=0-0", 0, 1],
    ["bytes=500000-", 500_000, 1_000_000],
    ["bytes=-7", 999_993, 1_000_000],
    ["bytes=10-99999999", 10, 1_000_000],
  ] as const) {
    const { status, headers, bytes: got } = await pulled("parts", digest, { range });
    expect([range, status, headers.get("content-range")]).toEqual([
      range,
      206,
      `bytes ${from}-${to - 1}/1000000`,
    ]);
    expect(got.equals(bytes.subarray(from, to))).toBe(true);
  }
  expect((await pulled("parts", digest, { range: "bytes=1000000-" })).status).toBe(416);
  expect((await pulled("parts", digest, { "if-none-match": `"${digest}"` })).status).toBe(304);
  const head = await send(`${url}/v2/parts/blobs/${digest}`, { method: "HEAD" });
  expect([head.status, head.headers.get("content-length"), await head.text()]).toEqual([200, "1000000", ""]);
});

test("a client that disconnects during a pull does not affect others", async () => {
  const bytes = randomBytes(5_000_000);
  const digest = sha256(bytes);
  await put("left", bytes);
  for (let i = 0; i < 20; i++) {
    const leave = new AbortController();
    const answer = await send(`${url}/v2/left/blobs/${digest}`, { signal: leave.signal });
    leave.abort();
    await answer.arrayBuffer().catch(() => {});
  }
  expect((await pulled("left", digest)).bytes.equals(bytes)).toBe(true);
});

import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { send } from "../helpers/send.ts";
import { type RunningServer, startServer } from "./start-server.ts";

// Clients that hold connections without progress. The server must still respond to others of the same address.

let server: RunningServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server[Symbol.asyncDispose]());

/** Milliseconds in which another client is answered. */
const PROMPT = 250;

/** Expects that another client is answered at once, apart from the time in which other programs have the CPU. */
function expectPromptAnswers(path: string): Promise<void> {
  return expect.poll(() => slowest(path), { timeout: 15_000, interval: 100 }).toBeLessThan(PROMPT);
}

/** Opens connections and writes to each. */
async function hold(count: number, text: string): Promise<Socket[]> {
  const sockets = Array.from({ length: count }, () =>
    connect(server.port, "127.0.0.1").on("error", () => {}),
  );
  await Promise.all(
    sockets.map((socket) => (socket.readyState === "open" ? undefined : once(socket, "connect"))),
  );
  for (const socket of sockets)
    if (text !== "") socket.write(text.replace("OWN", `localhost:${server.port}`));
  return sockets;
}

/** Duration of the slowest of several sequential requests, each over a new connection. */
async function slowest(path: string, count = 20): Promise<number> {
  let most = 0;
  for (let i = 0; i < count; i++) {
    const began = performance.now();
    const answer = await send(`http://127.0.0.1:${server.port}${path}`);
    expect(answer.status).toBe(200);
    await answer.arrayBuffer();
    most = Math.max(most, performance.now() - began);
  }
  return most;
}

test.each<[string, string]>([
  ["that say nothing", ""],
  ["that begin a header", "GET /v1/images HTTP/1.1\r\nHost: OWN\r\nX-"],
  ["whose requests have no end of their header", "GET /v1/images HTTP/1.1\r\nHost: OWN\r\n"],
  ["whose bodies do not come", "POST /v1/check HTTP/1.1\r\nHost: OWN\r\nContent-Length: 100000\r\n\r\n"],
  [
    "whose bodies come in part",
    "POST /v1/builds HTTP/1.1\r\nHost: OWN\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello",
  ],
  [
    "that push a blob and stop",
    "PATCH /v2/a/blobs/uploads/x HTTP/1.1\r\nHost: OWN\r\nContent-Length: 9\r\n\r\nabc",
  ],
])("400 connections %s do not keep others waiting", async (_, text) => {
  await slowest("/healthz");
  const sockets = await hold(400, text);
  try {
    // The server works on the parts that it has received.
    expect(await slowest("/healthz", 1)).toBeLessThan(5000);
    await expectPromptAnswers("/healthz");
    await expectPromptAnswers("/v1/images");
  } finally {
    for (const socket of sockets) socket.destroy();
  }
});

test("1000 connections of one address without a request: few are kept", async () => {
  const sockets = await hold(1000, "GET /v1/images HTTP/1.1\r\nHost: OWN\r\nX-");
  try {
    await expect.poll(() => sockets.filter(({ closed }) => !closed).length).toBeLessThanOrEqual(128);
  } finally {
    for (const socket of sockets) socket.destroy();
  }
});

test("more stalled bodies than there may be requests make room for one that does not stall", async () => {
  const sockets = await hold(700, "POST /v1/check HTTP/1.1\r\nHost: OWN\r\nContent-Length: 100000\r\n\r\n");
  try {
    await expect
      .poll(async () => (await send(`${server.url.replace("localhost", "127.0.0.1")}/healthz`)).status, {
        timeout: 10_000,
        interval: 500,
      })
      .toBe(200);
    await expectPromptAnswers("/healthz");
  } finally {
    for (const socket of sockets) socket.destroy();
  }
});

test("clients that do not read their answers make room for others", async () => {
  const sockets = await hold(600, "GET /openapi.json HTTP/1.1\r\nHost: OWN\r\n\r\n".repeat(8));
  for (const socket of sockets) socket.pause();
  try {
    await expect
      .poll(async () => (await send(`${server.url.replace("localhost", "127.0.0.1")}/healthz`)).status, {
        timeout: 30_000,
        interval: 500,
      })
      .toBe(200);
  } finally {
    for (const socket of sockets) socket.destroy();
  }
});

test("one connection has few requests at a time", async () => {
  const [socket] = await hold(1, "GET /healthz HTTP/1.1\r\nHost: OWN\r\n\r\n".repeat(1000));
  await once(socket as Socket, "close");
  await expectPromptAnswers("/healthz");
  const [polite] = await hold(1, "GET /healthz HTTP/1.1\r\nHost: OWN\r\n\r\n".repeat(8));
  let text = "";
  polite?.on("data", (bytes) => {
    text += bytes;
  });
  await expect.poll(() => text.match(/HTTP\/1\.1 200/g)?.length).toBe(8);
  polite?.destroy();
});

test("a header must come within 15 seconds, and a connection that stalls ends", async () => {
  const [socket] = await hold(1, "GET /v1/images HTTP/1.1\r\nHost: OWN\r\n");
  const began = performance.now();
  const [answer] = (await once(socket as Socket, "data")) as [Buffer];
  expect(String(answer)).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
  await once(socket as Socket, "close");
  expect(performance.now() - began).toBeLessThan(20_000);
});

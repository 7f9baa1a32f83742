import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { connect } from "node:net";
import { buffer } from "node:stream/consumers";
import { expect, test } from "vitest";
import { pause } from "../../../src/streams/pause.ts";
import { send } from "../../helpers/send.ts";
import { TestedFront } from "./tested-front.ts";

const tested = new TestedFront();

test("a request is forwarded unchanged, with headers of the front", async () => {
  tested.answer = async (request, response) => {
    const body = String(await buffer(request));
    const { method, url: target, headers } = request;
    response.setHeader("varve-front-file-no", "x");
    response.writeHead(207, { "x-own": "yes" }).end(JSON.stringify({ method, target, headers, body }));
  };
  const headers = {
    host: "any.example:1",
    "varve-front-peer": "10.0.0.1",
    "cf-connecting-ip": "10.0.0.1",
    a: "b",
  };
  const got = await send(`${tested.url}/v1/a%2Fb?c=d&c`, {
    method: "POST",
    headers,
    body: "body",
    from: "127.0.0.7",
  });
  expect([got.status, got.headers.get("x-own"), got.headers.get("varve-front-file-no")]).toEqual([
    207,
    "yes",
    null,
  ]);
  const seen = (await got.json()) as { headers: Record<string, string> };
  expect(seen).toMatchObject({ method: "POST", target: "/v1/a%2Fb?c=d&c", body: "body" });
  expect(seen.headers).toMatchObject({
    host: "any.example:1",
    a: "b",
    "content-length": "4",
    "varve-front-secret": "s3cret",
    "varve-front-peer": "127.0.0.7",
  });
  expect(seen.headers).not.toHaveProperty("cf-connecting-ip");
});

test("bodies of unknown length are forwarded in both directions, also a response during the request", async () => {
  tested.answer = (request, response) => {
    response.writeHead(200);
    response.flushHeaders();
    tested.bodyOf(request).pipe(response);
  };
  const asked = request(tested.url, { method: "POST" });
  asked.write("one");
  const [got] = (await once(asked, "response")) as [IncomingMessage];
  expect(String((await once(got, "data"))[0])).toBe("one");
  asked.write("two");
  expect(String((await once(got, "data"))[0])).toBe("two");
  asked.end();
  await once(got, "end");
});

test.each<[string, string]>([
  ["two hosts", "GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n"],
  ["an empty host", "GET / HTTP/1.1\r\nHost:\r\n\r\n"],
  ["no host", "GET / HTTP/1.1\r\n\r\n"],
  ["no host of HTTP/1.0", "GET / HTTP/1.0\r\n\r\n"],
  ["the URL of another server", "GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n"],
  ["a reserved header", "GET / HTTP/1.1\r\nHost: localhost\r\nMF-CF-Blob: {\r\n\r\n"],
  ["two lengths", "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"],
  [
    "a length and chunks",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  ],
  ["a header that is folded", "GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n"],
  ["a name with a space", "GET / HTTP/1.1\r\nHost: a\r\nX : a\r\n\r\n"],
  ["no HTTP", "hello\r\n\r\n"],
  ["HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
])("%s: 400, and nothing is forwarded", async (_, text) => {
  let hasGoneOn = false;
  tested.answer = (_request, response) => {
    hasGoneOn = true;
    response.end();
  };
  const got = await tested.raw(text);
  expect(got).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
  expect(JSON.parse(got.split("\r\n\r\n")[1] as string)).toMatchObject({
    status: 400,
    code: "request-malformed",
  });
  expect(hasGoneOn).toBe(false);
});

test("a header that is too large: 431", async () => {
  const got = await tested.raw(`GET / HTTP/1.1\r\nHost: a\r\nX: ${"x".repeat(100_000)}\r\n\r\n`);
  expect(got).toMatch(/^HTTP\/1\.1 431 /);
});

test("responses and bodies have backpressure", async () => {
  const many = 256;
  const megabyte = randomBytes(1 << 20);
  let given = 0;
  tested.answer = async (request, response) => {
    if (request.method === "GET") {
      for (; given < many; given++)
        if (!response.write(megabyte)) await Promise.race([once(response, "drain"), once(response, "close")]);
      response.end();
    }
  };
  const reader = tested.open();
  reader.pause();
  reader.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(given).toBeGreaterThan(0);
  expect(given).toBeLessThan(32);
  reader.destroy();
  const writer = tested.open();
  writer.write(`PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: ${many * megabyte.length}\r\n\r\n`);
  let taken = 0;
  const write = () => {
    if (taken++ < many) writer.write(megabyte, write);
  };
  write();
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(taken).toBeLessThan(32);
  writer.destroy();
});

test("a client that disconnects cancels its request", async () => {
  const closed = new Promise<void>((resolve) => {
    tested.answer = (request, response) => {
      response.write("begun");
      request.once("close", resolve);
    };
  });
  const socket = tested.open();
  socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  await once(socket, "data");
  socket.destroy();
  await closed;
});

test("an interrupted response is recognisable as incomplete", async () => {
  tested.answer = (_request, response) => {
    response.write("part");
    setTimeout(() => response.destroy(), 20);
  };
  const got = await send(tested.url);
  await expect(got.text()).rejects.toThrow();
});

test("while the Worker is down, clients receive 503 with Retry-After", async () => {
  tested.worker.close();
  const got = await send(`${tested.url}/v1/images`, { method: "POST", body: "x" });
  expect([got.status, got.headers.get("retry-after")]).toEqual([503, "1"]);
  expect(await got.json()).toMatchObject({ code: "runtime-restarting" });
});

test("a closed keep-alive connection to the Worker is replaced", async () => {
  tested.answer = (_request, response) => response.end("ok");
  expect(await (await send(tested.url)).text()).toBe("ok");
  tested.worker.closeAllConnections();
  expect(await (await send(tested.url)).text()).toBe("ok");
});

test("the rest of a body is read, so that the client receives the error", async () => {
  tested.answer = (request, response) => {
    response.writeHead(413).end("no");
    request.pause();
    setTimeout(() => request.socket.destroy(), 100);
  };
  const body = new Uint8Array(20 << 20);
  const got = await send(tested.url, { method: "PUT", body });
  expect([got.status, await got.text()]).toEqual([413, "no"]);
});

test("a client that closes its connection afterwards receives an early answer, too", async () => {
  tested.answer = (_request, response) => void response.writeHead(413).end("no");
  const socket = connect(Number(new URL(tested.url).port), "127.0.0.1");
  const got = buffer(socket);
  socket.write("PUT / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 20000000\r\n\r\n");
  await once(socket, "readable");
  for (let part = 0; part < 20; part++) {
    socket.write(new Uint8Array(1_000_000));
    await pause(5);
  }
  expect(String(await got)).toMatch(/^HTTP\/1\.1 413 .*\bno\b/s);
});

test("a connection serves several requests, also after an unread body", async () => {
  const seen: string[] = [];
  tested.answer = (request, response) => {
    seen.push(`${request.method} ${request.url}`);
    response.writeHead(request.method === "PATCH" ? 401 : 200).end();
  };
  const got = await tested.raw(
    [
      "GET /a HTTP/1.1\r\nHost: a\r\n\r\n",
      `PATCH /v2/a/blobs/uploads/1 HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n${"x".repeat(100_000)}`,
      "GET /b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    ].join(""),
  );
  expect(got.match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 200", "HTTP/1.1 401", "HTTP/1.1 200"]);
  expect(seen.toSorted()).toEqual(["GET /a", "GET /b", "PATCH /v2/a/blobs/uploads/1"]);
});

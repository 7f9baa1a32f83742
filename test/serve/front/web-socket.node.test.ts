import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { TestedFront } from "./tested-front.ts";

const tested = new TestedFront();

describe("a WebSocket", () => {
  const handshake =
    "GET /v1/runners HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n\r\n";

  test("is forwarded in both directions, and ends with either side", async () => {
    tested.worker.on("upgrade", (request, socket) => {
      const { upgrade, connection } = request.headers;
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: ${upgrade}\r\nConnection: ${connection}\r\nX-Peer: ${request.headers["varve-front-peer"]}\r\n\r\nhello`,
      );
      socket.on("data", (data) => socket.write(`echo ${data}`));
    });
    const socket = tested.open();
    socket.write(handshake);
    let got = "";
    socket.setEncoding("utf8").on("data", (text) => {
      got += text;
    });
    await expect.poll(() => got).toContain("hello");
    expect(got).toMatch(/^HTTP\/1\.1 101 Switching Protocols\r\n/);
    expect(got.toLowerCase()).toContain("x-peer: 127.0.0.1\r\n");
    socket.write("ping");
    await expect.poll(() => got).toContain("echo ping");
    tested.front.close();
    await once(socket, "close");
  });

  test("that the Worker rejects receives the reason", async () => {
    tested.worker.on("upgrade", (_request, socket) => {
      socket.end("HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno");
    });
    const got = await tested.raw(handshake);
    expect(got).toMatch(/^HTTP\/1\.1 401 Unauthorized\r\n/);
    expect(got).toMatch(/\r\n\r\nno$/);
  });

  test("with two hosts is rejected", async () => {
    expect(await tested.raw(handshake.replace("\r\n\r\n", "\r\nHost: evil.example\r\n\r\n"))).toMatch(
      /^HTTP\/1\.1 400 /,
    );
  });

  test("has no body", async () => {
    const got = await tested.raw(handshake.replace("\r\n\r\n", "\r\nContent-Length: 5\r\n\r\nGET /"));
    expect(got).toMatch(/^HTTP\/1\.1 400 /);
  });

  test("is the only accepted kind of upgrade", async () => {
    tested.answer = (request, response) => response.end(`${request.headers.upgrade}`);
    const got = await tested.raw("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n");
    expect(got).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(got).toContain("undefined");
  });
});

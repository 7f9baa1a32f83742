import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createFront, type Front, type FrontBounds } from "../../../src/serve/front/front.ts";
import { HeldBodies } from "../../../src/serve/front/held-bodies.ts";
import { pause } from "../../../src/streams/pause.ts";
import { send } from "../../helpers/send.ts";
import { suiteFolder } from "../../helpers/suite-folder.ts";

/** Bounds under which tests do not wait. */
const soon: FrontBounds = {
  address: { waiting: 8, active: 4 },
  all: { waiting: 16, active: 8 },
  stall: 300,
  stallUnderLoad: 200,
  header: 300,
  idle: 5_000,
};

const folder = suiteFolder();
let worker: Server;
let front: Front;
let bodies: HeldBodies;
let url: string;
/** Answers requests in place of the Worker. */
let answer: (request: IncomingMessage, response: ServerResponse) => void;

beforeEach(async () => {
  bodies = new HeldBodies();
  worker = createServer((request, response) => answer(request, response));
  worker.listen(join(folder, "worker"));
  await once(worker, "listening");
  await startFront();
});
afterEach(async () => {
  front.close();
  worker.close();
  worker.closeAllConnections();
});

async function startFront(bounds?: FrontBounds): Promise<void> {
  front?.close();
  front = createFront({ socket: join(folder, "worker"), secret: "s3cret", bodies, files: folder }, bounds);
  front.server.listen(0, "127.0.0.1");
  await once(front.server, "listening");
  url = `http://127.0.0.1:${(front.server.address() as AddressInfo).port}`;
}

async function bytesOf(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The body of a request at the Worker: its own, or the one that the front holds. */
function bodyOf(request: IncomingMessage): IncomingMessage {
  const id = request.headers["varve-front-body"];
  const held = typeof id === "string" ? bodies.take(id) : undefined;
  return held ?? request;
}

/** Sends raw text and returns the complete answer. */
async function raw(text: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  socket.write(text);
  return String(await bytesOf(socket));
}

function open(): Socket {
  return connect(Number(new URL(url).port), "127.0.0.1").on("error", () => {});
}

test("a request is forwarded unchanged, with headers of the front", async () => {
  answer = async (request, response) => {
    const body = String(await bytesOf(request));
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
  const got = await send(`${url}/v1/a%2Fb?c=d&c`, {
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
  answer = (request, response) => {
    response.writeHead(200);
    response.flushHeaders();
    bodyOf(request).pipe(response);
  };
  const asked = request(url, { method: "POST" });
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
  answer = (_request, response) => {
    hasGoneOn = true;
    response.end();
  };
  const got = await raw(text);
  expect(got).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
  expect(JSON.parse(got.split("\r\n\r\n")[1] as string)).toMatchObject({
    status: 400,
    code: "request-malformed",
  });
  expect(hasGoneOn).toBe(false);
});

test("a header that is too large: 431", async () => {
  const got = await raw(`GET / HTTP/1.1\r\nHost: a\r\nX: ${"x".repeat(100_000)}\r\n\r\n`);
  expect(got).toMatch(/^HTTP\/1\.1 431 /);
});

test("responses and bodies have backpressure", async () => {
  const many = 256;
  const megabyte = randomBytes(1 << 20);
  let given = 0;
  answer = async (request, response) => {
    if (request.method === "GET") {
      for (; given < many; given++)
        if (!response.write(megabyte)) await Promise.race([once(response, "drain"), once(response, "close")]);
      response.end();
    }
  };
  const reader = open();
  reader.pause();
  reader.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(given).toBeGreaterThan(0);
  expect(given).toBeLessThan(32);
  reader.destroy();
  const writer = open();
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
    answer = (request, response) => {
      response.write("begun");
      request.once("close", resolve);
    };
  });
  const socket = open();
  socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  await once(socket, "data");
  socket.destroy();
  await closed;
});

test("an interrupted response is recognisable as incomplete", async () => {
  answer = (_request, response) => {
    response.write("part");
    setTimeout(() => response.destroy(), 20);
  };
  const got = await send(url);
  await expect(got.text()).rejects.toThrow();
});

test("while the Worker is down, clients receive 503 with Retry-After", async () => {
  worker.close();
  const got = await send(`${url}/v1/images`, { method: "POST", body: "x" });
  expect([got.status, got.headers.get("retry-after")]).toEqual([503, "1"]);
  expect(await got.json()).toMatchObject({ code: "runtime-restarting" });
});

test("a closed keep-alive connection to the Worker is replaced", async () => {
  answer = (_request, response) => response.end("ok");
  expect(await (await send(url)).text()).toBe("ok");
  worker.closeAllConnections();
  expect(await (await send(url)).text()).toBe("ok");
});

test("the rest of a body is read, so that the client receives the error", async () => {
  answer = (request, response) => {
    response.writeHead(413).end("no");
    request.pause();
    setTimeout(() => request.socket.destroy(), 100);
  };
  const body = new Uint8Array(20 << 20);
  const got = await send(url, { method: "PUT", body });
  expect([got.status, await got.text()]).toEqual([413, "no"]);
});

test("a client that closes its connection afterwards receives an early answer, too", async () => {
  answer = (_request, response) => void response.writeHead(413).end("no");
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  const got = bytesOf(socket);
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
  answer = (request, response) => {
    seen.push(`${request.method} ${request.url}`);
    response.writeHead(request.method === "PATCH" ? 401 : 200).end();
  };
  const got = await raw(
    [
      "GET /a HTTP/1.1\r\nHost: a\r\n\r\n",
      `PATCH /v2/a/blobs/uploads/1 HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n${"x".repeat(100_000)}`,
      "GET /b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    ].join(""),
  );
  expect(got.match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 200", "HTTP/1.1 401", "HTTP/1.1 200"]);
  expect(seen.toSorted()).toEqual(["GET /a", "GET /b", "PATCH /v2/a/blobs/uploads/1"]);
});

describe("a WebSocket", () => {
  const handshake =
    "GET /v1/runners HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n\r\n";

  test("is forwarded in both directions, and ends with either side", async () => {
    worker.on("upgrade", (request, socket) => {
      const { upgrade, connection } = request.headers;
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: ${upgrade}\r\nConnection: ${connection}\r\nX-Peer: ${request.headers["varve-front-peer"]}\r\n\r\nhello`,
      );
      socket.on("data", (data) => socket.write(`echo ${data}`));
    });
    const socket = open();
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
    front.close();
    await once(socket, "close");
  });

  test("that the Worker rejects receives the reason", async () => {
    worker.on("upgrade", (_request, socket) => {
      socket.end("HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno");
    });
    const got = await raw(handshake);
    expect(got).toMatch(/^HTTP\/1\.1 401 Unauthorized\r\n/);
    expect(got).toMatch(/\r\n\r\nno$/);
  });

  test("with two hosts is rejected", async () => {
    expect(await raw(handshake.replace("\r\n\r\n", "\r\nHost: evil.example\r\n\r\n"))).toMatch(
      /^HTTP\/1\.1 400 /,
    );
  });

  test("has no body", async () => {
    const got = await raw(handshake.replace("\r\n\r\n", "\r\nContent-Length: 5\r\n\r\nGET /"));
    expect(got).toMatch(/^HTTP\/1\.1 400 /);
  });

  test("is the only accepted kind of upgrade", async () => {
    answer = (request, response) => response.end(`${request.headers.upgrade}`);
    const got = await raw("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n");
    expect(got).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(got).toContain("undefined");
  });
});

describe("a blob", () => {
  const upload = (body: BodyInit, headers = {}) =>
    send(`${url}/v2/team/app/blobs/uploads/1?digest=x`, { method: "PATCH", body, headers });

  test("that is pushed is stored by the front until the Worker accepts it", async () => {
    const blob = randomBytes(3 << 20);
    answer = async (request, response) => {
      const sent = await bytesOf(request);
      const body = bodies.take(String(request.headers["varve-front-body"]));
      if (body === undefined) throw new Error("there is no body");
      expect(bodies.take(String(request.headers["varve-front-body"]))).toBeUndefined();
      const hash = createHash("sha256")
        .update(await bytesOf(body))
        .digest("hex");
      response.end(JSON.stringify([sent.length, request.headers["varve-front-length"], hash]));
    };
    const expected = [0, String(blob.length), createHash("sha256").update(blob).digest("hex")];
    expect(await (await upload(blob)).json()).toEqual(expected);
  });

  test("that is pulled is served from its file", async () => {
    const blob = randomBytes(3 << 20);
    await writeFile(join(folder, "0f-file"), blob);
    answer = (_request, response) => {
      response.writeHead(206, {
        "content-range": "x",
        "varve-front-file": "0f-file",
        "varve-front-offset": "1000",
        "varve-front-length": "2000000",
      });
      response.end();
    };
    const got = await send(`${url}/v2/a/blobs/b`);
    expect([got.status, got.headers.get("content-length"), got.headers.get("content-range")]).toEqual([
      206,
      "2000000",
      "x",
    ]);
    expect(got.headers.has("varve-front-file")).toBe(false);
    expect(Buffer.from(await got.arrayBuffer()).equals(blob.subarray(1000, 2_001_000))).toBe(true);
  });

  test("whose file was replaced is requested again", async () => {
    await writeFile(join(folder, "second"), "second");
    const names = ["first", "second"];
    answer = (_request, response) => {
      const name = names.shift() ?? "none";
      response.writeHead(200, {
        "varve-front-file": name,
        "varve-front-offset": "0",
        "varve-front-length": "6",
      });
      response.end();
    };
    expect(await (await send(`${url}/v2/a/blobs/b`)).text()).toBe("second");
  });

  test.each(["../worker", "..", "/etc/passwd", "a/b"])(
    "is never read outside of the folder: %s",
    async (name) => {
      answer = (_request, response) => {
        response.writeHead(200, {
          "varve-front-file": name,
          "varve-front-offset": "0",
          "varve-front-length": "6",
        });
        response.end();
      };
      await expect(send(`${url}/v2/a/blobs/b`)).rejects.toThrow();
    },
  );

  test("whose file became shorter ends the response early", async () => {
    await writeFile(join(folder, "short"), "short");
    answer = (_request, response) => {
      response.writeHead(200, {
        "varve-front-file": "short",
        "varve-front-offset": "0",
        "varve-front-length": "100",
      });
      response.end();
    };
    await expect((await send(`${url}/v2/a/blobs/b`)).text()).rejects.toThrow();
  });
});

describe("clients that hold connections", () => {
  beforeEach(() => startFront(soon));

  test("half-open are closed above a limit, and others are served", async () => {
    answer = (_request, response) => response.end("ok");
    const answered = async () => {
      const began = Date.now();
      expect(await (await send(url)).text()).toBe("ok");
      return Date.now() - began;
    };
    const idle = await answered();
    const held = Array.from({ length: 40 }, open);
    for (const socket of held) socket.write("GET / HTTP/1.1\r\nHo");
    // The machine may be busy with other tests.
    expect(await answered()).toBeLessThan(250 + 10 * idle);
    await expect
      .poll(() => held.filter(({ closed }) => !closed).length)
      .toBeLessThanOrEqual(soon.address.waiting);
    for (const socket of held) socket.destroy();
  });

  test("with an incomplete header receive an error", async () => {
    expect(await raw("GET / HTTP/1.1\r\nHost: a\r\n")).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
  });

  test("without sending anything are closed", async () => {
    expect(await raw("")).toMatch(/^(?:HTTP\/1\.1 408 |$)/);
  });

  test("with a stalled body receive an error, and the request to the Worker is cancelled", async () => {
    const broken = new Promise<void>((resolve) => {
      answer = (request) => void bodyOf(request).once("close", resolve).resume();
    });
    expect(await raw("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nhalf")).toMatch(
      /^HTTP\/1\.1 408 Request Timeout\r\n/,
    );
    await broken;
  });

  test("with a small stalled body receive an error, without a request to the Worker", async () => {
    let isAsked = false;
    answer = () => {
      isAsked = true;
    };
    expect(await raw("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf")).toMatch(
      /^HTTP\/1\.1 408 Request Timeout\r\n/,
    );
    expect(isAsked).toBe(false);
  });

  test("with a slow body are served while it makes progress", async () => {
    answer = async (request, response) => response.end(String(await bytesOf(bodyOf(request))));
    const asked = request(url, { method: "PUT" });
    for (let i = 0; i < 15; i++) {
      asked.write(String(i % 10));
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    asked.end();
    const [got] = (await once(asked, "response")) as [IncomingMessage];
    expect(String(await bytesOf(got))).toBe("012345678901234");
  });

  test("are never stopped because the Worker is slow", async () => {
    answer = async (request, response) => {
      await new Promise((resolve) => setTimeout(resolve, 1500));
      response.end(String((await bytesOf(bodyOf(request))).length));
    };
    const body = new Uint8Array(5 << 20);
    expect(await (await send(url, { method: "PUT", body })).text()).toBe(String(body.length));
  });

  test("with too many requests are rejected until some have ended", async () => {
    const waiting: ServerResponse[] = [];
    answer = (_request, response) => void waiting.push(response);
    const asked = Array.from({ length: 4 }, () => send(url));
    await expect.poll(() => waiting.length).toBe(4);
    const refused = await send(url);
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "1"]);
    expect(await refused.json()).toMatchObject({ code: "too-many-requests" });
    const other = send(url, { from: "127.0.0.2" });
    await expect.poll(() => waiting.length).toBe(5);
    for (const response of waiting) response.end("ok");
    for (const one of [...asked, other]) expect(await (await one).text()).toBe("ok");
    answer = (_request, response) => response.end("ok");
    await expect.poll(async () => (await send(url)).status).toBe(200);
  });
});

describe("static text", () => {
  const page = "<p>text</p>".repeat(1000);
  const get = (
    path: string,
    headers: Record<string, string> = { "accept-encoding": "br, gzip" },
    method = "GET",
  ) => send(`${url}${path}`, { headers, method });
  beforeEach(() => {
    answer = (_, response) => {
      const type = "text/html; charset=utf-8";
      response.writeHead(200, { "content-type": type, "content-length": page.length, etag: '"e"' }).end(page);
    };
  });

  test("is compressed", async () => {
    const got = await get("/assets/a");
    const names = ["content-encoding", "content-length", "etag", "vary"];
    expect(names.map((name) => got.headers.get(name))).toEqual(["gzip", null, 'W/"e"', "accept-encoding"]);
    const bytes = Buffer.from(await got.arrayBuffer());
    expect(bytes.length).toBeLessThan(page.length / 10);
    expect(String(gunzipSync(bytes))).toBe(page);
  });

  test.each<[string, () => Promise<Response>]>([
    ["for a client that does not accept it", () => get("/", {})],
    ["for a client that rejects it", () => get("/", { "accept-encoding": "br, gzip;q=0" })],
    ["in the API, where it could reveal a secret", () => get("/v1/containers/a/ports/80/")],
    ["in an answer to HEAD", () => get("/", undefined, "HEAD")],
  ])("is not compressed %s", async (_, request) => {
    const got = await request();
    expect(got.headers.get("content-encoding")).toBeNull();
    expect(got.headers.get("content-length")).toBe(String(page.length));
  });

  test("is not compressed twice", async () => {
    answer = (_, response) => {
      const headers = { "content-type": "text/css", "content-encoding": "br" };
      response.writeHead(200, headers).end("brotli");
    };
    expect(await (await get("/")).text()).toBe("brotli");
  });

  test("that ends early is incomplete for the client", async () => {
    answer = (_, response) => {
      response.writeHead(200, { "content-type": "text/html", "content-length": 5000 }).write("a");
      setTimeout(() => response.destroy(), 50);
    };
    await expect(get("/").then((got) => got.arrayBuffer())).rejects.toThrow();
  });
});

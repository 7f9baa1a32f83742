import type { IncomingMessage, ServerResponse } from "node:http";
import { describe, expect, test } from "vitest";
import { checkedFetch } from "../../src/network/checked-fetch.ts";
import { blobKey } from "../../src/oci/content-key.ts";
import type { Descriptor } from "../../src/oci/descriptor.ts";
import { OCI } from "../../src/oci/media-types.ts";
import { parseReference } from "../../src/oci/reference.ts";
import { remoteRegistries } from "../../src/registry/remote/remote-registries.ts";
import { memoryStore } from "../../src/store/memory-store.ts";
import { imageResolver } from "../helpers/image-resolver.ts";
import { serveLoopback } from "../helpers/loopback.ts";
import { content } from "./test-image.ts";

const layer = content(new Uint8Array(300_000).fill(7), OCI.layerGzip);

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

function setup(origin: string, idleTimeout = 10_000) {
  const store = memoryStore();
  const options = { policy: { allowLoopback: true }, sleep: async () => {}, idleTimeout, timeout: 300 };
  const reference = parseReference(`${origin.slice("http://".length)}/app:v1`);
  const remote = remoteRegistries(options)(reference.host);
  return { store, remote, reference, pull: imageResolver({ store, ...options }) };
}

const whole = { "Content-Length": String(layer.bytes.length) };

describe("over sockets", () => {
  test("a download whose connection is lost stores nothing, and the next attempt all of it", async () => {
    let tries = 0;
    await using server = await serveLoopback((_, response) => {
      response.writeHead(200, whole);
      tries++;
      if (tries === 3) response.end(layer.bytes);
      else response.write(layer.bytes.subarray(0, 100_000), () => setTimeout(() => response.destroy(), 20));
    });
    const { pull, store, reference } = setup(server.origin);
    await pull.ensureBlob(reference, layer.descriptor);
    expect(tries).toBe(3);
    expect(await store.getBytes(blobKey(layer.descriptor.digest))).toEqual(layer.bytes);
  });

  test("a download that stalls starts again", async () => {
    let tries = 0;
    await using server = await serveLoopback((_, response) => {
      response.writeHead(200, whole);
      tries++;
      if (tries === 2) response.end(layer.bytes);
      else response.write(layer.bytes.subarray(0, 100_000));
    });
    const { pull, store, reference } = setup(server.origin, 300);
    await pull.ensureBlob(reference, layer.descriptor);
    expect(tries).toBe(2);
    expect(await store.getBytes(blobKey(layer.descriptor.digest))).toEqual(layer.bytes);
  });

  test.each<[name: string, answer: Answer, failure: object]>([
    [
      "always breaks off",
      (_, response) => {
        response.writeHead(200, whole);
        response.write("x", () => setTimeout(() => response.destroy(), 5));
      },
      { fault: "NETWORK" },
    ],
    [
      "ends early without saying how much there is",
      (_, response) => response.end("xyz"),
      { fault: "BAD_ANSWER", message: expect.stringMatching(/300000 bytes were promised, received 3/) },
    ],
    [
      "has one byte wrong",
      (_, response) => response.writeHead(200, whole).end(new Uint8Array(300_000)),
      { fault: "BAD_ANSWER", message: expect.stringMatching(/the bytes have digest/) },
    ],
    [
      "has more than it should",
      (_, response) => response.end(new Uint8Array(400_000)),
      { fault: "BAD_ANSWER", message: expect.stringMatching(/promised, received more/) },
    ],
    ["hangs up at once", (request) => request.socket.destroy(), { fault: "NETWORK" }],
    ["never answers", () => {}, { fault: "TIMEOUT" }],
    [
      "stops in the middle",
      (_, response) => void response.writeHead(200, whole).write("x"),
      { fault: "TIMEOUT" },
    ],
    [
      "redirects endlessly",
      (request, response) => response.writeHead(307, { Location: `${request.url}x` }).end(),
      { fault: "ADDRESS_REFUSED" },
    ],
    [
      "redirects into the cloud's metadata",
      (_, response) => response.writeHead(307, { Location: "http://169.254.169.254/" }).end(),
      { fault: "ADDRESS_REFUSED" },
    ],
    ["has too many requests", (_, response) => response.writeHead(429).end(), { fault: "TOOMANYREQUESTS" }],
  ])("a registry that %s", async (_, answer, failure) => {
    await using server = await serveLoopback(answer);
    const { pull, store, reference } = setup(server.origin, 300);
    await expect(pull.ensureBlob(reference, layer.descriptor)).rejects.toMatchObject(failure);
    expect(await store.head(blobKey(layer.descriptor.digest))).toBeUndefined();
  });

  test("no content encoding is requested", async () => {
    await using server = await serveLoopback((_, response) =>
      response.writeHead(200, whole).end(layer.bytes),
    );
    const { pull, reference } = setup(server.origin);
    await pull.ensureBlob(reference, layer.descriptor);
    expect(server.headers[0]?.["accept-encoding"]).toBe("identity");
  });

  test("another origin on the same machine does not see the credentials", async () => {
    await using cdn = await serveLoopback((_, response) => response.end(layer.bytes));
    await using server = await serveLoopback((request, response) => {
      if (request.headers.authorization === undefined) {
        response.writeHead(401, { "WWW-Authenticate": 'Basic realm="x"' }).end();
      } else response.writeHead(307, { Location: `${cdn.origin}/signed` }).end();
    });
    const reference = parseReference(`${server.origin.slice("http://".length)}/app`);
    const pull = imageResolver({
      store: memoryStore(),
      policy: { allowLoopback: true },
      credentials: () => ({ username: "u", password: "p" }),
    });
    await pull.ensureBlob(reference, layer.descriptor as Descriptor);
    expect(server.headers[1]?.authorization).toBe(`Basic ${btoa("u:p")}`);
    expect(cdn.requests).toEqual(["GET /signed"]);
    expect(cdn.headers[0]?.authorization).toBeUndefined();
  });

  test("a port without a server is reported", async () => {
    const server = await serveLoopback(() => {});
    await server[Symbol.asyncDispose]();
    const { remote } = setup(server.origin);
    const address = server.origin.slice("http://".length);
    await expect(remote.resolveManifest("app", "v1")).rejects.toMatchObject({
      fault: "NETWORK",
      message:
        `failed to do request: Head "${server.origin}/v2/app/manifests/v1": ` +
        `dial tcp ${address}: connect: connection refused`,
    });
  });
});

describe("checkedFetch()", () => {
  test("removes user and password from the URL, for the first origin only", async () => {
    await using other = await serveLoopback((_, response) => response.end("there"));
    await using server = await serveLoopback((request, response) => {
      const to = request.url === "/near" ? "/here" : `${other.origin.replace("//", "//evil:x@")}/there`;
      if (request.url === "/here") response.end("here");
      else response.writeHead(302, { Location: to }).end();
    });
    const fetch = checkedFetch({ allowLoopback: true });
    const base = server.origin.replace("//", "//us%40er:pass@");
    expect(await (await fetch(`${base}/near`)).text()).toBe("here");
    expect(server.headers.map(({ authorization }) => authorization)).toEqual(
      new Array(2).fill(`Basic ${btoa("us@er:pass")}`),
    );
    expect(await (await fetch(`${base}/far`)).text()).toBe("there");
    expect(other.headers[0]?.authorization).toBeUndefined();
  });

  test("turns a redirected POST into a GET, unless it must stay one", async () => {
    await using server = await serveLoopback((request, response) => {
      if (request.url === "/end") response.end(request.method);
      else response.writeHead(Number(request.url?.slice(1)), { Location: "/end" }).end();
    });
    const fetch = checkedFetch({ allowLoopback: true });
    const method = async (status: number) =>
      (await fetch(`${server.origin}/${status}`, { method: "POST", body: "x" })).text();
    expect(await Promise.all([301, 302, 303, 307, 308].map(method))).toEqual([
      "GET",
      "GET",
      "GET",
      "POST",
      "POST",
    ]);
  });
});

import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { send } from "../helpers/send.ts";
import { type RunningServer, startServer } from "./start-server.ts";

// A server without an admin trusts the programs of its machine. Pages in a browser and servers that pretend to be this
// machine must not be treated as such programs.

let server: RunningServer;
let own: string;
beforeAll(async () => {
  server = await startServer();
  own = `localhost:${server.port}`;
});
afterAll(() => server[Symbol.asyncDispose]());

const ask = (path: string, headers: Record<string, string>, method = "GET", body?: string) =>
  send(`http://127.0.0.1:${server.port}${path}`, { method, headers, ...(body !== undefined && { body }) });

/** Sends text unchanged. Returns the status of the answer. */
function raw(text: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect(server.port, "127.0.0.1");
    let got = "";
    socket.setEncoding("latin1").on("data", (chunk) => {
      got += chunk;
      const [, status] = /^HTTP\/1\.[01] (\d{3})/.exec(got) ?? [];
      if (status === undefined) return;
      socket.destroy();
      resolve(Number(status));
    });
    socket.once("error", reject).once("close", () => reject(new Error(`closed behind "${got}"`)));
    socket.write(text.replaceAll("OWN", own));
  });
}

const request = JSON.stringify({ name: "x", scopes: ["admin:**"] });
const rebound = { host: "evil.example", origin: "http://evil.example" };

async function expectNoToken(): Promise<void> {
  expect(await (await fetch(`${server.url}/v1/tokens`)).json()).toEqual({ tokens: [] });
}

describe("a name that its owner makes resolve to this machine (DNS rebinding)", () => {
  test.each<[string, Record<string, string>]>([
    ["alone", {}],
    ["with a bearer token", { authorization: "Bearer x" }],
    ["with a password", { authorization: `Basic ${btoa("a:b")}` }],
    ["with X-Forwarded-Host", { "x-forwarded-host": "OWN", "x-forwarded-proto": "http" }],
    ["with X-Forwarded-For", { "x-forwarded-for": "127.0.0.1", forwarded: "for=127.0.0.1;host=localhost" }],
    ["with CF-Connecting-IP", { "cf-connecting-ip": "127.0.0.1" }],
    ["with headers of the front", { "varve-front-peer": "127.0.0.1", "varve-front-secret": "guess" }],
  ])("%s", async (_, headers) => {
    const given = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, value.replace("OWN", own)]),
    );
    for (const path of ["/v1/tokens", "/v1/images", "/v1/usage", "/v2/_catalog", "/v1/runners"])
      expect([path, (await ask(path, { ...given, host: "evil.example" })).status]).toEqual([path, 401]);
    expect((await ask("/v1/tokens", { ...given, ...rebound }, "POST", request)).status).toBe(401);
    expect((await ask("/v1/tokens", { ...given, host: "evil.example" }, "POST", request)).status).toBe(401);
    await expectNoToken();
  });

  test.each([
    "MF-Original-URL",
    "mf-original-url",
    "MF-Route-Override",
    "MF-CF-Blob",
    "MF-Proxy-Shared-Secret",
    "MF-Op",
  ])("with %s", async (name) => {
    for (const value of [`http://${own}/v1/images`, "varve", "{", "{}", ""]) {
      expect((await ask("/v1/images", { host: "evil.example", [name]: value })).status).toBe(400);
      const headers = { ...rebound, [name]: value, authorization: "Bearer x" };
      expect((await ask("/v1/tokens", headers, "POST", request)).status).toBe(400);
    }
    await expectNoToken();
  });

  test("cannot connect as a runner", async () => {
    const socket = {
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
      "sec-websocket-protocol": "varve.runner",
    };
    expect((await ask("/v1/runners", { ...socket, ...rebound })).status).toBe(401);
    expect((await ask("/v1/runners", { ...socket, host: own, origin: "http://evil.example" })).status).toBe(
      403,
    );
  });
});

test.each<[string, Record<string, string>]>([
  ["alone", {}],
  ["with a bearer token", { authorization: "Bearer x" }],
  ["with a password", { authorization: `Basic ${btoa("a:b")}` }],
  ["that calls itself the same site", { "sec-fetch-site": "same-origin" }],
])("a page of another origin changes nothing: %s", async (_, headers) => {
  const writes: [string, string][] = [
    ["POST", "/v1/tokens"],
    ["PUT", "/v1/access"],
    ["POST", "/v1/builds?t=a"],
    ["POST", "/v1/prune"],
    ["DELETE", "/v1/images/a/1"],
    ["POST", "/v2/a/blobs/uploads/"],
    ["PUT", "/v2/a/manifests/1"],
    ["POST", "/v1.47/images/prune"],
    ["POST", "/build?t=a"],
  ];
  for (const origin of [
    "http://evil.example",
    "null",
    "http://localhost:1",
    `https://${own}`,
    `http://${own}.evil.example`,
  ]) {
    for (const [method, path] of writes) {
      const { status } = await ask(path, { ...headers, host: own, origin }, method, request);
      expect([origin, method, path, status]).toEqual([origin, method, path, 403]);
    }
  }
  await expectNoToken();
});

test("the page of the server itself may write", async () => {
  const headers = { host: own, origin: `http://${own}`, "sec-fetch-site": "same-origin" };
  expect((await ask("/v1/check", headers, "POST", "FROM scratch\n")).status).toBe(200);
});

test.each([
  "Bearer x",
  "Bearer varve_0123456789abcdef_0123456789012345678901234567890123456789012",
  "Digest x",
])("a rejected credential is never treated as a missing one: %s", async (authorization) => {
  for (const path of ["/v1/tokens", "/v1/images", "/v2/_catalog", "/images/json"]) {
    const { status } = await ask(path, { host: own, authorization });
    expect([path, [401, 429].includes(status), status]).toEqual([path, true, status]);
  }
});

test.each<[string, number, string]>([
  ["two Host headers", 400, "GET /v1/images HTTP/1.1\r\nHost: OWN\r\nHost: evil.example\r\n\r\n"],
  [
    "two Host headers, the foreign one first",
    400,
    "GET /v1/images HTTP/1.1\r\nHost: evil.example\r\nHost: OWN\r\n\r\n",
  ],
  ["an empty Host", 400, "GET /v1/images HTTP/1.1\r\nHost: \r\n\r\n"],
  ["no Host", 400, "GET /v1/images HTTP/1.1\r\n\r\n"],
  ["a Host that is no host", 400, "GET /v1/images HTTP/1.1\r\nHost: ///\r\n\r\n"],
  ["a Host with a user", 400, "GET /v1/images HTTP/1.1\r\nHost: localhost@evil.example\r\n\r\n"],
  ["a malformed MF-CF-Blob", 400, "GET /v1/images HTTP/1.1\r\nHost: OWN\r\nMF-CF-Blob: {\r\n\r\n"],
  [
    "the URL of this machine as its target",
    400,
    "GET http://OWN/v1/images HTTP/1.1\r\nHost: evil.example\r\n\r\n",
  ],
  ["a length that is no number", 400, "POST /v1/check HTTP/1.1\r\nHost: OWN\r\nContent-Length: -1\r\n\r\n"],
  ["a foreign Host behind a tab", 400, "GET /v1/images HTTP/1.1\r\nHost: OWN\tevil.example\r\n\r\n"],
  ["a line break in a name", 400, "GET /v1/images HTTP/1.1\r\nHost: OWN\r\nA\nB: c\r\n\r\n"],
  ["a port that is no number", 400, "GET /v1/images HTTP/1.1\r\nHost: localhost:8o\r\n\r\n"],
  ["a path that is not UTF-8", 404, "GET /v1/%ff%fe HTTP/1.1\r\nHost: OWN\r\n\r\n"],
  [
    "another machine that is almost this one",
    401,
    "GET /v1/images HTTP/1.1\r\nHost: localhost.evil.example\r\n\r\n",
  ],
  ["the address of all", 401, "GET /v1/images HTTP/1.1\r\nHost: 0.0.0.0\r\n\r\n"],
  ["this machine", 200, "GET /v1/images HTTP/1.1\r\nHost: OWN\r\n\r\n"],
])("%s: %i", async (_, status, text) => {
  expect(await raw(text)).toBe(status);
});

import { expect, test } from "vitest";
import { headersForClient, headersForWorker } from "../../../src/serve/front/request-head.ts";

const host = ["Host", "localhost:8787"];

test.each<[string, string, string[]]>([
  ["a target that is a URL", "http://localhost/v1/images", host],
  ["a target that is no path", "*", host],
  ["no host", "/", []],
  ["an empty host", "/", ["Host", ""]],
  ["two hosts", "/", [...host, "Host", "evil.example"]],
  ["the same host twice", "/", [...host, "host", "localhost:8787"]],
  ["a host with a user", "/", ["Host", "a@localhost"]],
  ["a host with a path", "/", ["Host", "localhost/evil"]],
  ["a host that is percent-encoded", "/", ["Host", "%6cocalhost"]],
  ["a host with a space", "/", ["Host", "local host"]],
  ["a port that is no number", "/", ["Host", "localhost:x"]],
  ["a port that is too large", "/", ["Host", "localhost:65536"]],
  ["an address that is none", "/", ["Host", "1.2.3.4.5"]],
  ["an address of IPv6 that is none", "/", ["Host", "[::1::]"]],
  ["MF-Original-URL", "/", [...host, "MF-Original-URL", "http://localhost/"]],
  ["mf-cf-blob", "/", [...host, "mf-cf-blob", "{"]],
  ["any header of the runtime", "/", [...host, "Mf-Something-New", "1"]],
])("%s is rejected", (_, url, rawHeaders) => {
  expect(headersForWorker({ url, rawHeaders })).toMatchObject({ status: 400, code: "request-malformed" });
});

test.each([
  "localhost",
  "localhost:8787",
  "127.0.0.1:1",
  "[::1]:8787",
  "varve.example.com",
  "a_b-c.example:65535",
])("%s is a host", (name) => {
  expect(headersForWorker({ url: "/", rawHeaders: ["Host", name] })).toEqual([["Host", name]]);
});

test("headers of the connection, of Cloudflare and of the front are removed; all others are forwarded in order", () => {
  const rawHeaders = [
    ...[
      "Accept",
      "a",
      "Accept",
      "b",
      "Connection",
      "keep-alive, Origin",
      "Keep-Alive",
      "1",
      "TE",
      "trailers",
    ],
    ...["CF-Connecting-IP", "127.0.0.1", "cf-ray", "1", "Varve-Front-Secret", "x", "varve-front-peer", "::1"],
    ...[
      "Transfer-Encoding",
      "chunked",
      "Upgrade",
      "h2c",
      "Origin",
      "http://evil.example",
      "Proxy-Connection",
      "x",
    ],
    ...host,
  ];
  expect(headersForWorker({ url: "/v2/?a=b", rawHeaders })).toEqual([
    ["Accept", "a"],
    ["Accept", "b"],
    ["Origin", "http://evil.example"],
    host,
  ]);
});

test("headers of the Worker for the front are not sent to clients", () => {
  const rawHeaders = [
    "ETag",
    "x",
    "Varve-Front-File",
    "f",
    "Connection",
    "close",
    "Set-Cookie",
    "a",
    "Set-Cookie",
    "b",
  ];
  expect(headersForClient(rawHeaders)).toEqual([
    ["ETag", "x"],
    ["Set-Cookie", "a"],
    ["Set-Cookie", "b"],
  ]);
});

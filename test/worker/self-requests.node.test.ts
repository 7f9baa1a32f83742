import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startServer } from "../cli/server.ts";
import { contextOf } from "../helpers/context-archive.ts";
import { type LoopbackServer, serveLoopback } from "../helpers/loopback.ts";

// A server without an admin token trusts local callers, and its own requests are local too.

let server: Awaited<ReturnType<typeof startServer>>;
let port: string;
/** Another server on this machine: serves a file, or redirects to the URL in its query. */
let other: LoopbackServer;
/** Marks that the other server received. */
const marks: (string | undefined)[] = [];

beforeAll(async () => {
  server = await startServer();
  port = new URL(server.url).port;
  other = await serveLoopback((asked, answer) => {
    marks.push(asked.headers["varve-mark"]?.toString());
    const to = new URL(asked.url ?? "", "http://localhost").searchParams.get("to");
    if (to !== null) answer.writeHead(302, { location: to }).end();
    else answer.end("of another");
  });
  expect((await build(server.url, "FROM scratch\nLABEL a=b\n", "t=secret/app")).status).toBe(200);
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await other[Symbol.asyncDispose]();
});

function build(url: string, dockerfile: string, query = "", secret?: string): Promise<Response> {
  const body = contextOf({ Dockerfile: dockerfile });
  const headers = secret === undefined ? {} : { authorization: `Bearer ${secret}` };
  return fetch(`${url}/v1/builds?${query}`, { method: "POST", body, headers });
}

async function detailOf(answer: Response): Promise<string> {
  const { status } = answer;
  const { code, detail } = (await answer.json()) as { code: string; detail: string };
  return `${status} ${code} ${detail}`;
}

const isItself = /^400 download-failed .*it is the server that asks/s;

describe("a build cannot read responses of its own server", () => {
  test.each<[string, (port: string) => string]>([
    ["by name", (port) => `http://localhost:${port}/v1/builds`],
    ["by its address", (port) => `http://127.0.0.1:${port}/v1/usage`],
    ["as a number", (port) => `http://2130706433:${port}/v2/_catalog`],
    ["in octal and hexadecimal", (port) => `http://0177.0x1:${port}/healthz`],
    ["as IPv6", (port) => `http://[::ffff:127.0.0.1]:${port}/openapi.json`],
    ["with a user", (port) => `http://a:b@127.0.0.1:${port}/v1/tokens`],
    ["where there is nothing", (port) => `http://127.0.0.1:${port}/nothing`],
    ["through another", (port) => `${other.origin}/?to=http://localhost:${port}/v1/builds`],
    ["as a repository", (port) => `http://localhost:${port}/a.git`],
  ])("%s", async (_, url) => {
    expect(await detailOf(await build(server.url, `FROM scratch\nADD ${url(port)} /x\n`))).toMatch(isItself);
  });

  test("by any name of the server", async () => {
    const body = contextOf({ Dockerfile: `FROM scratch\nADD ${server.url}/v1/builds /x\n` });
    const text = await new Promise<string>((resolve, reject) => {
      const headers = { host: "127.0.0.1:1" };
      const asking = request(
        { host: "127.0.0.1", port, path: "/v1/builds", method: "POST", headers },
        async (answer) => {
          let text = "";
          for await (const chunk of answer.setEncoding("utf8")) text += chunk;
          resolve(text);
        },
      );
      asking.on("error", reject).end(body);
    });
    expect(JSON.parse(text)).toMatchObject({ detail: expect.stringContaining("it is the server that asks") });
  });

  test("but can read those of other servers on the machine", async () => {
    expect((await build(server.url, `FROM scratch\nADD ${other.origin}/file /x\n`)).status).toBe(200);
  });
});

test("another server cannot recognize this one by its mark", async () => {
  marks.length = 0;
  for (const name of ["one", "two"])
    expect((await build(server.url, `FROM scratch\nADD ${other.origin}/${name} /x\n`)).status).toBe(200);
  const words = marks.flatMap((mark) => (mark ?? "").split("."));
  expect(words.length).toBeGreaterThanOrEqual(4);
  expect(new Set(words).size).toBe(words.length);
  expect(words.every((word) => word.length >= 32)).toBe(true);
});

test("a forged mark is ignored", async () => {
  for (const mark of ["", "x", `${crypto.randomUUID()}.${"0".repeat(64)}`, "x".repeat(5000)])
    expect((await fetch(`${server.url}/healthz`, { headers: { "varve-mark": mark } })).status).toBe(200);
});

test("its images are found by every name of the machine, with access checks", async () => {
  for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`])
    expect([host, (await build(server.url, `FROM ${host}/secret/app\n`)).status]).toEqual([host, 200]);
  const body = JSON.stringify({ name: "", scopes: ["build:ours/*"] });
  const made = await fetch(`${server.url}/v1/tokens`, { method: "POST", body });
  const { token } = (await made.json()) as { token: string };
  const from = (name: string) => build(server.url, `FROM 127.0.0.1:${port}/${name}\n`, "t=ours/app", token);
  const [hidden, missing] = [await from("secret/app"), await from("secret/not")];
  expect([hidden.status, missing.status]).toEqual([400, 400]);
  expect((await detailOf(hidden)).replaceAll("secret/app", "x")).toBe(
    (await detailOf(missing)).replaceAll("secret/not", "x"),
  );
});

import type { IncomingMessage, ServerResponse } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type LocalServer, startLocalServer } from "../../src/serve/local-server.ts";
import { contextOf } from "../helpers/context-archive.ts";
import { type LoopbackServer, serveLoopback } from "../helpers/loopback.ts";
import { suiteFolder } from "../helpers/suite-folder.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";
import { listeningSockets } from "./listening-sockets.ts";
import { type RunningServer, startServer } from "./start-server.ts";

// URLs and registries in a Dockerfile or a request make the server send requests. A deployed server may send them to
// the public network only, a local one also to loopback, and none to itself.

const admin = "secret-of-the-admin";

/** A request that names a URL or a registry. */
type Way = (target: string) => { path: string; body: BodyInit };

const dockerfile = (text: string) => contextOf({ Dockerfile: text });
const withoutScheme = (url: string) => url.replace(/^https?:\/\//, "").replace(/\/$/, "");

const ways: Record<string, Way> = {
  ADD: (url) => ({ path: "/v1/builds?t=a", body: dockerfile(`FROM scratch\nADD ${url} /x\n`) }),
  "ADD of a git repository": (url) => ({
    path: "/v1/builds?t=a",
    body: dockerfile(`FROM scratch\nADD ${url.replace(/\/$/, "")}/a.git /x\n`),
  }),
  FROM: (url) => ({ path: "/v1/builds?t=a", body: dockerfile(`FROM ${withoutScheme(url)}/team/app\n`) }),
  "COPY --from": (url) => ({
    path: "/v1/builds?t=a",
    body: dockerfile(`FROM scratch\nCOPY --from=${withoutScheme(url)}/team/app /x /x\n`),
  }),
  "a named context": (url) => ({
    path: `/v1/builds?t=a&contexts=${encodeURIComponent(JSON.stringify({ base: `docker-image://${withoutScheme(url)}/team/app` }))}`,
    body: dockerfile("FROM base\n"),
  }),
  "a plan": (url) => ({ path: "/v1/plan?t=a", body: `FROM ${withoutScheme(url)}/team/app\n` }),
  "docker pull": (url) => ({
    path: `/v1.47/images/create?fromImage=${encodeURIComponent(`${withoutScheme(url)}/team/app`)}&tag=1`,
    body: "",
  }),
  "a build of docker": (url) => ({
    path: "/v1.47/build?t=a",
    body: dockerfile(`FROM scratch\nADD ${url} /x\n`),
  }),
  "a remote context of docker": (url) => ({
    path: `/v1.47/build?t=a&remote=${encodeURIComponent(url)}`,
    body: "",
  }),
};

/** Spellings of addresses that are not public. No request is sent to them, so no test waits for an answer. */
const privates = [
  "http://169.254.169.254/latest/meta-data/",
  "http://2852039166/",
  "http://0xa9.0xfe.0xa9.0xfe/",
  "http://10.0.0.1/",
  "http://172.16.0.1/",
  "http://192.168.1.1/",
  "http://100.100.100.200/",
  "http://0.0.0.0/",
  "http://[fd00:ec2::254]/",
  "http://[fe80::1]/",
  "http://[::ffff:10.0.0.1]/",
  "http://metadata.google.internal/",
  "http://router.lan/",
  "http://nas/",
];

const loopbacks = (port: number) => [
  `http://127.0.0.1:${port}/`,
  `http://localhost:${port}/`,
  `http://127.1:${port}/`,
  `http://2130706433:${port}/`,
  `http://0177.0.0.1:${port}/`,
  `http://[::ffff:127.0.0.1]:${port}/`,
  `http://localhost.:${port}/`,
  `http://a.localhost:${port}/`,
];

/** Another server on this machine. It redirects to the URL in the path. */
let canary: LoopbackServer;
beforeAll(async () => {
  canary = await serveLoopback((request: IncomingMessage, response: ServerResponse) => {
    const to = new URL(request.url ?? "", "http://localhost").searchParams.get("to");
    if (to === null) response.end("of the canary");
    else response.writeHead(302, { location: to }).end();
  });
});
afterAll(() => canary[Symbol.asyncDispose]());

/** Messages for a request that was not sent, or for a name that this machine cannot resolve. */
const isRefused = /not on the public network|it is the server that asks|the network failed/;

const portOf = (url: string) => Number(new URL(url).port);

/** Sends a request that must be rejected. Returns the message. */
async function rejected(
  url: string,
  way: string,
  target: string,
  headers: Record<string, string>,
): Promise<string> {
  const { path, body } = (ways[way] as Way)(target);
  const began = performance.now();
  const answer = await fetch(`${url}${path}`, { method: "POST", body, headers });
  const text = await answer.text();
  // Plans and the Engine API answer 200 and report the error in the body. A name without a dot is a repository of
  // Docker Hub, which these tests cannot reach.
  const isReported = answer.status === 200 && /"error":|"problem":/.test(text);
  const isHub = /registry-1\.docker\.io|"docker\.io\//.test(text);
  const isRejected =
    (answer.status >= 400 && answer.status < 500) || answer.status === 501 || isReported || isHub;
  expect([way, target, isRejected, answer.status, text]).toEqual([way, target, true, answer.status, text]);
  expect(text).not.toContain("of the canary");
  expect([way, target, performance.now() - began < 20_000]).toEqual([way, target, true]);
  return text;
}

describe("as deployed", () => {
  const folder = suiteFolder();
  let server: LocalServer;
  beforeAll(async () => {
    const variables = { VARVE_LOCAL: "", VARVE_ADMIN_TOKEN: admin };
    server = await startLocalServer({ port: 0, data: folder, variables });
  });
  afterAll(async () => {
    await server.close();
  });
  const headers = { authorization: `Bearer ${admin}` };

  // At the same time, because names that cannot be resolved are tried again for seconds.
  test.concurrent.each(Object.keys(ways))(
    "%s reaches nothing private, and nothing of this machine",
    async (way) => {
      const before = canary.requests.length;
      for (const target of [...privates, ...loopbacks(portOf(canary.origin))])
        await rejected(server.url, way, target, headers);
      expect(canary.requests.slice(before)).toEqual([]);
    },
  );

  test("the keys of an issuer are not fetched from there, either", async () => {
    const before = canary.requests.length;
    const rule = (issuer: string) => ({
      name: "x",
      issuer,
      audience: "a",
      claims: { sub: "*" },
      scopes: ["pull:a"],
    });
    for (const issuer of [canary.origin, "https://169.254.169.254", "https://localhost"]) {
      const body = JSON.stringify({ trust: [rule(issuer)] });
      const settled = await fetch(`${server.url}/v1/access`, { method: "PUT", body, headers });
      expect([200, 400]).toContain(settled.status);
      const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
      const exp = Math.floor(Date.now() / 1000) + 600;
      const token = `${part({ alg: "RS256", kid: "k" })}.${part({ iss: issuer, aud: "a", sub: "s", exp })}.AAAA`;
      const answer = await fetch(`${server.url}/v1/images`, {
        headers: { authorization: `Bearer ${token}` },
      });
      expect([401, 503]).toContain(answer.status);
    }
    expect(canary.requests.slice(before)).toEqual([]);
  });
});

test("a mirror in a private network serves base images, and nothing else to a build", async () => {
  using folder = temporaryFolder();
  await using mirror = await serveLoopback((_, response) => response.end("of the canary"));
  const variables = {
    VARVE_LOCAL: "",
    VARVE_ADMIN_TOKEN: admin,
    VARVE_MIRRORS: JSON.stringify({ "mirrored.example": mirror.origin }),
  };
  const server = await startLocalServer({ port: 0, data: folder.path, variables });
  try {
    const headers = { authorization: `Bearer ${admin}` };
    await rejected(server.url, "FROM", "https://mirrored.example/", headers);
    const asked = mirror.requests.length;
    expect(mirror.requests).toContain("GET /v2/team/app/manifests/latest");
    for (const way of ["ADD", "ADD of a git repository", "a build of docker"])
      expect(await rejected(server.url, way, `${mirror.origin}/`, headers)).toMatch(isRefused);
    expect(mirror.requests.slice(asked)).toEqual([]);
  } finally {
    await server.close();
  }
});

describe("on the user's machine", () => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  test.concurrent.each(Object.keys(ways))("%s reaches nothing private", async (way) => {
    for (const target of privates) await rejected(server.url, way, target, {});
  });

  test("ADD reaches other servers of the machine, which send it to nothing private and not to the server", async () => {
    const { path, body } = (ways.ADD as Way)(`${canary.origin}/file`);
    expect((await fetch(`${server.url}${path}`, { method: "POST", body })).status).toBe(200);
    const own = loopbacks(server.port).map((url) => `${url}v1/tokens`);
    for (const to of [...privates, ...own]) {
      const target = `${canary.origin}/?to=${encodeURIComponent(to)}`;
      const text = await rejected(server.url, "ADD", target, {});
      expect(text).toMatch(isRefused);
    }
  });

  test("nothing reaches the server itself, by any of its names", async () => {
    for (const target of loopbacks(server.port)) {
      for (const way of ["ADD", "ADD of a git repository", "a build of docker"])
        expect(await rejected(server.url, way, `${target}v1/tokens`, {})).toMatch(isRefused);
    }
  });

  test("the private ports of the server give a build nothing", async () => {
    const pids = [server.process.child.pid as number, ...server.process.descendants];
    const ports = listeningSockets(pids).flatMap((socket) =>
      socket.kind === "tcp" && socket.port !== server.port ? [socket.port] : [],
    );
    expect(ports.length).toBeGreaterThan(0);
    for (const port of ports) {
      for (const path of ["", "v1/tokens", "list?prefix=", "cdn-cgi/local/explorer", "core/dev-registry"]) {
        const text = await rejected(server.url, "ADD", `http://127.0.0.1:${port}/${path}`, {});
        expect(text).toMatch(/40[0134]|403/);
      }
    }
  });
});

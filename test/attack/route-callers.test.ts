import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CreatedToken } from "../../schemas/access.ts";
import type { EngineKind } from "../../src/engine-api/request.ts";
import { registryNeeds } from "../../src/worker/access/registry-needs.ts";
import { routeNeeds } from "../../src/worker/access/route-needs.ts";
import { send } from "../helpers/send.ts";
import { context, engineSamples, registrySamples, routeSamples } from "../worker/access/route-samples.ts";
import { answersOf, callers, openCallers, tabled } from "./route-callers-table.ts";
import { type RunningServer, startServer } from "./start-server.ts";

// Requests each route as each kind of caller, and compares the statuses with the table. A new route has no line in the
// table and fails.

type Caller = (typeof callers)[number] | (typeof openCallers)[number];

const admin = "secret-of-the-admin";
const webSocket = {
  connection: "Upgrade",
  upgrade: "websocket",
  "sec-websocket-version": "13",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
  "sec-websocket-protocol": "varve.runner",
};

/** A request to a repository, by the name of its line. */
interface Line {
  name: string;
  request(at: Place): { method: string; path: string; body?: BodyInit; headers?: Record<string, string> };
}

/** The addresses and tokens of a server that samples need. */
interface Place {
  host: string;
  /** Id of a build of `team/app:1`. */
  build: string;
}

const others: Record<string, [string, string]> = {
  "the page": ["GET", "/"],
  "a path that is no route": ["GET", "/v1/nowhere"],
  "a method that a route has not": ["PATCH", "/v1/builds"],
  "a route in another spelling": ["GET", "/v1/%74okens"],
  "a route behind two slashes": ["GET", "//v1/tokens"],
  "no endpoint of the registry": ["GET", "/v2/team/app/nowhere"],
  "docker: what is not spoken": ["GET", "/v1.47/containers/json"],
};

const lines: Line[] = [
  ...routeNeeds.map(({ method, path, isSocket }): Line => {
    const key = `${method} ${path}`;
    if (isSocket) {
      const request = { method, path, headers: webSocket };
      return { name: `${key} as a WebSocket`, request: () => request };
    }
    return {
      name: key,
      request({ build }) {
        const sample = routeSamples(build)[key];
        if (sample === undefined) throw new Error(`There is no sample of ${key}`);
        const [at, init] = sample("team/app");
        return requestOf(method, at, init);
      },
    };
  }),
  ...(Object.keys(registryNeeds) as (keyof typeof registryNeeds)[]).map(
    (endpoint): Line => ({
      name: `/v2: ${endpoint}`,
      request: () => requestOf(...registrySamples[endpoint]("team/app")),
    }),
  ),
  ...(Object.keys(engineSamples("")) as EngineKind[]).map(
    (kind): Line => ({
      name: `docker: ${kind}`,
      request: ({ host }) => requestOf(...engineSamples(host)[kind][1]("team/app")),
    }),
  ),
  ...Object.entries(others).map(
    ([name, [method, path]]): Line => ({ name, request: () => ({ method, path }) }),
  ),
  {
    name: "a terminal, with a token that is not its own",
    request: () => ({
      method: "GET",
      path: "/v1/containers/container-1",
      headers: { ...webSocket, "sec-websocket-protocol": "varve.terminal, token.x" },
    }),
  },
];

function requestOf(method: string, path: string, init: RequestInit = {}) {
  return { method, path, ...(init.body != null && { body: init.body }) };
}

/** A server with an image in `team/app`, and the credentials of its callers. */
interface Asked {
  server: RunningServer;
  place: Place;
  headers: Partial<Record<Caller, Record<string, string>>>;
}

let closed: Asked;
let open: Asked;

beforeAll(async () => {
  [closed, open] = [await askedWithAdmin(), await askedWithout()];
});
afterAll(async () => {
  for (const { server } of [closed, open]) await server[Symbol.asyncDispose]();
});

async function buildAt(url: string, headers: Record<string, string>): Promise<string> {
  const answer = await fetch(`${url}/v1/builds?t=team/app:1`, { method: "POST", body: context, headers });
  if (!answer.ok) throw new Error(await answer.text());
  return answer.headers.get("varve-build") ?? "";
}

const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` });

async function askedWithAdmin(): Promise<Asked> {
  const server = await startServer({ VARVE_ADMIN_TOKEN: admin });
  const { url } = server;
  const build = await buildAt(url, bearer(admin));
  const create = async (scope: string, expires?: string): Promise<CreatedToken> => {
    const body = JSON.stringify({ name: "", scopes: [scope], expires });
    const answer = await fetch(`${url}/v1/tokens`, { method: "POST", body, headers: bearer(admin) });
    return (await answer.json()) as CreatedToken;
  };
  const token = async (scope: string) => bearer((await create(scope)).token);
  const guest = await (await fetch(`${url}/v2/token?scope=repository:team/app:pull`)).json();
  const expired = await create("admin:**", new Date(Date.now() + 200).toISOString());
  const revoked = await create("admin:**");
  await fetch(`${url}/v1/tokens/${revoked.id}`, { method: "DELETE", headers: bearer(admin) });
  await new Promise((resolve) => setTimeout(resolve, 300));
  return {
    server,
    place: { host: new URL(url).host, build },
    headers: {
      anonymous: {},
      guest: bearer((guest as { token: string }).token),
      pull: await token("pull:team/*"),
      push: await token("push:team/*"),
      delete: await token("delete:team/*"),
      build: await token("build:team/*"),
      run: await token("run:team/*"),
      "admin of the repository": await token("admin:team/*"),
      "admin of another": await token("admin:other/**"),
      admin: bearer(admin),
      expired: bearer(expired.token),
      revoked: bearer(revoked.token),
    },
  };
}

async function askedWithout(): Promise<Asked> {
  const server = await startServer();
  const { url } = server;
  const { host } = new URL(url);
  const build = await buildAt(url, {});
  const body = JSON.stringify({ name: "", scopes: ["pull:team/*"] });
  const made = await fetch(`${url}/v1/tokens`, { method: "POST", body });
  const { token } = (await made.json()) as CreatedToken;
  return {
    server,
    place: { host, build },
    headers: {
      "this machine": { host },
      "its page": { host, origin: `http://${host}`, "sec-fetch-site": "same-origin" },
      "with a token for less": { host, ...bearer(token) },
      "with a wrong token": { host, ...bearer("wrong") },
      "with a wrong password": { host, authorization: `Basic ${btoa("a:wrong")}` },
      "by another name": { host: "evil.example" },
      "by another name, with a token": { host: "evil.example", ...bearer(token) },
      "a foreign page": { host, origin: "http://evil.example" },
      "a foreign page with a token": { host, origin: "http://evil.example", ...bearer(token) },
    },
  };
}

/** Addresses of this machine. Failures are counted by address, so each request has another one and none is blocked. */
let used = 0;
function nextAddress(): string {
  used += 1;
  return `127.1.${used >> 8}.${used & 255}`;
}

async function statusOf({ server, place, headers }: Asked, line: Line, caller: Caller): Promise<number> {
  const { method, path, body, headers: own } = line.request(place);
  const answer = await send(`http://127.0.0.1:${server.port}${path}`, {
    method,
    headers: { host: place.host, ...own, ...headers[caller] },
    ...(body !== undefined && { body }),
    from: nextAddress(),
  });
  await answer.body?.cancel();
  return answer.status;
}

test("every route has a line in the table, and every line is of a route", () => {
  expect(tabled.toSorted()).toEqual(lines.map(({ name }) => name).toSorted());
});

describe("a server with an admin", () => {
  test.each(lines)("$name", async (line) => {
    const got: Record<string, number> = {};
    for (const caller of callers) got[caller] = await statusOf(closed, line, caller);
    expect(got).toEqual(answersOf(line.name, "withAdmin"));
  });
});

describe("a server without an admin", () => {
  test.each(lines)("$name", async (line) => {
    const got: Record<string, number> = {};
    for (const caller of openCallers) got[caller] = await statusOf(open, line, caller);
    expect(got).toEqual(answersOf(line.name, "withoutAdmin"));
  });
});

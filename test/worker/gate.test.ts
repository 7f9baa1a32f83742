import { expect, test } from "vitest";
import { FRONT_PEER, FRONT_SECRET } from "../../src/store/front-protocol.ts";
import { contextOf } from "../helpers/context-archive.ts";
import { ask, problemIn, worker } from "./server.ts";

const body = contextOf({ Dockerfile: "FROM scratch\nLABEL a=b" });
const post = (url: string, headers: Record<string, string> = {}) =>
  ask(url, { method: "POST", body, headers });

test.each(["http://localhost:8787", "http://127.0.0.1:8787", "http://[::1]:8787", "http://localhost"])(
  "%s has all rights while no credential is configured",
  async (origin) => {
    expect((await post(`${origin}/v1/builds`)).status).toBe(200);
    expect((await post(`${origin}/v1/builds`, { origin })).status).toBe(200);
    expect((await ask(`${origin}/v1/tokens`)).status).toBe(200);
    expect((await ask(`${origin}/v2/`)).status).toBe(200);
  },
);

test("a local client with a password for another server is accepted", async () => {
  const authorization = `Basic ${btoa("user:for another server")}`;
  expect((await post("http://localhost:8787/v1/builds", { authorization })).status).toBe(200);
});

test.each(["Bearer x", "bearer varve_0123456789abcdef_x", "Digest x", "Bearer"])(
  "a local client with the invalid credential %s is rejected",
  async (authorization) => {
    for (const path of ["/v1/tokens", "/v1/images", "/v1/builds"]) {
      const problem = await problemIn(
        await ask(`http://localhost:8787${path}`, { headers: { authorization } }),
      );
      expect([401, 429]).toContain(problem.status);
    }
    const registry = await ask("http://localhost:8787/v2/", { headers: { authorization } });
    expect([401, 429]).toContain(registry.status);
  },
);

test.each(["192.0.2.1", "10.0.0.1", "::ffff:192.0.2.1", "fe80::1", "", "127.0.0.1.example.com"])(
  "a client at %s has no rights, with any Host header",
  async (peer) => {
    const headers = { [FRONT_PEER]: peer };
    expect((await post("http://localhost:8787/v1/builds", headers)).status).toBe(401);
    expect((await ask("http://localhost:8787/v1/tokens", { headers })).status).toBe(401);
    expect((await ask("http://localhost:8787/v2/_catalog", { headers })).status).toBe(401);
  },
);

test.each(["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])("a client at %s is local", async (peer) => {
  expect((await ask("http://localhost:8787/v1/tokens", { headers: { [FRONT_PEER]: peer } })).status).toBe(
    200,
  );
});

test.each([undefined, "", "guess", "of-the-tests-and-more"])(
  "a request that bypasses the front, with the secret %s, is rejected",
  async (secret) => {
    const headers: Record<string, string> = { [FRONT_PEER]: "127.0.0.1" };
    if (secret !== undefined) headers[FRONT_SECRET] = secret;
    for (const path of ["/healthz", "/v1/tokens", "/v2/", "/_ping", "/nowhere"]) {
      const answer = await worker.fetch(`http://localhost${path}`, { headers });
      expect(await problemIn(answer)).toMatchObject({ status: 403, code: "private-port" });
    }
  },
);

test.each([
  "http://varve.example.com",
  // A foreign name that resolves to this machine, so that its page can send requests to it (DNS rebinding).
  "http://rebound.example.com:8787",
  "http://localhost.example.com",
  "http://127.0.0.1.example.com",
  "http://0.0.0.0:8787",
  "http://192.168.1.2:8787",
])("%s may neither write nor read", async (origin) => {
  for (const path of ["/v1/builds", "/v1/check", "/v1/tokens", "/nowhere"]) {
    expect(await problemIn(await post(`${origin}${path}`))).toMatchObject({
      status: 401,
      code: "credential-missing",
      hint: expect.stringContaining("VARVE_ADMIN_TOKEN"),
    });
    expect((await problemIn(await ask(`${origin}${path}`))).status).toBe(401);
  }
  for (const path of ["/v2/", "/v2/_catalog", "/v2/a/tags/list"])
    expect((await ask(`${origin}${path}`)).status).toBe(401);
  expect((await ask(`${origin}/healthz`)).status).toBe(200);
});

test.each(["PUT", "DELETE", "PATCH", "POST", "PROPFIND", "OPTIONS"])(
  "%s requires a credential",
  async (method) => {
    const url = `http://varve.example.com/v1/builds/${"0".repeat(64)}`;
    expect((await problemIn(await ask(url, { method }))).code).toBe("credential-missing");
  },
);

test.each(["https://evil.example.com", "null", "http://localhost:3000", "https://localhost:8787"])(
  "a page of %s may not write, even through localhost",
  async (origin) => {
    const problem = await problemIn(await post("http://localhost:8787/v1/builds", { origin }));
    expect(problem).toMatchObject({ status: 403, code: "cross-origin-write" });
    expect(problem.detail).toContain(origin);
  },
);

test.each(["Bearer x", `Basic ${btoa("a:b")}`])(
  "a foreign page cannot write with %s",
  async (authorization) => {
    const headers = { origin: "https://evil.example.com", authorization };
    for (const url of ["http://localhost:8787", "http://varve.example.com"])
      for (const path of ["/v1/builds", "/v1/tokens", "/v2/a/blobs/uploads/", "/images/prune", "/nowhere"])
        expect(await problemIn(await post(`${url}${path}`, headers))).toMatchObject({
          code: "cross-origin-write",
        });
  },
);

test("a cross-site request without an Origin header cannot write", async () => {
  const headers = { "sec-fetch-site": "cross-site" };
  const problem = await problemIn(await post("http://localhost:8787/v1/builds", headers));
  expect(problem).toMatchObject({ status: 403, code: "cross-origin-write" });
  expect((await post("http://localhost:8787/v1/builds", { "sec-fetch-site": "same-origin" })).status).toBe(
    200,
  );
});

test("a page served over https through a proxy has the same origin", async () => {
  const headers = { origin: "https://localhost:8787", "x-forwarded-proto": "https" };
  expect((await post("http://localhost:8787/v1/builds", headers)).status).toBe(200);
});

test("a page of another origin cannot read", async () => {
  const answer = await ask("http://localhost:8787/v1/builds", {
    headers: { origin: "https://evil.example.com" },
  });
  expect(answer.headers.get("access-control-allow-origin")).toBeNull();
});

test.each(["/v1/images/%61rchive?image=builds:1", "/v1/%74okens", "/v2/%74oken", "/%68ealthz"])(
  "%s, an encoded spelling of a route, is not found",
  async (path) => {
    expect((await ask(path)).status).toBe(404);
  },
);

test.each([
  "/healthz",
  "/docs",
  "/nowhere",
  "/v1/images",
  "/v1/images/a/b",
  "/v2/",
  "/v2/a/tags/list",
  "/_ping",
])("browsers do not sniff the type of %s", async (path) => {
  for (const origin of ["http://localhost", "http://varve.example.com"]) {
    const { headers } = await ask(`${origin}${path}`);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("content-security-policy")).toMatch(/^default-src 'none'/);
    expect(headers.get("cross-origin-resource-policy")).toBe("same-origin");
    expect(headers.has("access-control-allow-origin")).toBe(false);
  }
});

import { expect, test } from "vitest";
import { ask, problemIn, tarOf } from "./server.ts";

const body = tarOf({ Dockerfile: "FROM scratch\nLABEL a=b" });
const post = (url: string, headers: Record<string, string> = {}) =>
  ask(url, { method: "POST", body, headers });

test.each(["http://localhost:8787", "http://127.0.0.1:8787", "http://[::1]:8787", "http://localhost"])(
  "%s may do everything while no credential is configured",
  async (origin) => {
    expect((await post(`${origin}/v1/builds`)).status).toBe(200);
    expect((await post(`${origin}/v1/builds`, { origin })).status).toBe(200);
    expect((await ask(`${origin}/v1/tokens`)).status).toBe(200);
    expect((await ask(`${origin}/v2/`)).status).toBe(200);
  },
);

test("what programs send of their own accord to this machine is not held against them", async () => {
  const authorization = `Basic ${btoa("somebody:for another server")}`;
  expect((await post("http://localhost:8787/v1/builds", { authorization })).status).toBe(200);
});

test.each([
  "http://varve.example.com",
  // A name that its owner has made to mean this machine, so that a page of his may ask it (DNS rebinding).
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
      hint: expect.stringContaining("localhost"),
    });
    expect((await problemIn(await ask(`${origin}${path}`))).status).toBe(401);
  }
  for (const path of ["/v2/", "/v2/_catalog", "/v2/a/tags/list"])
    expect((await ask(`${origin}${path}`)).status).toBe(401);
  expect((await ask(`${origin}/healthz`)).status).toBe(200);
});

test.each(["PUT", "DELETE", "PATCH", "POST", "PROPFIND", "OPTIONS"])(
  "%s takes a credential",
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

test("what comes from another site without saying its origin may not write", async () => {
  const headers = { "sec-fetch-site": "cross-site" };
  const problem = await problemIn(await post("http://localhost:8787/v1/builds", headers));
  expect(problem).toMatchObject({ status: 403, code: "cross-origin-write" });
  expect((await post("http://localhost:8787/v1/builds", { "sec-fetch-site": "same-origin" })).status).toBe(
    200,
  );
});

test("a page that came over https, through a proxy, is of the same origin", async () => {
  const headers = { origin: "https://localhost:8787", "x-forwarded-proto": "https" };
  expect((await post("http://localhost:8787/v1/builds", headers)).status).toBe(200);
});

test("no page of another origin is allowed to read", async () => {
  const answer = await ask("http://localhost:8787/v1/builds", {
    headers: { origin: "https://evil.example.com" },
  });
  expect(answer.headers.get("access-control-allow-origin")).toBeNull();
});

test.each(["/v1/images/%61rchive?image=builds:1", "/v1/%74okens", "/v2/%74oken", "/%68ealthz"])(
  "%s, spelled in another way than the gate knows it, is no route",
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
])("no browser takes %s for anything else than it says", async (path) => {
  for (const origin of ["http://localhost", "http://varve.example.com"]) {
    const { headers } = await ask(`${origin}${path}`);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("content-security-policy")).toMatch(/^default-src 'none'/);
    expect(headers.get("cross-origin-resource-policy")).toBe("same-origin");
    expect(headers.has("access-control-allow-origin")).toBe(false);
  }
});

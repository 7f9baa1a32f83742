import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TrustRule } from "../../../schemas/access.ts";
import { Issuer } from "../../helpers/issuer.ts";
import { serveLoopback } from "../../helpers/loopback.ts";
import { adminSecret, type CredentialedServer } from "./credentialed-server.ts";
import { basic, digestOf, fetchToken, problemOf, startTeams } from "./teams.ts";

let server: CredentialedServer;
let ours: string;
let issuer: Issuer;
beforeAll(async () => {
  issuer = await Issuer.start();
  ({ server, ours } = await startTeams());
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await issuer[Symbol.asyncDispose]();
});

const form = (fields: Record<string, string>): RequestInit => ({
  method: "POST",
  body: new URLSearchParams(fields),
});

describe("the token endpoint", () => {
  test("grants the requested scopes that the caller has", async () => {
    const query = "service=x&scope=repository:ours/a:pull,push&scope=repository:theirs/a:pull&scope=aws";
    const { token, access_token, expires_in, issued_at, refresh_token } = await fetchToken(server, query, {
      headers: basic(ours),
    });
    expect([access_token, refresh_token]).toEqual([token, undefined]);
    expect(expires_in).toBe(900);
    expect(Math.abs(Date.parse(issued_at) - Date.now())).toBeLessThan(5000);
    expect(await server.statusOf("/v2/", token)).toBe(200);
    expect(await server.statusOf("/v2/ours/a/blobs/uploads/", token, { method: "POST" })).toBe(202);
    expect(await server.statusOf("/v2/ours/b/tags/list", token)).toBe(401);
    expect(await server.statusOf("/v2/theirs/a/tags/list", token)).toBe(401);
    expect(await server.statusOf("/v2/ours/a/manifests/1", token, { method: "DELETE" })).toBe(401);
  });

  test("reports the required scope to a token with fewer rights", async () => {
    const { token } = await fetchToken(server, "scope=repository:ours/a:pull", { headers: basic(ours) });
    const response = await server.ask("/v2/ours/a/blobs/uploads/", { method: "POST" }, token);
    expect(response.status).toBe(401);
    const host = new URL(server.url).host;
    expect(response.headers.get("www-authenticate")).toBe(
      `Bearer realm="${server.url}/v2/token",service="${host}",scope="repository:ours/a:pull,push",error="insufficient_scope"`,
    );
    const proxied = await server.ask("/v2/", { headers: { "x-forwarded-proto": "https" } });
    expect(proxied.headers.get("www-authenticate")).toBe(
      `Bearer realm="https://${host}/v2/token",service="${host}"`,
    );
  });

  test("issues refresh tokens, which are valid until the secret is revoked", async () => {
    const { token: secret, id } = await server.createToken("push:ours/*", "build:ours/*");
    const { refresh_token: refresh = "" } = await fetchToken(server, "offline_token=true", {
      headers: basic(secret),
    });
    const posted = await fetchToken(
      server,
      "",
      form({ grant_type: "password", password: secret, access_type: "offline" }),
    );
    expect(posted.refresh_token).toBeDefined();
    const scope = "repository:ours/a:pull repository:ours/b:push";
    const { token } = await fetchToken(
      server,
      "",
      form({ grant_type: "refresh_token", refresh_token: refresh, scope }),
    );
    expect(await server.statusOf("/v2/ours/b/blobs/uploads/", token, { method: "POST" })).toBe(202);
    // Some programs send whatever docker has stored.
    expect(
      await server.statusOf("/v1/plan?t=ours/a", refresh, { method: "POST", body: "FROM scratch" }),
    ).toBe(200);
    await server.order("DELETE", `/v1/tokens/${id}`);
    const again = await server.ask(
      "/v2/token",
      form({ grant_type: "refresh_token", refresh_token: refresh }),
    );
    expect(again.status).toBe(401);
    for (const ended of [secret, refresh, token]) expect(await server.statusOf("/v2/", ended)).toBe(401);
  });

  test("rejects invalid secrets and unknown grant types", async () => {
    for (const secret of [
      "wrong",
      "",
      `${ours}x`,
      ours.slice(0, -1),
      `varve_${"0".repeat(16)}_${"A".repeat(43)}`,
    ]) {
      const response = await server.ask("/v2/token", { headers: basic(secret) });
      expect(response.status).toBe(401);
      expect(await response.json()).toMatchObject({ errors: [{ code: "UNAUTHORIZED" }] });
    }
    const grant = await server.ask("/v2/token", form({ grant_type: "client_credentials" }));
    expect([grant.status, await grant.json()]).toEqual([
      400,
      expect.objectContaining({ error: "unsupported_grant_type" }),
    ]);
    // A token of the registry cannot request further tokens.
    const { token } = await fetchToken(server, "scope=repository:ours/a:pull", { headers: basic(ours) });
    expect(
      (await server.ask("/v2/token?scope=repository:ours/a:push", { headers: basic(token) })).status,
    ).toBe(401);
  });

  test("a modified token is rejected", async () => {
    const { token } = await fetchToken(server, "scope=repository:ours/a:pull", { headers: basic(ours) });
    const [header = "", payload = "", signature = ""] = token.split(".");
    const claims = JSON.parse(Buffer.from(payload, "base64url").toString());
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const forged = [
      [header, encode({ ...claims, scopes: ["admin:**"] }), signature],
      [encode({ alg: "none", typ: "varve+jwt" }), encode({ ...claims, scopes: ["admin:**"] }), ""],
      [header, payload, signature.slice(0, -2)],
    ];
    for (const parts of forged)
      expect(await server.statusOf("/v2/ours/a/tags/list", parts.join("."))).toBe(401);
  });
});

test("Basic accepts the secret as password with any user name", async () => {
  for (const path of ["/v1/builds", "/v2/"])
    expect((await server.ask(path, { headers: basic(ours) })).status).toBe(200);
  expect((await server.ask("/v1/tokens", { headers: basic(adminSecret) })).status).toBe(200);
  expect((await server.ask("/v1/tokens", { headers: basic(ours) })).status).toBe(403);
});

test("an OIDC token has the rights of its rule, until the rule is deleted", async () => {
  await server.settle({
    trust: [
      {
        name: "ci",
        issuer: issuer.url,
        audience: server.url,
        claims: { repository: "org/*" },
        scopes: ["build:ours/ci"],
      },
    ],
  });
  const jwt = await issuer.token({ aud: server.url, repository: "org/app" });
  await digestOf(await server.build(jwt, "t=ours/ci", { Dockerfile: "FROM scratch\nLABEL ci=1" }));
  expect((await server.build(jwt, "t=ours/other", { Dockerfile: "FROM scratch" })).status).toBe(403);
  expect((await server.ask("/v2/ours/ci/tags/list", { headers: basic(jwt) })).status).toBe(200);
  const offline = "scope=repository:ours/ci:pull&offline_token=true";
  const { token, refresh_token: refresh = "" } = await fetchToken(server, offline, { headers: basic(jwt) });
  expect(await server.statusOf("/v2/ours/ci/tags/list", token)).toBe(200);
  const { exp } = JSON.parse(Buffer.from(refresh.split(".")[1] ?? "", "base64url").toString());
  expect(exp - Date.now() / 1000).toBeLessThanOrEqual(6 * 3600);
  const other = await server.ask(
    "/v1/builds",
    {},
    await issuer.token({ aud: server.url, repository: "evil/app" }),
  );
  expect(await problemOf(other)).toMatchObject({
    status: 401,
    detail: expect.stringContaining('repository "evil/app"'),
  });
  // Removing a rule revokes the tokens that were issued by it.
  await server.settle({ trust: [] });
  for (const ended of [jwt, token, refresh]) expect(await server.statusOf("/v2/", ended)).toBe(401);
});

describe("tokens of an OIDC token with two rules", () => {
  const rule = (name: string, scopes: string[], claims: TrustRule["claims"] = { repository: "org/*" }) => ({
    name,
    issuer: issuer.url,
    audience: server.url,
    claims,
    scopes,
  });
  const main = { repository: "org/*", ref: "refs/heads/main" };

  test.each<[string, () => TrustRule[]]>([
    ["one of them is removed", () => [rule("reading", ["pull:ours/a"])]],
    [
      "one of them has fewer scopes",
      () => [rule("reading", ["pull:ours/a"]), rule("writing", ["pull:ours/b"])],
    ],
    [
      "one of them has more claims",
      () => [rule("reading", ["pull:ours/a"]), rule("writing", ["push:ours/b"], main)],
    ],
  ])("are invalid after %s", async (_, changed) => {
    const rules = [rule("reading", ["pull:ours/a"]), rule("writing", ["push:ours/b"])];
    await server.settle({ trust: rules });
    const jwt = await issuer.token({ aud: server.url, repository: "org/app", ref: "refs/heads/x" });
    const offline = "scope=repository:ours/b:pull,push&offline_token=true";
    const { token, refresh_token: refresh = "" } = await fetchToken(server, offline, { headers: basic(jwt) });
    const push = (secret: string) => server.statusOf("/v2/ours/b/blobs/uploads/", secret, { method: "POST" });
    expect([await push(token), await push(refresh)]).toEqual([202, 202]);
    await server.settle({ trust: rules });
    expect([await push(token), await push(refresh)]).toEqual([202, 202]);
    await server.settle({ trust: changed() });
    expect([await push(token), await push(refresh)]).toEqual([401, 401]);
    expect(await server.statusOf("/v2/ours/a/tags/list", jwt)).not.toBe(401);
  });
});

describe("docker's login", () => {
  const login = (secret: string | undefined, body: object | string) =>
    server.ask(
      "/auth",
      { method: "POST", body: typeof body === "string" ? body : JSON.stringify(body) },
      secret,
    );

  test("sends a request to another registry only for known callers", async () => {
    await using registry = await serveLoopback((_, response) => response.end("{}"));
    const asked = { username: "u", password: "p", serveraddress: new URL(registry.origin).host };
    expect((await login(undefined, asked)).status).toBe(401);
    expect(registry.requests).toEqual([]);
    expect((await login(ours, asked)).status).toBe(200);
    expect(registry.requests).toEqual(["GET /v2/"]);
  });

  test.each(["no JSON", "[]", '{"auth":"%"}'])("rejects a body that is %s", async (body) => {
    expect((await login(ours, body)).status).toBe(400);
  });
});

test("neither secrets nor signed tokens are stored", async () => {
  const { token: secret } = await server.createToken("push,build:ours/*");
  const { token, refresh_token: refresh = "" } = await fetchToken(server, "offline_token=true", {
    headers: basic(secret),
  });
  await digestOf(await server.build(secret, "t=ours/clean", { Dockerfile: "FROM scratch\nLABEL clean=1" }));
  await server.ask("/v2/", {}, token);
  await server.ask("/v2/", {}, refresh);
  await server.ask("/v1/builds", {}, `${secret}x`);
  const secrets = [adminSecret, secret, token, refresh].map((text) => Buffer.from(text));
  const found: string[] = [];
  for (const entry of readdirSync(server.folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const bytes = readFileSync(join(entry.parentPath, entry.name));
    if (secrets.some((text) => bytes.includes(text))) found.push(entry.name);
  }
  expect(found).toEqual([]);
});

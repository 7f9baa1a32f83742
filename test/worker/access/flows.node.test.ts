import { readdirSync, readFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sha256 } from "../../../src/streams/sha256.ts";
import { contextOf } from "../../helpers/context-archive.ts";
import { Issuer } from "../../helpers/issuer.ts";
import { serveLoopback } from "../../helpers/loopback.ts";
import { adminSecret, CredentialedServer } from "./credentialed-server.ts";

let server: CredentialedServer;
let issuer: Issuer;
/** Tokens of two teams that have nothing to do with one another, and a pull-only one. */
let ours: string;
let theirs: string;

beforeAll(async () => {
  issuer = await Issuer.start();
  server = await CredentialedServer.start();
  ours = (await server.createToken("push,build,delete:ours/*")).token;
  theirs = (await server.createToken("push,build:theirs/*")).token;
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await issuer[Symbol.asyncDispose]();
});

function build(secret: string, query: string, files: Record<string, string>): Promise<Response> {
  return server.ask(`/v1/builds?${query}`, { method: "POST", body: contextOf(files) }, secret);
}

async function digestOf(response: Response): Promise<string> {
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
  await response.arrayBuffer();
  return response.headers.get("docker-content-digest") ?? "";
}

async function problemOf(response: Response): Promise<{ status: number; code: string; detail: string }> {
  return (await response.json()) as { status: number; code: string; detail: string };
}

interface TokenAnswer {
  token: string;
  access_token: string;
  expires_in: number;
  issued_at: string;
  refresh_token?: string;
}

const basic = (secret: string) => ({
  authorization: `Basic ${Buffer.from(`any:${secret}`).toString("base64")}`,
});

async function fetchToken(query: string, init: RequestInit = {}): Promise<TokenAnswer> {
  const response = await server.ask(`/v2/token?${query}`, init);
  expect(response.status).toBe(200);
  expect(response.headers.get("cache-control")).toBe("no-store");
  return (await response.json()) as TokenAnswer;
}

const form = (fields: Record<string, string>): RequestInit => ({
  method: "POST",
  body: new URLSearchParams(fields),
});
const statusOf = async (path: string, secret: string, init: RequestInit = {}) =>
  (await server.ask(path, init, secret)).status;

describe("the token endpoint", () => {
  test("grants the requested scopes that the caller has", async () => {
    const query = "service=x&scope=repository:ours/a:pull,push&scope=repository:theirs/a:pull&scope=aws";
    const { token, access_token, expires_in, issued_at, refresh_token } = await fetchToken(query, {
      headers: basic(ours),
    });
    expect([access_token, refresh_token]).toEqual([token, undefined]);
    expect(expires_in).toBe(900);
    expect(Math.abs(Date.parse(issued_at) - Date.now())).toBeLessThan(5000);
    expect(await statusOf("/v2/", token)).toBe(200);
    expect(await statusOf("/v2/ours/a/blobs/uploads/", token, { method: "POST" })).toBe(202);
    expect(await statusOf("/v2/ours/b/tags/list", token)).toBe(401);
    expect(await statusOf("/v2/theirs/a/tags/list", token)).toBe(401);
    expect(await statusOf("/v2/ours/a/manifests/1", token, { method: "DELETE" })).toBe(401);
  });

  test("reports the required scope to a token with fewer rights", async () => {
    const { token } = await fetchToken("scope=repository:ours/a:pull", { headers: basic(ours) });
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
    const { refresh_token: refresh = "" } = await fetchToken("offline_token=true", {
      headers: basic(secret),
    });
    const posted = await fetchToken(
      "",
      form({ grant_type: "password", password: secret, access_type: "offline" }),
    );
    expect(posted.refresh_token).toBeDefined();
    const scope = "repository:ours/a:pull repository:ours/b:push";
    const { token } = await fetchToken(
      "",
      form({ grant_type: "refresh_token", refresh_token: refresh, scope }),
    );
    expect(await statusOf("/v2/ours/b/blobs/uploads/", token, { method: "POST" })).toBe(202);
    // Some programs send whatever docker has stored.
    expect(await statusOf("/v1/plan?t=ours/a", refresh, { method: "POST", body: "FROM scratch" })).toBe(200);
    await server.order("DELETE", `/v1/tokens/${id}`);
    const again = await server.ask(
      "/v2/token",
      form({ grant_type: "refresh_token", refresh_token: refresh }),
    );
    expect(again.status).toBe(401);
    for (const ended of [secret, refresh, token]) expect(await statusOf("/v2/", ended)).toBe(401);
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
    const { token } = await fetchToken("scope=repository:ours/a:pull", { headers: basic(ours) });
    expect(
      (await server.ask("/v2/token?scope=repository:ours/a:push", { headers: basic(token) })).status,
    ).toBe(401);
  });

  test("a modified token is rejected", async () => {
    const { token } = await fetchToken("scope=repository:ours/a:pull", { headers: basic(ours) });
    const [header = "", payload = "", signature = ""] = token.split(".");
    const claims = JSON.parse(Buffer.from(payload, "base64url").toString());
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const forged = [
      [header, encode({ ...claims, scopes: ["admin:**"] }), signature],
      [encode({ alg: "none", typ: "varve+jwt" }), encode({ ...claims, scopes: ["admin:**"] }), ""],
      [header, payload, signature.slice(0, -2)],
    ];
    for (const parts of forged) expect(await statusOf("/v2/ours/a/tags/list", parts.join("."))).toBe(401);
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
  await digestOf(await build(jwt, "t=ours/ci", { Dockerfile: "FROM scratch\nLABEL ci=1" }));
  expect((await build(jwt, "t=ours/other", { Dockerfile: "FROM scratch" })).status).toBe(403);
  expect((await server.ask("/v2/ours/ci/tags/list", { headers: basic(jwt) })).status).toBe(200);
  const offline = "scope=repository:ours/ci:pull&offline_token=true";
  const { token, refresh_token: refresh = "" } = await fetchToken(offline, { headers: basic(jwt) });
  expect(await statusOf("/v2/ours/ci/tags/list", token)).toBe(200);
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
  for (const ended of [jwt, token, refresh]) expect(await statusOf("/v2/", ended)).toBe(401);
});

describe("a public repository", () => {
  let digest: string;
  beforeAll(async () => {
    await server.settle({ public: ["ours/open*"] });
    digest = await digestOf(
      await build(ours, "t=ours/open&t=ours/closed", { Dockerfile: "FROM scratch\nLABEL a=b" }),
    );
  });

  test("can be pulled with a guest's token or without a token", async () => {
    const { token } = await fetchToken(
      "scope=repository:ours/open:pull,push&scope=repository:ours/closed:pull",
    );
    expect((await server.ask("/v2/")).status).toBe(401);
    expect(await statusOf("/v2/", token)).toBe(200);
    for (const secret of [token, undefined]) {
      expect((await server.ask("/v2/ours/open/manifests/latest", {}, secret)).status).toBe(200);
      expect((await server.ask("/v2/ours/closed/manifests/latest", {}, secret)).status).toBe(401);
      expect((await server.ask("/v2/ours/open/blobs/uploads/", { method: "POST" }, secret)).status).toBe(401);
    }
    expect(await (await server.ask("/v2/_catalog", {}, token)).json()).toEqual({
      repositories: ["ours/open"],
    });
    expect((await server.ask("/v1/images/ours/open/latest")).status).toBe(200);
    expect((await server.ask("/v1/images/ours/closed/latest")).status).toBe(401);
  });

  test("can be cached by proxies, and a private one cannot", async () => {
    const cacheControl = async (name: string) =>
      (await server.ask(`/v2/${name}/manifests/${digest}`, {}, ours)).headers.get("cache-control");
    expect(await cacheControl("ours/open")).toMatch(/^public, .*immutable/);
    expect(await cacheControl("ours/closed")).toMatch(/^private, .*immutable/);
    const config = (await (await server.ask(`/v2/ours/closed/manifests/${digest}`, {}, ours)).json()) as {
      config: { digest: string };
    };
    const blob = await server.ask(`/v2/ours/closed/blobs/${config.config.digest}`, {}, ours);
    expect(blob.headers.get("cache-control")).toMatch(/^private/);
  });

  test("a build with several names is visible to callers who may see all of them", async () => {
    const answer = await build(ours, "t=ours/open2&t=ours/closed2", {
      Dockerfile: "FROM scratch\nLABEL both=1",
    });
    await answer.arrayBuffer();
    const id = answer.headers.get("varve-build");
    const open = await build(ours, "t=ours/open2", { Dockerfile: "FROM scratch\nLABEL one=1" });
    await open.arrayBuffer();
    expect((await server.ask(`/v1/builds/${id}`)).status).toBe(401);
    expect((await server.ask(`/v1/builds/${open.headers.get("varve-build")}`)).status).toBe(200);
  });
});

describe("repositories are isolated", () => {
  const secretLayer = { Dockerfile: "FROM scratch\nCOPY secret /\n", secret: "nobody else's business" };

  test("FROM an image that the caller may not pull fails like FROM a missing image", async () => {
    await digestOf(await build(ours, "t=ours/base", secretLayer));
    const { host } = new URL(server.url);
    const from = (name: string) => ({ Dockerfile: `FROM ${host}/${name}\n` });
    expect((await build(ours, "t=ours/app", from("ours/base"))).status).toBe(200);
    const [there, absent] = await Promise.all(
      ["ours/base", "ours/none"].map(async (name) => {
        const { status, detail } = await problemOf(await build(theirs, "t=theirs/app", from(name)));
        return { status, detail: detail.replaceAll(name, "NAME") };
      }),
    );
    expect(there).toEqual(absent);
    expect(there).toMatchObject({ status: 400, detail: expect.stringContaining("not found") });
    for (const Dockerfile of [
      `FROM scratch\nCOPY --from=${host}/ours/base / /\n`,
      `FROM ${host}/ours/base@${"x"}\n`,
    ])
      expect((await build(theirs, "t=theirs/app", { Dockerfile })).status).toBe(400);
    const contexts = encodeURIComponent(JSON.stringify({ base: `docker-image://${host}/ours/base` }));
    expect(
      (await build(theirs, `t=theirs/app&contexts=${contexts}`, { Dockerfile: "FROM base\n" })).status,
    ).toBe(400);
  });

  test("a non-distributable layer is not read from another repository", async () => {
    const digest = await digestOf(await build(ours, "t=ours/base", secretLayer));
    const { layers, config } = (await (
      await server.ask(`/v2/ours/base/manifests/${digest}`, {}, ours)
    ).json()) as {
      layers: { digest: string; size: number }[];
      config: { digest: string; size: number };
    };
    const configBytes = await (await server.ask(`/v2/ours/base/blobs/${config.digest}`, {}, ours)).text();
    // A config that the caller sent is not secret; the layer is only named, not sent.
    await server.ask(
      `/v2/theirs/x/blobs/uploads/?digest=${config.digest}`,
      { method: "POST", body: configBytes },
      theirs,
    );
    const manifest = JSON.stringify({
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.manifest.v1+json",
      config: { ...config, mediaType: "application/vnd.oci.image.config.v1+json" },
      layers: [{ ...layers[0], mediaType: "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip" }],
    });
    const headers = { "content-type": "application/vnd.oci.image.manifest.v1+json" };
    expect(
      await statusOf("/v2/theirs/x/manifests/1", theirs, { method: "PUT", headers, body: manifest }),
    ).toBe(201);
    const { host } = new URL(server.url);
    const built = await build(theirs, "t=theirs/y", { Dockerfile: `FROM ${host}/theirs/x:1\nLABEL a=b\n` });
    expect(built.status).toBe(400);
    expect(await statusOf("/v1/images/theirs/x/1/files?path=secret", theirs)).toBe(422);
    expect(await statusOf(`/v2/theirs/x/blobs/${layers[0]?.digest}`, theirs)).toBe(404);
  });

  test("a context, main or named, is found by digest only in the scope that it was sent to", async () => {
    const listing =
      '["f","file",420,0,0,0,"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"]\n';
    const posted = await server.ask("/v1/contexts?scope=ours/app", { method: "POST", body: listing }, ours);
    const { digest, missing } = (await posted.json()) as { digest: string; missing: string[] };
    expect(missing).toEqual([]);
    const named = (secret: string, tag: string) =>
      server.ask(
        `/v1/builds?t=${tag}`,
        {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({
            dockerfile: "FROM scratch\nCOPY --from=x f /\n",
            options: { contexts: { x: digest } },
          }),
        },
        secret,
      );
    expect((await named(ours, "ours/app")).status).toBe(200);
    expect(await problemOf(await named(theirs, "theirs/app"))).toMatchObject({
      status: 404,
      code: "context-unknown",
    });
    expect(await problemOf(await named(ours, "ours/other"))).toMatchObject({
      status: 404,
      code: "context-unknown",
    });
    expect(await statusOf(`/v1/contexts/${digest}?scope=theirs/app`, theirs)).toBe(404);
    expect(await statusOf(`/v1/contexts/${digest}?scope=ours/app`, theirs)).toBe(403);
  });

  test("names in the body are checked like names in the query", async () => {
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify({
      dockerfile: "FROM scratch\nLABEL x=y",
      options: { tags: ["ours/stolen"] },
    });
    const response = await server.ask("/v1/builds?t=theirs/app", { method: "POST", headers, body }, theirs);
    // The query takes precedence.
    expect(response.status).toBe(200);
    const { token } = await server.createToken("build:builds");
    expect(await statusOf("/v1/builds", token, { method: "POST", headers, body })).toBe(403);
    expect(await statusOf("/v2/ours/stolen/tags/list", ours)).toBe(404);
  });

  test("a blob is mounted from any repository that the caller may pull, named or not", async () => {
    const body = "a blob of ours";
    const digest = sha256(body);
    await server.ask(`/v2/ours/blobs/blobs/uploads/?digest=${digest}`, { method: "POST", body }, ours);
    const mount = (name: string, secret: string, from: string) =>
      statusOf(`/v2/${name}/blobs/uploads/?mount=${digest}${from}`, secret, { method: "POST" });
    expect(await mount("ours/a", ours, "&from=ours/blobs")).toBe(201);
    expect(await mount("ours/b", ours, "")).toBe(201);
    for (const from of ["&from=ours/blobs", "&from=ours/none", ""])
      expect(await mount("theirs/a", theirs, from)).toBe(202);
    expect(await statusOf(`/v2/theirs/a/blobs/${digest}`, theirs, { method: "HEAD" })).toBe(404);
    // A token of the registry for the target alone does not reach the source.
    const { token } = await fetchToken("scope=repository:ours/c:pull,push", { headers: basic(ours) });
    expect(await mount("ours/c", token, "&from=ours/blobs")).toBe(202);
  });
});

test("a rejected client with a large body receives the reason", async () => {
  const response = await new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
    const { port } = new URL(server.url);
    const sent = request(
      { port, host: "127.0.0.1", path: "/v1/builds?t=ours/app", method: "POST" },
      (response) => {
        let body = "";
        response.on("data", (chunk) => {
          body += chunk;
        });
        response.on("end", () => resolve({ status: response.statusCode, body }));
      },
    );
    sent.on("error", reject);
    const chunk = Buffer.alloc(1024 * 1024);
    for (let i = 0; i < 32; i++) sent.write(chunk);
    sent.end();
  });
  expect(response).toMatchObject({ status: 401, body: expect.stringContaining('"credential-missing"') });
});

test("an address with too many failures must wait, but a valid credential always works", async () => {
  const attempt = (secret: string, path = "/v2/") => server.askFrom("127.0.0.2", path, secret);
  const statuses: number[] = [];
  for (let i = 0; i < 25; i++) statuses.push((await attempt(`guess-${i}`)).status);
  expect(statuses).toEqual([...Array(20).fill(401), ...Array(5).fill(429)]);
  const limited = await attempt("guess", "/v1/builds");
  expect(await problemOf(limited)).toMatchObject({ status: 429, code: "too-many-attempts" });
  const seconds = Number(limited.headers.get("retry-after"));
  expect(seconds).toBeGreaterThan(0);
  expect(seconds).toBeLessThanOrEqual(60);
  for (const secret of [adminSecret, ours]) expect((await attempt(secret)).status).toBe(200);
  const headers = basic(adminSecret);
  expect((await server.askFrom("127.0.0.2", "/v2/token", undefined, { headers })).status).toBe(200);
  expect((await attempt("guess")).status).toBe(429);
  expect((await server.ask("/v1/tokens", {}, adminSecret)).status).toBe(200);
});

test("only a caller who may pull an image gets the hint that this server has it", async () => {
  await using mirror = await serveLoopback((_, response) => void response.writeHead(404).end());
  await using alone = await CredentialedServer.start({
    VARVE_MIRRORS: JSON.stringify({ "docker.io": mirror.origin }),
  });
  const owner = (await alone.createToken("push,build,pull:ours/*")).token;
  const other = (await alone.createToken("push,build,pull:theirs/*")).token;
  const post = (secret: string, query: string, dockerfile: string) => {
    const body = contextOf({ Dockerfile: dockerfile });
    return alone.ask(`/v1/builds?${query}`, { method: "POST", body }, secret);
  };
  expect((await post(owner, "t=ours/base", "FROM scratch\nLABEL a=1\n")).status).toBe(200);
  const hint = async (secret: string, name: string) =>
    ((await (await post(secret, `t=${name}`, "FROM ours/base\n")).json()) as { hint?: string }).hint;
  expect(await hint(owner, "ours/app")).toContain(`write ${new URL(alone.url).host}/ours/base`);
  expect(await hint(other, "theirs/app")).toContain("If docker.io/ours/base:latest is private");
});

test("neither secrets nor signed tokens are stored", async () => {
  const { token: secret } = await server.createToken("push,build:ours/*");
  const { token, refresh_token: refresh = "" } = await fetchToken("offline_token=true", {
    headers: basic(secret),
  });
  await digestOf(await build(secret, "t=ours/clean", { Dockerfile: "FROM scratch\nLABEL clean=1" }));
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

test("without an admin token, a local server rejects tokens in requests for other hosts", async () => {
  await using open = await CredentialedServer.start({ VARVE_ADMIN_TOKEN: "" });
  const { token } = await open.createToken("build:**");
  const { port } = new URL(open.url);
  const statusFor = (host: string) =>
    new Promise<number | undefined>((resolve, reject) => {
      const headers = { host, authorization: `Bearer ${token}` };
      request({ port, host: "127.0.0.1", path: "/v1/builds", headers }, (response) => {
        response.resume().on("end", () => resolve(response.statusCode));
      })
        .on("error", reject)
        .end();
    });
  expect(await statusFor(`localhost:${port}`)).toBe(200);
  expect(await statusFor("tunnel.example.com")).toBe(401);
});

test("tokens and rules survive a restart", async () => {
  await using server = await CredentialedServer.start();
  const { token: secret } = await server.createToken("push:a");
  await server.settle({ public: ["open"] });
  const answer = await server.ask("/v2/token?scope=repository:a:push&offline_token=true", {
    headers: basic(secret),
  });
  const { token, refresh_token: refresh } = (await answer.json()) as TokenAnswer;
  await server.restart();
  for (const known of [secret, token, refresh])
    expect((await server.ask("/v2/a/blobs/uploads/", { method: "POST" }, known)).status).toBe(202);
  expect((await server.ask("/v2/open/tags/list")).status).toBe(404);
});

test("invalid settings deny all access", async () => {
  for (const variables of [
    { VARVE_ADMIN_TOKEN: "too short" },
    { VARVE_ADMIN_TOKEN: "with spaces in between" },
    { VARVE_ACCESS: '{"publik": ["**"]}' },
  ]) {
    await using wrong = await CredentialedServer.start(variables);
    const response = await wrong.ask("/v1/builds", {}, variables.VARVE_ADMIN_TOKEN);
    expect(await problemOf(response)).toMatchObject({ status: 503, code: "settings-invalid" });
    expect((await wrong.ask("/healthz")).status).toBe(200);
  }
});

test("settings can define public repositories and rules", async () => {
  const rule = {
    name: "ci",
    issuer: issuer.url,
    audience: "x",
    claims: { repository: "a/b" },
    scopes: ["build:ours/x"],
  };
  await using own = await CredentialedServer.start({
    VARVE_ACCESS: JSON.stringify({ public: ["open"], trust: [rule] }),
  });
  expect((await own.ask("/v2/open/tags/list")).status).toBe(404);
  expect((await own.ask("/v2/shut/tags/list")).status).toBe(401);
  expect((await own.ask("/v1/builds", {}, await issuer.token({ aud: "x", repository: "a/b" }))).status).toBe(
    200,
  );
  expect(await (await own.order("GET", "/v1/access")).json()).toEqual({
    public: [],
    start: [],
    trust: [],
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

describe("an archive of images", () => {
  const load = (path: string, secret: string) =>
    statusOf(path, secret, { method: "POST", body: "this is no archive" });

  test("is not read when the caller may push to no repository", async () => {
    const { token } = await server.createToken("pull:ours/*");
    expect(await load("/v1/images/load", token)).toBe(403);
    expect(await load("/images/load", token)).toBe(403);
    expect(await load("/v1/images/load?t=theirs/a:1", ours)).toBe(403);
    expect(await load("/v1/images/load?t=ours/a:1", ours)).toBe(400);
    expect(await load("/images/load", ours)).toBe(400);
  });
});

test("the history of a build is for callers who may pull all of its images", async () => {
  const query = "t=ours/history:1&t=theirs/history:1";
  const dockerfile = { Dockerfile: "FROM scratch\nCOPY hidden-name /\n", "hidden-name": "x" };
  const answer = await build(adminSecret, query, dockerfile);
  const id = answer.headers.get("varve-build") ?? "";
  await digestOf(answer);
  await build(ours, "t=ours/history:2", { Dockerfile: "FROM scratch\nCOPY own /\n", own: "x" });
  const shownTo = async (secret: string) => {
    // The end of a run is listed after its result.
    for (let tries = 0; ; tries++) {
      const texts = await Promise.all(
        ["/v1/insights?image=ours/history", "/v1/builds?image=ours/history", `/v1/builds/${id}/runs`].map(
          async (path) => (await server.ask(path, {}, secret)).text(),
        ),
      );
      if (/COPY own|"code"/.test(texts[0] ?? "") || tries === 100) return texts.join("\n");
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const all = await shownTo(adminSecret);
  expect(all).toMatch(/COPY hidden-name/);
  expect(all).toContain(id);
  const seen = await shownTo(ours);
  expect(seen).toContain("COPY own");
  expect(seen).not.toMatch(/hidden-name|theirs/);
  expect(await shownTo(theirs)).not.toMatch(/hidden-name|COPY own/);
});

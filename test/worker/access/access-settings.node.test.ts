import { request } from "node:http";
import { expect, test } from "vitest";
import { Issuer } from "../../helpers/issuer.ts";
import { CredentialedServer } from "./credentialed-server.ts";
import { basic, problemOf, type TokenAnswer } from "./teams.ts";

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
  await using issuer = await Issuer.start();
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

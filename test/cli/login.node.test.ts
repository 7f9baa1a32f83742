import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { LocalServer } from "../../src/serve/local-server.ts";
import { serveLoopback } from "../helpers/loopback.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";
import { startTestServer } from "../helpers/test-server.ts";
import { type RunOptions, varve } from "./server.ts";

const admin = "a-secret-of-the-admin-0123";
const state = temporaryFolder({ "assets/index.html": "" });
let server: LocalServer;
beforeAll(async () => {
  server = await startTestServer({
    port: 0,
    data: join(state.path, "data"),
    assets: join(state.path, "assets"),
    variables: { VARVE_ADMIN_TOKEN: admin },
  });
});
afterAll(async () => {
  await server.close();
  state[Symbol.dispose]();
});

function run(args: string[], { env, ...options }: RunOptions = {}) {
  return varve(args, { ...options, env: { VARVE_SERVER: server.url, DOCKER_CONFIG: state.path, ...env } });
}

describe("a server that requires a token", () => {
  test("rejects callers without a token, with a hint", async () => {
    const { status, stdout, stderr } = await run(["images"]);
    expect({ status, stdout }).toEqual({ status: 3, stdout: "" });
    expect(stderr).toContain("HINT: Log in with `varve login`");
    expect(await run(["images"], { env: { VARVE_TOKEN: "wrong" } })).toMatchObject({ status: 3 });
  });

  test("accepts a token from the flag and from the environment", async () => {
    expect(await run(["images", "--token", admin])).toMatchObject({ status: 0 });
    expect(await run(["images"], { env: { VARVE_TOKEN: admin } })).toMatchObject({ status: 0 });
  });

  test("supports login and logout", async () => {
    const wrong = await run(["login", "--password-stdin"], { stdin: "wrong\n" });
    expect(wrong).toMatchObject({ status: 3, stdout: "" });
    const right = await run(["login", "--password-stdin"], { stdin: `${admin}\n` });
    expect(right).toMatchObject({ status: 0, stdout: "Login Succeeded\n" });
    expect(right.stderr).not.toContain(admin);
    const { auths } = JSON.parse(readFileSync(join(state.path, "config.json"), "utf8"));
    expect(Object.keys(auths)).toEqual([new URL(server.url).host]);

    using folder = temporaryFolder({ Dockerfile: "FROM scratch\nCOPY Dockerfile /\n" });
    const built = await run(["build", "--progress=none", "-t", "team/app", folder.path]);
    expect(built).toMatchObject({ status: 0, stderr: "" });
    const copied = await run(["build", "--progress=none", "-o", join(folder.path, "out"), folder.path]);
    expect(copied).toMatchObject({ status: 0, stderr: "" });

    expect(await run(["logout"])).toMatchObject({
      stdout: `Removing login credentials for ${new URL(server.url).host}\n`,
    });
    expect(await run(["images"])).toMatchObject({ status: 3 });
    expect(await run(["logout"])).toMatchObject({ stdout: `Not logged in to ${new URL(server.url).host}\n` });
  });
});

test("a password is sent only to the named server", async () => {
  await using elsewhere = await serveLoopback((_, response) => response.end());
  await using moved = await serveLoopback((_, response) =>
    response.writeHead(302, { location: `${elsewhere.origin}/v2/` }).end(),
  );
  const { status, stderr } = await run(["login", "-u", "me", "--password-stdin", moved.origin], {
    stdin: "s3cret",
  });
  expect({ status, stderr }).toMatchObject({ status: 1, stderr: expect.stringContaining("status 302") });
  expect(elsewhere.requests).toEqual([]);
  const plain = await run(["login", "-u", "me", "--password-stdin", "http://192.0.2.1"], { stdin: "s3cret" });
  expect(plain.stderr).toContain("http://192.0.2.1: the connection is not encrypted");
});

test("a password is not sent to a token service of another site", async () => {
  const realm = "https://tokens.example.net/token";
  await using registry = await serveLoopback((_, response) =>
    response.writeHead(401, { "www-authenticate": `Bearer realm="${realm}",service="s"` }).end(),
  );
  const { host } = new URL(registry.origin);
  const login = (env = {}) => run(["login", "-u", "me", "--password-stdin", host], { stdin: "s3cret", env });
  const refused = await login();
  expect(refused).toMatchObject({ status: 1, stdout: "" });
  expect(refused.stderr).toContain(
    `Cannot send the password for ${host} to https://tokens.example.net: the token service is on another site. ` +
      `If you trust it, set VARVE_REALMS='{"${host}":"https://tokens.example.net"}'`,
  );
  expect(registry.headers.map(({ authorization }) => authorization)).toEqual([undefined]);
  expect(await login({ VARVE_REALMS: "{" })).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("Cannot use the setting VARVE_REALMS: not JSON"),
  });
});

test("a token service that the user configured receives the password", async () => {
  await using tokens = await serveLoopback((_, response) => response.end('{"token":"t"}'));
  // By its other name: the configured realm is compared with that of the registry.
  const realm = tokens.origin.replace("127.0.0.1", "localhost");
  await using registry = await serveLoopback((_, response) =>
    response.writeHead(401, { "www-authenticate": `Bearer realm="${realm}/token",service="s"` }).end(),
  );
  const { host } = new URL(registry.origin);
  const env = { VARVE_REALMS: JSON.stringify({ [host]: realm }) };
  const { status, stderr } = await run(["login", "-u", "me", "--password-stdin", host], { stdin: "pw", env });
  expect({ status, stderr }).toMatchObject({ status: 0 });
  expect(tokens.headers.map(({ authorization }) => authorization)).toEqual([`Basic ${btoa("me:pw")}`]);
});

test("without a terminal, an error replaces the prompt", async () => {
  expect((await run(["login"])).stderr).toContain("HINT: Use --username and --password-stdin.");
  expect(await run(["login", "-p", "x", "--password-stdin"])).toMatchObject({ status: 2 });
  const pruned = await run(["prune", "--token", admin]);
  expect(pruned).toMatchObject({ status: 2, stdout: "" });
  const dry = await run(["prune", "--dry-run", "--token", admin]);
  expect(dry).toMatchObject({ status: 0, stdout: expect.stringContaining("Reclaimable space: ") });
  const usage = await run(["usage", "--format=json", "--token", admin]);
  expect(JSON.parse(usage.stdout)).toMatchObject({ total: { objects: expect.any(Number) } });
});

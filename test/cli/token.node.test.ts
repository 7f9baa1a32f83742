import { afterAll, beforeAll, expect, test } from "vitest";
import type { TokenInfo } from "../../schemas/access.ts";
import { adminSecret, CredentialedServer } from "../worker/access/credentialed-server.ts";
import { varve } from "./server.ts";

let server: CredentialedServer;
beforeAll(async () => {
  server = await CredentialedServer.start();
});
afterAll(() => server[Symbol.asyncDispose]());

const token = (args: string[], secret = adminSecret) =>
  varve(["token", ...args], { env: { VARVE_SERVER: server.url, VARVE_TOKEN: secret } });
const list = async (): Promise<TokenInfo[]> =>
  (await token(["list", "--format", "json"])).stdout
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));

test("a token is created, used, listed and revoked", async () => {
  const made = await token(["create", "--scope", "pull,push:team/*", "--scope", "build:a", "--name", "ci"]);
  expect(made).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^varve_[0-9a-f]{16}_[\w-]{43}\n$/),
  });
  const secret = made.stdout.trim();
  expect((await server.ask("/v2/", {}, secret)).status).toBe(200);
  const [listed, ...others] = await list();
  expect(others).toEqual([]);
  const today = new Date().toISOString().slice(0, 10);
  expect(listed).toMatchObject({ name: "ci", scopes: ["pull,push:team/*", "build:a"], used: today });
  expect(JSON.stringify(listed)).not.toContain(secret);
  const id = listed?.id ?? "";
  expect((await token(["list"])).stdout).toMatch(
    new RegExp(`^ID +NAME +SCOPES +CREATED +EXPIRES +LAST USED\n${id} +ci +pull,push:team/\\* build:a `),
  );
  expect(await token(["revoke", id])).toMatchObject({ status: 0, stdout: `${id}\n` });
  expect(await list()).toEqual([]);
  expect((await server.ask("/v2/", {}, secret)).status).toBe(401);
  expect(await token(["revoke", id])).toMatchObject({ status: 1, stderr: expect.stringContaining(id) });
});

test("a token expires at the requested time", async () => {
  const made = await token(["create", "--scope", "pull:a", "--expires", "2h", "--format", "json"]);
  const { expires, id } = JSON.parse(made.stdout) as TokenInfo;
  expect(Math.abs(Date.parse(expires ?? "") - Date.now() - 2 * 3600_000)).toBeLessThan(60_000);
  await token(["revoke", id]);
});

test("callers without admin rights are rejected", async () => {
  const { token: other } = await server.createToken("admin:team/**");
  expect(await token(["list"], other)).toMatchObject({
    status: 3,
    stderr: expect.stringContaining("does not grant admin on the server"),
  });
  expect((await token(["create", "--scope", "pull:a"], "wrong")).status).toBe(3);
});

test.each(["planted\nsecret", "planted\u20acsecret"])(
  "a token that no header can contain is not shown: %j",
  async (secret) => {
    const { status, stderr } = await token(["list"], secret);
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: expect.stringContaining("ERROR: the token contains invalid characters\n"),
    });
    expect(stderr).not.toContain("planted");
  },
);

test("white space around a token is ignored", async () => {
  expect((await token(["list"], `${adminSecret}\n`)).status).toBe(0);
});

test.each([
  [["create"], "without a scope"],
  [["create", "--scope", "all:team"], "is not a scope"],
  [["create", "--scope", "pull:a", "--expires", "soon"], 'invalid time "soon"'],
  [["create", "--scope", "pull:a", "--expires", "2001-01-01"], "that time has passed"],
  [["list", "x"], "takes no arguments"],
  [["revoke"], "requires the ids"],
  [["make"], 'unknown action "make"'],
])("%j is rejected", async (args, message) => {
  const { status, stderr, stdout } = await token(args);
  expect(status).not.toBe(0);
  expect(stderr).toContain(message);
  expect(stdout).toBe("");
});

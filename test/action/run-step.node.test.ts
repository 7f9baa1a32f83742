import { execFile, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { LocalServer } from "../../src/serve/local-server.ts";
import { type TemporaryFolder, temporaryFolder } from "../helpers/temporary-folder.ts";
import { startTestServer } from "../helpers/test-server.ts";
import { OidcIssuer } from "./oidc-issuer.ts";

const admin = "an-admin-of-the-test";
let state: TemporaryFolder;
let issuer: OidcIssuer;
let server: LocalServer;

beforeAll(async () => {
  state = temporaryFolder();
  issuer = await OidcIssuer.start({ repository: "team/app" });
  const data = join(state.path, "data");
  server = await startTestServer({ port: 0, data, variables: { VARVE_ADMIN_TOKEN: admin } });
  const trust = {
    ...{ name: "github", issuer: issuer.url, audience: server.url },
    ...{ claims: { repository: "team/app" }, scopes: ["build:team/app"] },
  };
  const answer = await fetch(`${server.url}/v1/access`, {
    method: "PUT",
    headers: { authorization: `Bearer ${admin}` },
    body: JSON.stringify({ trust: [trust] }),
  });
  expect(answer.status).toBe(200);
});
afterAll(async () => {
  await server?.close();
  await issuer?.[Symbol.asyncDispose]();
  state?.[Symbol.dispose]();
});

/** The script of the documentation, as GitHub would run it. */
function documented(): string {
  const text = readFileSync(join(import.meta.dirname, "../../docs/action.md"), "utf8");
  const [, script] = /^ {4}run: \|\n((?: {6}.*\n)+)/m.exec(text) ?? [];
  if (script === undefined) throw new Error("docs/action.md has no run step");
  return script.replace(/^ {6}/gm, "");
}

function runIn(
  folder: string,
  env: Record<string, string> = {},
): Promise<{ status: number; stdout: string }> {
  const variables = {
    ...{ PATH: process.env.PATH, VARVE: server.url, GITHUB_SHA: "0123abc", RUNNER_TEMP: state.path },
    ...issuer.environment,
    ...env,
  };
  return new Promise((resolve) => {
    const words = ["--noprofile", "--norc", "-eo", "pipefail", "-c", documented()];
    execFile("bash", words, { cwd: folder, env: variables }, (error, stdout, stderr) =>
      resolve({ status: error === null ? 0 : Number(error.code), stdout: stdout + stderr }),
    );
  });
}

/** GitHub's machines and those of CI have jq; others may not. */
const hasJq = process.env.CI === "true" || spawnSync("jq", ["--version"]).status === 0;

describe.skipIf(!hasJq)("the documented script", () => {
  test("builds with only curl, jq and tar", async () => {
    using folder = temporaryFolder({ Dockerfile: "FROM scratch\nCOPY a /\n", a: "a", ".git/HEAD": "x" });
    const { status, stdout } = await runIn(folder.path);
    expect([status, stdout]).toEqual([0, expect.stringMatching(/^::add-mask::\S+\n\{/)]);
    const manifest = JSON.parse(readFileSync(join(state.path, "manifest.json"), "utf8"));
    expect(manifest.layers).toHaveLength(1);
    const pulled = await fetch(`${server.url}/v2/team/app/manifests/0123abc`, {
      headers: { authorization: `Bearer ${admin}` },
    });
    expect(await pulled.json()).toEqual(manifest);
  });

  test("fails with the reason", async () => {
    using folder = temporaryFolder({ Dockerfile: "FROM scratch\nCOPY missing /\n" });
    const { status, stdout } = await runIn(folder.path);
    expect(status).toBe(22);
    expect(stdout).toContain('\\"/missing\\": not found');
    const denied = await runIn(folder.path, { ACTIONS_ID_TOKEN_REQUEST_TOKEN: "another" });
    expect(denied.status).not.toBe(0);
  });

  test("has only the rights of the rule", async () => {
    await using stranger = await OidcIssuer.start({ repository: "team/other" });
    using folder = temporaryFolder({ Dockerfile: "FROM scratch\nLABEL a=b\n" });
    const { status, stdout } = await runIn(folder.path, stranger.environment);
    expect(status).toBe(22);
    expect(stdout).toContain('"status":401');
  });
});

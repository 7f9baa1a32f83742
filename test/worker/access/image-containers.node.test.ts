import { afterAll, beforeAll, expect, test } from "vitest";
import { requestContainer, type Wanted } from "../../helpers/terminal-client.ts";
import { CredentialedServer } from "./credentialed-server.ts";
import { context } from "./route-samples.ts";

// Starting containers is a separate right. No runner is connected here, so callers with the right receive 503.

let server: CredentialedServer;

beforeAll(async () => {
  server = await CredentialedServer.start();
  for (const name of ["team/app", "open/app"]) {
    const answer = await server.order("POST", `/v1/builds?t=${name}`, context);
    expect(answer.status).toBe(200);
  }
});
afterAll(() => server[Symbol.asyncDispose]());

async function ask(
  image: string,
  scope?: string,
  wanted: Wanted = {},
): Promise<[status: number, code: string]> {
  const headers: Record<string, string> = {};
  if (scope !== undefined) headers.authorization = `Bearer ${(await server.createToken(scope)).token}`;
  const answer = await requestContainer(server.url, image, { command: ["sh"], ...wanted }, headers);
  return [answer.status, ((await answer.json()) as { code: string }).code];
}

test("requires the right start", async () => {
  expect(await ask("team/app")).toEqual([401, "credential-missing"]);
  for (const scope of ["pull:team/*", "push:team/*", "build:team/*", "run:team/*", "start:other/*"])
    expect([scope, ...(await ask("team/app", scope))]).toEqual([scope, 403, "access-denied"]);
  for (const scope of ["start:team/*", "admin:team/app"])
    expect([scope, ...(await ask("team/app", scope))]).toEqual([scope, 503, "runner-missing"]);
});

test("anonymous callers may start only the images that the operator allows", async () => {
  await server.settle({ public: ["team/*"], start: ["open/*"] });
  expect(await ask("open/app")).toEqual([503, "runner-missing"]);
  expect(await ask("team/app")).toEqual([401, "credential-missing"]);
  await server.settle({});
  expect(await ask("open/app")).toEqual([401, "credential-missing"]);
});

test("folders of a build context require the right build", async () => {
  const wanted = {
    mounts: [{ type: "bind", source: "", target: "/project" }],
    context: `sha256:${"0".repeat(64)}`,
  };
  expect(await ask("team/app", "start:team/*", wanted)).toEqual([403, "access-denied"]);
  expect(await ask("team/app", "start,build:team/*", wanted)).toEqual([404, "context-unknown"]);
});

test("invalid requests are rejected before the search for a runner", async () => {
  const token = "start:team/*";
  expect(await ask("team/app:none", token)).toEqual([404, expect.any(String)]);
  expect(await ask("team/app", token, { command: [] })).toEqual([400, "invalid-request"]);
  for (const wanted of [
    { workspace: "guess" },
    { env: ["=x"] },
    { size: { rows: 0, columns: 80 } },
    { mounts: [{ type: "volume", name: "../up", target: "/x" }] },
    { mounts: [{ type: "volume", name: "ok", target: "/" }] },
    { mounts: [{ type: "host", source: "/etc", target: "/x" }] },
    { mounts: ["/x", "/x"].map((target) => ({ type: "tmpfs", target })) },
  ] as Wanted[])
    expect([wanted, ...(await ask("team/app", token, wanted))]).toEqual([wanted, 400, expect.any(String)]);
});

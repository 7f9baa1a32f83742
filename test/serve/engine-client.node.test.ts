import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Builds } from "../../src/client/builds.ts";
import { Service } from "../../src/client/service.ts";
import type { LocalServer } from "../../src/serve/local-server.ts";
import { type TemporaryFolder, temporaryFolder } from "../helpers/temporary-folder.ts";
import { startTestServer } from "../helpers/test-server.ts";

let folder: TemporaryFolder;
let server: LocalServer;

beforeAll(async () => {
  folder = temporaryFolder({ "project/Dockerfile": 'FROM scratch\nRUN ["a"]\n' });
  server = await startTestServer({ port: 0, data: `${folder.path}/data` });
});
afterAll(async () => {
  await server.close();
  folder[Symbol.dispose]();
});

test("a build ends when its client of the Engine API disconnects", async () => {
  const body = execFileSync("tar", ["-c", "-C", `${folder.path}/project`, "."]);
  const client = new AbortController();
  const answer = await fetch(`${server.url}/build?t=left`, { method: "POST", body, signal: client.signal });
  expect(answer.headers.has("varve-front-build")).toBe(false);
  const builds = new Builds(new Service(server.url));
  const state = async () => (await builds.list(1, { image: "left" }))[0]?.state;
  // No runner executes the step.
  expect(await state()).toBe("running");
  client.abort();
  await expect.poll(state, { timeout: 20_000 }).toBe("cancelled");
});

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { LocalServer } from "../../src/serve/local-server.ts";
import { startServer, varve } from "../cli/server.ts";
import { freePort } from "../helpers/free-port.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";
import { startDockerd } from "./daemons.ts";
import { run } from "./programs.ts";

// `varve build --push` to Debian's registry, which has no list of referrers, and `--load` to docker.

const folder = temporaryFolder({ Dockerfile: "FROM scratch\nCOPY Dockerfile /\n" });
const state = temporaryFolder();
let server: LocalServer & AsyncDisposable;
let registry: ChildProcess;
let host: string;

beforeAll(async () => {
  server = await startServer();
  host = `127.0.0.1:${await freePort()}`;
  const settings = join(state.path, "registry.yml");
  const root = join(state.path, "registry");
  writeFileSync(
    settings,
    `version: 0.1\nstorage: {filesystem: {rootdirectory: ${root}}}\nhttp: {addr: "${host}"}\n`,
  );
  registry = spawn("docker-registry", ["serve", settings], { stdio: "ignore" });
  for (let tries = 0; tries < 100; tries++) {
    if (await fetch(`http://${host}/v2/`).catch(() => undefined)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
});
afterAll(async () => {
  registry.kill();
  await once(registry, "close");
  await server[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
  state[Symbol.dispose]();
});

async function build(args: string[], own: Record<string, string> = {}): Promise<string> {
  const env = { VARVE_SERVER: server.url, XDG_CACHE_HOME: join(state.path, "cache"), ...own };
  const { status, stdout, stderr } = await varve(["build", "--progress=none", ...args, folder.path], { env });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return stdout.trim();
}

test("pushes with attestations, which other programs find", async () => {
  const name = `${host}/team/app:1`;
  const digest = await build([
    "--push",
    "-t",
    name,
    "--provenance=true",
    "--sbom=true",
    "--attestations=referrers",
  ]);
  expect(
    await run("skopeo", ["inspect", "--tls-verify=false", "--format", "{{.Digest}}", `docker://${name}`]),
  ).toBe(digest);
  const found = await run("oras", ["discover", "--plain-http", "--format", "json", name]);
  expect(found.match(/in-toto\+json/g)?.length).toBe(2);
});

test("loads into docker, under every name", async () => {
  const docker = await startDockerd(state.path);
  try {
    const env = { DOCKER_HOST: `unix://${docker.socket}` };
    await build(["--load", "-t", "team/load:1", "-t", "team/load:2"], env);
    const tags = await run("docker", ["images", "--format", "{{.Tag}}", "team/load"], { env });
    expect(tags.split("\n").sort()).toEqual(["1", "2"]);
  } finally {
    await docker.stop();
  }
});

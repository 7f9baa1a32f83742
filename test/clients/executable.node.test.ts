import { execFile, spawnSync } from "node:child_process";
import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { LocalServer } from "../../src/serve/local-server.ts";
import { median } from "../bench/report/table.ts";
import { startServer } from "../cli/server.ts";
import { findBusybox } from "../differential/bases/busybox.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";

// The single executable, with an empty environment: no Node, no PATH, no HOME.

const execute = promisify(execFile);
const root = join(import.meta.dirname, "../..");
const busybox = findBusybox();
const folder = temporaryFolder({
  "project/Dockerfile": "FROM scratch\nCOPY . /\n",
  "steps/Dockerfile":
    'FROM scratch\nCOPY busybox /bin/busybox\nRUN ["/bin/busybox", "sh", "-c", "echo made > /file"]\n',
});
writeFileSync(join(folder.path, "steps/busybox"), busybox.binary, { mode: 0o755 });
const varve = join(folder.path, "varve");

let server: LocalServer & AsyncDisposable;
beforeAll(async () => {
  const made = execute("npm", ["run", "--silent", "executable", "--", varve], { cwd: root });
  server = await startServer();
  await made;
}, 180_000);
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

async function run(words: string[], env: Record<string, string> = {}, program = varve): Promise<string> {
  const { stdout } = await execute(program, words, { cwd: folder.path, env: { PATH: "", ...env } });
  return stdout.trim();
}

test("builds, and its image can be read", async () => {
  const digest = await run(["build", "-q", "-t", "alone", "project"], { VARVE_SERVER: server.url });
  expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
  const answer = await fetch(`${server.url}/v2/alone/manifests/latest`);
  expect(answer.status).toBe(200);
});

test("bakes, lists and prints help", async () => {
  writeFileSync(join(folder.path, "docker-bake.hcl"), 'target "default" {\n  context = "project"\n}\n');
  expect(JSON.parse(await run(["bake", "--print"]))).toMatchObject({
    target: { default: { context: "project" } },
  });
  expect(await run(["images", "-q"], { VARVE_SERVER: server.url })).not.toBe("");
  expect(await run(["kaniko", "--help"])).toContain("--destination");
  await expect(run(["serve"])).rejects.toThrow("varve serve is not part of this executable");
});

test("acts as kaniko's executor when it has that name", async () => {
  const executor = join(folder.path, "executor");
  symlinkSync(varve, executor);
  const words = ["--context", "project", "--no-push", "--destination=alone:2"];
  expect(await run(words, { VARVE_SERVER: server.url }, executor)).toMatch(/^sha256:/);
});

test("executes RUN steps with the programs of the machine", async () => {
  const env = { VARVE_SERVER: server.url, PATH: process.env.PATH ?? "" };
  const words = ["build", "--runner=local", "--progress=plain", "-t", "ran", "steps"];
  expect(await run(words, env)).toMatch(/^sha256:/);
});

test("starts as fast as Node with an empty script", () => {
  // CPU time, which does not depend on other load.
  const timed = "TIMEFORMAT='%U %S'; time \"$@\" >/dev/null 2>&1";
  const seconds = (...command: string[]) => {
    const { stderr } = spawnSync("bash", ["-c", timed, "-", ...command], { encoding: "utf8" });
    return stderr
      .trim()
      .split(" ")
      .map(Number)
      .reduce((sum, part) => sum + part, 0);
  };
  const rounds = Array.from(
    { length: 7 },
    () => [seconds(varve, "--version"), seconds(process.execPath, "-e", "0")] as const,
  );
  const own = median(rounds.map(([one]) => one));
  const node = median(rounds.map(([, one]) => one));
  console.log(`CPU time of a start: varve ${own.toFixed(3)} s, Node ${node.toFixed(3)} s`);
  expect(own).toBeGreaterThan(0);
  expect(own).toBeLessThan(node + 0.1);
});

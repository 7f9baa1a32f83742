import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { LocalServer } from "../../src/serve/local-server.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";
import { startServer } from "./server.ts";

// Inputs without data, and outputs that fail: a full disk, a closed pipe.

const varve = `'${process.execPath}' '${join(import.meta.dirname, "../../src/cli/varve.ts")}'`;
const project = temporaryFolder({ Dockerfile: "FROM scratch\nCOPY a /\n", a: "a" });
let server: LocalServer & AsyncDisposable;
beforeAll(async () => {
  server = await startServer();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  project[Symbol.dispose]();
});

async function bash(script: string): Promise<{ code: number; stdout: string; stderr: string }> {
  const env = { ...process.env, VARVE_SERVER: server.url, XDG_CACHE_HOME: project.path };
  try {
    const ran = await promisify(execFile)("bash", ["-c", script], { env, cwd: project.path });
    return { code: 0, ...ran };
  } catch (error) {
    return error as { code: number; stdout: string; stderr: string };
  }
}

test.each(["images", "--help", "completion bash"])("reports a full disk: %s", async (command) => {
  const { code, stderr } = await bash(`${varve} ${command} >/dev/full`);
  expect(stderr).toBe("ERROR: Cannot write to stdout: ENOSPC: no space left on device, write\n");
  expect(code).toBe(1);
});

test.each(["2>/dev/full", "2> >(exec 0<&-)", "2>&-"])(
  "finishes the build when stderr is closed: %s",
  async (where) => {
    const { code, stdout } = await bash(`${varve} build --no-cache --progress=plain . ${where}`);
    expect(stdout).toMatch(/^sha256:[0-9a-f]{64}\n$/);
    expect(code).toBe(0);
  },
);

test.each([
  ["build -f .. .", /^ERROR: Cannot read \/\S+: it is a directory$/m],
  ["load -i .", /^ERROR: read \.: is a directory\nHINT: The archive must be a tar: /],
])("reports an input that is a directory: %s", async (command, message) => {
  const { code, stderr } = await bash(`${varve} ${command}`);
  expect(stderr).toMatch(message);
  expect(code).toBe(1);
});

import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { LocalServer } from "../../src/serve/local-server.ts";
import { type Files, temporaryFolder } from "../helpers/temporary-folder.ts";
import { startTestServer } from "../helpers/test-server.ts";

/** A separate server with an empty state and, unless files are given, an empty page. */
export async function startServer(
  page: Files = { "index.html": "" },
): Promise<LocalServer & AsyncDisposable> {
  const inAssets = Object.entries(page).map(([path, file]) => [`assets/${path}`, file]);
  const folder = temporaryFolder(Object.fromEntries(inAssets));
  const place = (name: string) => join(folder.path, name);
  const server = await startTestServer({ port: 0, data: place("data"), assets: place("assets") });
  return {
    ...server,
    async [Symbol.asyncDispose]() {
      await server.close();
      folder[Symbol.dispose]();
    },
  };
}

export interface Run {
  status: number;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  cwd?: string;
  env?: Record<string, string>;
  umask?: string;
  /** A user other than the one that runs the tests; requires root. */
  uid?: number;
  stdin?: string | Uint8Array;
}

const program = join(import.meta.dirname, "../../src/cli/varve.ts");

/** Runs the command as a shell would. */
export async function varve(args: string[], options: RunOptions = {}): Promise<Run> {
  const { cwd, env = {}, umask = "022", uid, stdin = "" } = options;
  const child = spawn("sh", ["-c", `umask ${umask}; exec "$@"`, "-", process.execPath, program, ...args], {
    ...(cwd !== undefined && { cwd }),
    ...(uid !== undefined && { uid, gid: uid }),
    env: {
      PATH: process.env.PATH,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      HOME: "/nonexistent",
      ...env,
    },
  });
  const run: Run = { status: -1, stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    run.stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    run.stderr += text;
  });
  child.stdin.end(stdin);
  const [status] = (await once(child, "close")) as [number];
  return { ...run, status };
}

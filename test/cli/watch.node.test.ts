import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { LocalServer } from "../../src/serve/local-server.ts";
import { type TemporaryFolder, temporaryFolder, write } from "../helpers/temporary-folder.ts";
import { startServer, varve } from "./server.ts";

// `varve build --watch`: builds again after changes of what the build reads, and after nothing else.

const program = join(import.meta.dirname, "../../src/cli/varve.ts");
const WAITING = "Waiting for changes. Ctrl-C ends the command.\n";
let server: LocalServer & AsyncDisposable;
let folder: TemporaryFolder;
let watching: Watching | undefined;

class Watching {
  readonly child: ChildProcess;
  stdout = "";
  stderr = "";

  constructor(args: string[], cwd: string) {
    const env = { PATH: process.env.PATH, HOME: join(cwd, "../home"), VARVE_SERVER: server.url };
    this.child = spawn(process.execPath, [program, "build", "--watch", ...args], { cwd, env });
    this.child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.stdout += text;
    });
    this.child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
    });
  }

  get builds(): number {
    return this.stderr.split(WAITING).length - 1;
  }

  get digests(): string[] {
    return this.stdout.trim().split("\n");
  }

  /** Resolves with what was printed about this build and what caused it. */
  async afterBuild(number: number): Promise<string> {
    await expect.poll(() => this.builds, { timeout: 60_000 }).toBeGreaterThanOrEqual(number);
    return this.stderr.split(WAITING)[number - 1] ?? "";
  }

  async interrupt(): Promise<number> {
    this.child.kill("SIGINT");
    const [code] = (await once(this.child, "exit")) as [number];
    return code;
  }
}

const place = (path: string) => join(folder.path, "project", path);
const change = (path: string, text: string) => writeFileSync(place(path), text);

beforeAll(async () => {
  server = await startServer();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});
beforeEach(() => {
  folder = temporaryFolder({
    "project/Dockerfile": "FROM scratch\nCOPY src /src\nCOPY --from=assets logo /\n",
    "project/.dockerignore": "**/*.log\n",
    "project/src/app": "1\n",
    "project/src/old": "1\n",
    "project/other": "1\n",
    "assets/logo": "1\n",
    "assets/other": "1\n",
  });
});
afterEach(() => {
  watching?.child.kill("SIGKILL");
  watching = undefined;
  folder[Symbol.dispose]();
});

test("builds after changes of files that the build selects", { timeout: 180_000 }, async () => {
  const args = ["-t", "watched", "--build-context", "assets=../assets", "."];
  watching = new Watching(args, join(folder.path, "project"));
  await watching.afterBuild(1);
  change("src/app", "2\n");
  expect(await watching.afterBuild(2)).toMatch(/^Changed: src\/app\n/);
  const same = await varve(["build", ...args], {
    cwd: join(folder.path, "project"),
    env: { VARVE_SERVER: server.url },
  });
  expect(`${watching.digests[1]}\n`).toBe(same.stdout);

  // Nothing of this is read, or changes more than times.
  change("other", "2\n");
  change("src/debug.log", "1\n");
  writeFileSync(join(folder.path, "assets/other"), "2\n");
  write(folder.path, { "project/src/app": "2\n" });
  await pause(1500);
  expect(watching.builds).toBe(2);

  mkdirSync(place("src/deep"));
  await watching.afterBuild(3);
  change("src/deep/file", "1\n");
  expect(await watching.afterBuild(4)).toMatch(/^Changed: src\/deep\/file \(added\)\n/);
  rmSync(place("src/old"));
  expect(await watching.afterBuild(5)).toMatch(/^Changed: src\/old \(removed\)\n/);
  writeFileSync(join(folder.path, "assets/logo"), "2\n");
  expect(await watching.afterBuild(6)).toMatch(/^Changed: \.\.\/assets\/logo\n/);
  // As some editors write: a new file in the place of the old one.
  change("Dockerfile.new", "FROM scratch\nCOPY src/app other /\n");
  renameSync(place("Dockerfile.new"), place("Dockerfile"));
  expect(await watching.afterBuild(7)).toMatch(/^Changed: Dockerfile\n/);
  change("other", "3\n");
  expect(await watching.afterBuild(8)).toMatch(/^Changed: other\n/);
  change(".dockerignore", "**/*.log\ndocs\n");
  expect(await watching.afterBuild(9)).toMatch(/^Changed: \.dockerignore\n/);
  expect(await watching.interrupt()).toBe(130);
  expect(new Set(watching.digests).size).toBe(8);
});

test("keeps watching after a failed build", { timeout: 120_000 }, async () => {
  change("Dockerfile", "FROM scratch\nCOPY missing /\n");
  watching = new Watching(["-t", "failing", "."], join(folder.path, "project"));
  expect(await watching.afterBuild(1)).toContain('"/missing": not found');
  change("missing", "1\n");
  expect(await watching.afterBuild(2)).toMatch(/^Changed: missing \(added\)\n/);
  expect(watching.digests).toHaveLength(1);
  change("Dockerfile", "FROM scratch\nCOPPY missing /\n");
  expect(await watching.afterBuild(3)).toContain("unknown instruction: COPPY");
  change("Dockerfile", "FROM scratch\nCOPY missing /again\n");
  await watching.afterBuild(4);
  expect(watching.digests).toHaveLength(2);
});

test("does not treat its outputs as changes", { timeout: 120_000 }, async () => {
  change("Dockerfile", "FROM scratch\nCOPY . /\n");
  const args = ["-o", "out", "--metadata-file", "metadata.json", "."];
  watching = new Watching(args, join(folder.path, "project"));
  await watching.afterBuild(1);
  await pause(1500);
  expect(watching.builds).toBe(1);
  expect(readFileSync(place("out/src/app"), "utf8")).toBe("1\n");
});

test.each([
  [["-f", "-", "."], "--watch needs a Dockerfile that can be read repeatedly, not stdin or a pipe"],
  [["-"], '--watch needs a folder as context, not "-"'],
  [["--check", "."], "--watch builds repeatedly; it cannot check"],
  [["-o", "-", "."], "--watch cannot write its outputs to stdout: use dest=FILE"],
])("rejects %j", async (args, message) => {
  const { status, stderr } = await varve(["build", "--watch", ...args], {
    cwd: join(folder.path, "project"),
  });
  expect({ status, stderr }).toEqual({ status: 2, stderr: `ERROR: ${message}\n` });
});

test("exits when the server is unreachable for the first build", async () => {
  const cwd = join(folder.path, "project");
  const { status } = await varve(["build", "--watch", "--server", "http://127.0.0.1:9", "."], { cwd });
  expect(status).toBe(4);
});

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { LocalServer } from "../../src/serve/local-server.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";
import { startServer, varve } from "./server.ts";

// Error messages of the command in unusual situations.

const folder = temporaryFolder({
  "project/Dockerfile": "FROM scratch\nCOPY . /\n",
  "project/file": "contents\n",
  "project/lint": "from scratch\nCOPY . /\n",
  "project/base": "FROM 127.0.0.1:9/nothing\n",
});
// The file must be readable by other users, too.
chmodSync(folder.path, 0o755);
const cwd = join(folder.path, "project");
let server: LocalServer & AsyncDisposable;
const run = (args: string[], options: Parameters<typeof varve>[1] = {}) =>
  varve(args, { cwd, ...options, env: { VARVE_SERVER: server.url, ...options.env } });

beforeAll(async () => {
  server = await startServer();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

test.each([
  [["du"], 'unknown command "du"', 'Did you mean "varve usage"?'],
  [
    ["bake", "https://h.example/a.git"],
    "Cannot read bake files of https://h.example/a.git: they must be on this machine",
    "Clone the repository, and run varve bake there. The context of a target may be a URL.",
  ],
  [
    ["imagetools", "inspect", "a"],
    'unknown action "inspect": varve imagetools only has create',
    "varve inspect IMAGE prints an image of the server.",
  ],
  [["biuld", "."], 'unknown command "biuld"', 'Did you mean "varve build"?'],
  [["build", "--taag", "x", "."], "unknown flag: --taag", 'Did you mean "--tag"?'],
  [["images", "--formt=json"], "unknown flag: --formt", 'Did you mean "--format"?'],
  [["images", "--nothing-like-it"], "unknown flag: --nothing-like-it", 'See "varve images --help".'],
])("a misspelt command line is reported with a hint: %j", async (args, message, hint) => {
  expect(await run(args)).toEqual({ status: 2, stdout: "", stderr: `ERROR: ${message}\nHINT: ${hint}\n` });
});

test("an empty name is reported", async () => {
  const { status, stderr } = await run(["build", "-t", "", "."]);
  expect({ status, stderr }).toEqual({
    status: 2,
    stderr: 'ERROR: invalid tag "": invalid reference format\n',
  });
});

test.each([
  [["-t", "FOO"], 'invalid tag "FOO"'],
  [["--platform", "a/b/c/d"], "failed to parse target platform a/b/c/d"],
  [["--annotation", "index:a=b"], "index annotations not supported for single platform export"],
])("values that the server rejects are reported: %j", async (flags, message) => {
  const { status, stderr } = await run(["build", ...flags, "."]);
  expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining(`ERROR: ${message}`) });
});

test("a missing secret file is reported", async () => {
  const { stderr } = await run(["build", "--secret", "id=a,src=none", "."]);
  expect(stderr).toContain("ERROR: failed to stat none: no such file or directory");
});

test("empty values, as scripts pass them, are accepted like docker does", async () => {
  const flags = ["--file=", "--iidfile=", "--metadata-file=", "--progress=", "--target=", "--network="];
  expect(await run(["build", ...flags, "."])).toMatchObject({ status: 0 });
});

test.each([
  [["builds"], "takes at least 1 argument", "Use list, log, explain, inspect, export or insights."],
  [["docker"], "takes 1 argument", "Use install or uninstall."],
  [["builds", "log", "0".repeat(64)], "Cannot find", "varve builds list --no-trunc"],
  [["builds", "log", "--run", "99"], "Cannot find run 99", "varve builds list --no-trunc"],
  [["explain", ".."], 'begins with ".."', "varve builds list --no-trunc"],
  [["token", "revoke", "0123456789abcdef"], "Cannot revoke", "varve token list prints"],
  [["token", "create", "--scope", "x"], '"x" is not a scope', undefined],
  [["images", "--filter", "label"], 'invalid filter "label"', "Use label="],
  [["images", "--server", "ftp://x"], '"ftp://x" is not an http or https URL', "Example: "],
])("hints name commands and flags, not requests: %j", async (args, message, hint) => {
  const { status, stderr } = await run(args);
  expect(status).not.toBe(0);
  const [error = "", second] = stderr.split("\n");
  expect(error).toContain(message);
  if (hint !== undefined) expect(second).toContain(`HINT: ${hint}`);
  expect(stderr).not.toMatch(/\b(?:GET|POST) \/|Varve-Build|✖/);
});

test("explain accepts a prefix, or nothing for the last build", async () => {
  const { stdout } = await run(["builds", "list", "-n", "1", "--format", "{{.id}}"]);
  const last = await run(["explain"]);
  expect(last).toMatchObject({ status: 0, stdout: expect.stringContaining("COPY") });
  expect(last.stderr).toMatch(/^Last build: done, started /);
  expect(await run(["explain", stdout.slice(0, 12)])).toEqual({ ...last, stderr: "" });
});

describe("a Dockerfile outside of a folder", () => {
  test("check reads it from stdin", async () => {
    const { status, stdout } = await run(["check", "-f", "-"], { stdin: "from scratch\nCOPY . /\n" });
    expect({ status, stdout }).toMatchObject({ status: 5, stdout: expect.stringContaining("Dockerfile:1") });
    expect(await run(["check", "-f", "-"], { stdin: "FROM scratch\n" })).toMatchObject({ status: 0 });
  });

  test.each(["build", "check"])("%s reads a FIFO", async (command) => {
    const fifo = join(folder.path, `fifo-${command}`);
    execFileSync("mkfifo", [fifo]);
    const written = once(spawn("sh", ["-c", `printf 'FROM scratch\\nLABEL a=b\\n' > ${fifo}`]), "exit");
    expect(await run([command, "-f", fifo, "."])).toMatchObject({ status: 0 });
    await written;
  });
});

test("an unreachable base image is reported", async () => {
  const { status, stderr } = await run(["build", "-f", "base", "."]);
  expect(status).toBe(1);
  expect(stderr).toContain("127.0.0.1:9/nothing");
  expect(stderr).toMatch(/^HINT: The server fetches base images\. Check its network/m);
});

describe("files without permission", () => {
  /** An ordinary user whose home does not exist. */
  const homeless = { uid: 65534, env: { HOME: "/nonexistent" } };

  test("a file of the context is reported", async () => {
    writeFileSync(join(cwd, "secret"), "secret\n", { mode: 0 });
    try {
      expect(await run(["build", "."], homeless)).toEqual({
        status: 1,
        stdout: "",
        stderr:
          'ERROR: Cannot read "secret" of the context: permission denied; change its permissions, or exclude it in .dockerignore\n',
      });
    } finally {
      chmodSync(join(cwd, "secret"), 0o644);
    }
  });

  test("a home folder is not needed by a build, and a runner reports that it needs one", async () => {
    expect(await run(["build", "-q", "."], homeless)).toMatchObject({ status: 0, stderr: "" });
    const { status, stderr } = await run(["runner", "--data", "/proc/nope"]);
    expect({ status, stderr }).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(
        /^ERROR: Cannot create the folder \/proc\/nope for layers and cache mounts: .*--data/,
      ),
    });
  });
});

test("output without a terminal has no escape sequences", async () => {
  for (const progress of ["auto", "plain"]) {
    const { stderr } = await run(["build", "--no-cache", "--progress", progress, "."]);
    expect(stderr).toContain("#1 ");
    expect(stderr).not.toContain("\u001b");
  }
});

test("a second Ctrl-C ends the command at once", async () => {
  const program = join(import.meta.dirname, "../../src/cli/varve.ts");
  // The Dockerfile never arrives on stdin, so the first one does not end the command.
  const child = spawn(process.execPath, [program, "build", "-f", "-", "."], {
    cwd,
    env: { PATH: process.env.PATH, HOME: "/nonexistent", VARVE_SERVER: server.url },
    stdio: ["pipe", "ignore", "pipe"],
  });
  const exited = once(child, "exit");
  await new Promise((resolve) => setTimeout(resolve, 1500));
  child.kill("SIGINT");
  await new Promise((resolve) => setTimeout(resolve, 100));
  const began = Date.now();
  child.kill("SIGINT");
  const [code] = await exited;
  expect(code).toBe(130);
  expect(Date.now() - began).toBeLessThan(10_000);
});

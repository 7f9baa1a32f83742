import { execFile, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { LocalServer } from "../../src/serve/local-server.ts";
import { startServer, varve } from "../cli/server.ts";
import { type TemporaryFolder, temporaryFolder } from "../helpers/temporary-folder.ts";
import { Step } from "./step.ts";

const isRoot = process.getuid?.() === 0;
const NOBODY = 65_534;
/** Only root can run as another user. */
const asNobody = isRoot ? { uid: NOBODY } : {};
const hasZstd = process.env.CI === "true" || spawnSync("zstd", ["--version"]).status === 0;
let server: LocalServer & AsyncDisposable;
let home: TemporaryFolder;
/** A repository that each builder checks out separately. */
let repository: string;
let digest: string;

beforeAll(async () => {
  server = await startServer();
  home = temporaryFolder({
    "project/Dockerfile":
      "FROM scratch AS base\nWORKDIR /app\nFROM base\nARG LEVEL=1\nCOPY . .\nLABEL level=$LEVEL\n",
    "project/.dockerignore": ".git\n*.log\n",
    "project/src/main.js": "console.log(1);\n",
    "project/src/naïve/ö.txt": "ü",
    "project/bin/tool": { text: "#!/bin/sh\n", mode: 0o755 },
    "project/bin/link": { link: "tool" },
    "project/debug.log": "not in it",
  });
  await shell(
    "chmod 755 .; cd project; git init -q; git add -A; git -c user.name=a -c user.email=a@b commit -qm first",
  );
  repository = join(home.path, "project");
  digest = await byCurl(await checkout("first"), "tar --create --sort=name .");
  expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  home?.[Symbol.dispose]();
});

async function shell(command: string, ...args: string[]): Promise<string> {
  const env = { PATH: process.env.PATH, HOME: home.path };
  const words = ["-o", "pipefail", "-c", command, "-", ...args];
  return (await promisify(execFile)("bash", words, { cwd: home.path, env })).stdout;
}

/** A checkout at a given time with a given umask. */
async function checkout(
  name: string,
  { umask = "022", owner = 0, date = "2001-02-03" } = {},
): Promise<string> {
  const clone = `umask ${umask}; git clone -q "$1" "$2"; find "$2" -exec touch -h -d "$3" {} +`;
  await shell(`${clone}${isRoot ? `; chown -R ${owner}:${owner} "$2"` : ""}`, repository, name, date);
  return join(home.path, name);
}

/** The server's response to a folder that a command has written, uploaded by curl. */
async function byCurl(folder: string, command: string, curl = '-T - -X POST "$1"'): Promise<string> {
  const url = `${server.url}/v1/builds?t=same/curl`;
  const manifest = await shell(
    `cd "$2"; ${command} | curl -sS --fail-with-body ${curl} | sha256sum`,
    url,
    folder,
  );
  return `sha256:${manifest.slice(0, 64)}`;
}

async function byCommand(args: string[], options: Parameters<typeof varve>[1] = {}): Promise<string> {
  const env = { VARVE_SERVER: server.url, XDG_CACHE_HOME: join(home.path, "cache") };
  const { status, stdout, stderr } = await varve(["build", "-t", "same/command", ...args], {
    ...options,
    env,
  });
  if (status !== 0) throw new Error(stderr);
  return stdout.trim();
}

test.each<[string, string]>([
  ["in the order of the folder", "tar --create ."],
  [
    "in another order, without dots, by another user",
    "find * .dockerignore -print0 | sort -rz | tar --create --no-recursion --null --files-from=- --owner=1000 --group=1000",
  ],
  [
    "in pax format, with times of nanoseconds",
    "tar --create --format=posix --mtime='2020-01-01 00:00:00.123456789' .",
  ],
  ["in the format of 1988", "tar --create --format=ustar ."],
  ["compressed by gzip", "tar --create --gzip ."],
  ...(hasZstd ? [["compressed by zstd", "tar --create --zstd ."] as [string, string]] : []),
])("a tar %s", async (_, command) => {
  expect(await byCurl(await checkout(`tar-${crypto.randomUUID()}`), command)).toBe(digest);
});

test("a form with the parts dockerfile, context and options", async () => {
  const folder = await checkout("form");
  const form = `-F dockerfile=@Dockerfile -F context=@- -F 'options={"buildArgs":{}}' "$1"`;
  expect(await byCurl(folder, "tar --create .", form)).toBe(digest);
});

test.each([
  ["the one who made it", {}, {}],
  ["another user, in another year", { date: "2031-01-01", owner: NOBODY }, asNobody],
  ["a user whose files are writable by the group", { umask: "002" }, { umask: "002" }],
  [
    "a user whose files are not readable by others",
    { umask: "077", owner: NOBODY },
    { umask: "077", ...asNobody },
  ],
])("the command, run by %s", async (name, made, run) => {
  expect(await byCommand([await checkout(`command-${name}`, made)], run)).toBe(digest);
});

test("the command, with a tar on stdin", async () => {
  await shell('tar --create --directory "$1" --file stdin.tar .', await checkout("stdin"));
  expect(await byCommand(["-"], { stdin: readFileSync(join(home.path, "stdin.tar")) })).toBe(digest);
});

test.each([
  ["as root", {}, {}],
  [
    "as the user of the machine",
    { owner: NOBODY, umask: "002", date: "2031-01-01" },
    { umask: 0o002, ...asNobody },
  ],
])("the Action, %s", async (name, made, run) => {
  const workspace = await checkout(`action-${name}`, made);
  const step = new Step({ server: server.url, tags: "same/action" }, { workspace, ...run });
  const { status, outputs, log } = await step.main();
  expect([status, outputs.digest], log).toEqual([0, digest]);
});

test("different inputs give another image", async () => {
  const folder = await checkout("different");
  await shell("printf x >>different/src/main.js");
  expect(await byCommand([folder])).not.toBe(digest);
  expect(await byCommand(["--build-arg", "LEVEL=2", await checkout("argument")])).not.toBe(digest);
});

import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { LocalServer } from "../../src/cli/local-server.ts";
import { temporaryFolder } from "../cli/folder.ts";
import { startServer } from "../cli/server.ts";
import { noise } from "../client/noise.ts";

// The package as it is published: made with `npm pack`, installed in an empty folder, run with this machine's own Node.

const execute = promisify(execFile);
const root = join(import.meta.dirname, "../..");
const folder = temporaryFolder({
  "empty/package.json": "{}",
  "project/Dockerfile": "FROM scratch\nCOPY . /\n",
});

/** Without the Node of the repository: `npm test` and the like put that first. */
const path = (process.env.PATH ?? "")
  .split(delimiter)
  .filter((entry) => !entry.includes("node_modules"))
  .join(delimiter);

let server: LocalServer & AsyncDisposable;
beforeAll(async () => {
  const pack = ["pack", "--silent", "--pack-destination", folder.path];
  const packed = execute("npm", pack, { cwd: root });
  server = await startServer();
  const [name = ""] = (await packed).stdout.trim().split("\n").slice(-1);
  const install = ["install", "--no-audit", "--no-fund", "--offline", join(folder.path, name)];
  await execute("npm", install, { cwd: join(folder.path, "empty"), env: { ...process.env, PATH: path } });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

async function varve(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const program = join(folder.path, "empty/node_modules/.bin/varve");
  const env = { PATH: path, HOME: folder.path, VARVE_SERVER: server.url };
  try {
    return { code: 0, ...(await execute(program, args, { env, cwd: join(folder.path, "project") })) };
  } catch (error) {
    return error as { code: number; stdout: string; stderr: string };
  }
}

test("brings nothing else, and builds, lists and saves", async () => {
  expect(existsSync(join(folder.path, "empty/node_modules/zod"))).toBe(false);
  const { stdout: about } = await varve("version", "--format", "json");
  const { node } = JSON.parse(about) as { node: string };
  console.log(`The package runs on Node ${node}`);

  // Compressible or not, small and large: versions of Node without zstd send it all the same.
  writeFileSync(join(folder.path, "project/noise"), noise(3_000_000));
  writeFileSync(join(folder.path, "project/zeros"), new Uint8Array(9_000_000));
  writeFileSync(join(folder.path, "project/empty"), "");
  const built = await varve("build", "-t", "packed", ".");
  expect(built).toMatchObject({ code: 0, stdout: expect.stringMatching(/^sha256:[0-9a-f]{64}\n$/) });
  const source = await execute(
    process.execPath,
    [join(root, "src/cli/varve.ts"), "build", "-t", "source", "."],
    {
      cwd: join(folder.path, "project"),
      env: { PATH: path, HOME: join(folder.path, "empty"), VARVE_SERVER: server.url },
    },
  );
  expect(source.stdout).toBe(built.stdout);

  expect((await varve("images", "-q")).stdout.trim().split("\n")).toHaveLength(2);
  expect((await varve("build", "-q", "-o", "../out", ".")).code).toBe(0);
  expect(existsSync(join(folder.path, "out/noise"))).toBe(true);
  expect((await varve("completion", "bash")).stdout).toContain("complete -F _varve varve");
});

test("says what it lacks to serve", async () => {
  const { code, stderr } = await varve("serve");
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /^ERROR: varve serve needs (Node 22 or newer, and this is |miniflare, which is not installed)/,
  );
});

test("serves where there is what it takes, and what was built there is there again", async () => {
  symlinkSync(join(root, "node_modules/miniflare"), join(folder.path, "empty/node_modules/miniflare"));
  const program = join(folder.path, "empty/node_modules/varve/dist/cli/varve.js");
  const env = { PATH: path, HOME: folder.path, PORT: "0", VARVE_DATA: join(folder.path, "data") };
  const serve = async (use: (url: string) => Promise<void>) => {
    const child = spawn(process.execPath, [program, "serve"], { env, stdio: ["ignore", "pipe", "inherit"] });
    try {
      const [line] = (await once(child.stdout, "data")) as [Buffer];
      await use(/http:\S+/.exec(line.toString())?.[0] ?? "");
    } finally {
      child.kill("SIGTERM");
      await once(child, "exit");
    }
  };
  await serve(async (url) => {
    expect(await varve("build", "-q", "--server", url, "-t", "kept", ".")).toMatchObject({ code: 0 });
    expect(await (await fetch(url)).text()).toContain("<title>");
  });
  await serve(async (url) => {
    expect((await varve("images", "-q", "--server", url)).stdout.trim().split("\n")).toHaveLength(1);
  });
});

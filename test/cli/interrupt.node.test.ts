import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readlinkSync, truncateSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { Builds } from "../../src/client/builds.ts";
import { Service } from "../../src/client/service.ts";
import type { LocalServer } from "../../src/serve/local-server.ts";
import { type TemporaryFolder, temporaryFolder } from "../helpers/temporary-folder.ts";
import { startServer } from "./server.ts";

// Signals that end a command.

const program = join(import.meta.dirname, "../../src/cli/varve.ts");
const signals = [
  ["SIGINT", 130],
  ["SIGHUP", 129],
  ["SIGTERM", 143],
] as const;
let server: LocalServer & AsyncDisposable;
let folder: TemporaryFolder;

beforeAll(async () => {
  server = await startServer();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});
beforeEach(() => {
  folder = temporaryFolder({ "project/Dockerfile": "FROM scratch\nCOPY . /\n", "home/": "", "out/": "" });
  return () => folder[Symbol.dispose]();
});

class Command {
  readonly child: ChildProcess;
  readonly exit: Promise<unknown[]>;
  stderr = "";

  constructor(args: string[], url = server.url) {
    const env = { PATH: process.env.PATH, HOME: join(folder.path, "home"), VARVE_SERVER: url };
    const stdio = ["pipe", "ignore", "pipe"] as const;
    this.child = spawn(process.execPath, [program, ...args], { cwd: folder.path, env, stdio: [...stdio] });
    this.exit = once(this.child, "exit");
    this.child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
    });
  }

  /** Whether it has a file open. */
  reads(file: string): boolean {
    const descriptors = `/proc/${this.child.pid}/fd`;
    return readdirSync(descriptors).some((name) => {
      try {
        return readlinkSync(join(descriptors, name)) === file;
      } catch {
        return false;
      }
    });
  }

  async end(signal: NodeJS.Signals): Promise<unknown> {
    this.child.kill(signal);
    const [code] = await this.exit;
    return code;
  }
}

/** A file whose reading takes longer than the test, without blocks on the disk. */
function writeHuge(place: string): string {
  writeFileSync(place, "");
  truncateSync(place, 2 ** 40);
  return place;
}

test.each(signals)("%s ends a build while it reads the context", async (signal, code) => {
  const huge = writeHuge(join(folder.path, "project/huge"));
  const command = new Command(["build", "project"]);
  await expect.poll(() => command.reads(huge), { timeout: 30_000 }).toBe(true);
  expect(await command.end(signal)).toBe(code);
  expect(command.stderr).toBe("ERROR: canceled\n");
});

test.each([
  ["a Dockerfile", ["build", "-f", "-", "project"]],
  ["a context", ["build", "-"]],
  ["a Dockerfile to lint", ["build", "--call=check", "-"]],
  ["the Dockerfile of a folder to lint", ["build", "--call=check", "-f", "-", "project"]],
  ["a bake file", ["bake", "-f", "-"]],
])("Ctrl-C ends a command that waits for the rest of %s on stdin", async (_, args) => {
  const command = new Command(args);
  // More than a pipe holds, so the command has begun to read.
  await new Promise((written) => command.child.stdin?.write("# comment\n".repeat(50_000), written));
  expect(await command.end("SIGINT")).toBe(130);
  expect(command.stderr).toBe("ERROR: canceled\n");
});

test("Ctrl-C ends a bake while it reads a context", async () => {
  const huge = writeHuge(join(folder.path, "project/huge"));
  writeFileSync(join(folder.path, "docker-bake.json"), '{"target":{"default":{"context":"project"}}}');
  const command = new Command(["bake", "--allow=fs.read=*"]);
  await expect.poll(() => command.reads(huge), { timeout: 30_000 }).toBe(true);
  expect(await command.end("SIGINT")).toBe(130);
  expect(command.stderr).toBe("ERROR: target default: canceled\n");
});

test.each(signals)("%s cancels the build at the server", async (signal, code) => {
  // No runner executes the step.
  const argument = `ARG NAME=${signal}`;
  writeFileSync(join(folder.path, "project/Dockerfile"), `FROM scratch\n${argument}\nRUN ["a"]\n`);
  const command = new Command(["build", "--runner=pool", "-t", `signals:${code}`, "project"]);
  await expect.poll(() => command.stderr, { timeout: 30_000 }).toContain("waiting");
  // A terminal that closes sends the signal twice.
  if (signal === "SIGHUP") command.child.kill(signal);
  expect(await command.end(signal)).toBe(code);
  const builds = new Builds(new Service(server.url));
  const [build] = await builds.list(1, { image: "signals" });
  expect(build).toMatchObject({ tags: [expect.stringContaining(String(code))], state: "cancelled" });
});

test.each(signals)("%s removes the part of a saved image", async (signal, code) => {
  // Answers with the start of an archive.
  const stalled = createServer((_request, response) => response.write("start")).listen(0, "127.0.0.1");
  await once(stalled, "listening");
  try {
    const out = join(folder.path, "out");
    const { port } = stalled.address() as AddressInfo;
    const command = new Command(["save", "-o", join(out, "image.tar"), "a"], `http://127.0.0.1:${port}`);
    await expect.poll(() => readdirSync(out), { timeout: 30_000 }).toHaveLength(1);
    expect(await command.end(signal)).toBe(code);
    expect(readdirSync(out)).toEqual([]);
  } finally {
    stalled.closeAllConnections();
    stalled.close();
  }
});

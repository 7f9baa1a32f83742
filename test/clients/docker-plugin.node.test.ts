import { execFile, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { varve } from "../cli/server.ts";
import { type Daemon, startDockerd } from "./daemons.ts";
import { announce } from "./programs.ts";
import { Suite } from "./suite.ts";

// `varve docker install`: docker's command builds with varve, and its daemon has the image afterwards.

const execute = promisify(execFile);
let suite: Suite;
let daemon: Daemon;
let home: string;
let project: string;

beforeAll(async () => {
  await announce("docker");
  suite = await Suite.start();
  daemon = await startDockerd(suite.folder);
  home = join(suite.folder, "home");
  project = join(suite.folder, "project");
  mkdirSync(join(home, ".docker"), { recursive: true });
  mkdirSync(project);
  writeFileSync(join(project, "Dockerfile"), "FROM scratch\nARG word=none\nLABEL word=$word\nCOPY file /\n");
  writeFileSync(join(project, "file"), "contents\n");
  writeFileSync(configFile(), JSON.stringify(others));
});
afterAll(async () => {
  await daemon?.stop();
  await suite?.[Symbol.asyncDispose]();
});

/** Docker's settings that must stay. */
const others = {
  auths: { "registry.example": { auth: "eDp5" } },
  psFormat: "{{.ID}}",
  currentContext: "default",
};
const configFile = () => join(home, ".docker/config.json");
const config = () => JSON.parse(readFileSync(configFile(), "utf8")) as unknown;
const plugin = () => join(home, ".docker/cli-plugins/docker-varve");

/** Runs docker's command in the project as the user of `home`; the daemon is that of the suite. */
async function docker(
  words: string[],
  env: Record<string, string> = {},
): Promise<{ stdout: string; stderr: string }> {
  const variables = { PATH: process.env.PATH, HOME: home, DOCKER_HOST: `unix://${daemon.socket}`, ...env };
  const { stdout, stderr } = await execute("docker", words, { cwd: project, env: variables });
  return { stdout: stdout.trim(), stderr };
}

const inspect = async (image: string, format: string) =>
  (await docker(["image", "inspect", "--format", format, image])).stdout;

test("install keeps the other settings of docker", async () => {
  const installed = await varve(["docker", "install", "--server", suite.url], { env: { HOME: home } });
  expect(installed).toMatchObject({ status: 0, stderr: "" });
  expect(config()).toEqual({
    ...others,
    aliases: { builder: "varve" },
    plugins: { varve: { server: suite.url } },
  });
  // A second time, nothing changes.
  expect(await varve(["docker", "install"], { env: { HOME: home } })).toMatchObject({ status: 0 });
  expect(config()).toMatchObject({ ...others, plugins: { varve: { server: suite.url } } });
});

test("docker lists the plugin", async () => {
  expect((await docker(["--help"])).stdout).toMatch(/^ +varve\* +Builds container images at the edge$/m);
  expect((await docker(["varve", "version"])).stdout).toContain(`at ${suite.url}`);
  expect((await docker(["help", "varve"])).stdout).toContain("Usage:  varve COMMAND");
  expect((await docker(["help", "varve", "build"])).stdout).toContain("Usage:  varve build");
});

test.each([
  ["docker build", ["build"]],
  ["docker image build", ["image", "build"]],
  ["docker builder build", ["builder", "build"]],
  ["docker varve build", ["varve", "build"]],
])("%s loads the image into the daemon", async (name, words) => {
  const tag = name.replaceAll(" ", "-");
  await docker([...words, "-t", `team/${tag}:1`, "--build-arg", `word=${tag}`, "."]);
  expect(await inspect(`team/${tag}:1`, "{{.Config.Labels.word}}")).toBe(tag);
  const { stdout } = await docker(["varve", "images", "--format", "json", `team/${tag}`]);
  expect(stdout).toContain(`"team/${tag}"`);
});

test("docker build -q prints only the ID of the loaded image", async () => {
  const { stdout, stderr } = await docker(["build", "-q", "-t", "quiet", "--iidfile", "id", "."]);
  expect(stderr).toBe("");
  expect(await inspect("quiet", "{{.Id}}")).toBe(stdout);
  expect(readFileSync(join(project, "id"), "utf8")).toBe(stdout);
});

test("docker's own flags before the command select the daemon", async () => {
  const words = ["--host", `unix://${daemon.socket}`, "--log-level", "warn", "build", "-t", "by-flag", "."];
  await docker(words, { DOCKER_HOST: "unix:///nowhere" });
  expect(await inspect("by-flag", "{{.Os}}")).toBe("linux");
});

test("does not load images with other outputs", async () => {
  await docker(["build", "-t", "files", "-o", "out", "."]);
  expect(readFileSync(join(project, "out/file"), "utf8")).toBe("contents\n");
  await docker(["build", "-t", "both", "--platform", "linux/amd64,linux/arm64", "."]);
  await docker(["build", "-t", "kept", "--load=false", "."]);
  await docker(["build", "--check", "."]);
  const { stdout } = await docker(["images", "--format", "{{.Repository}}"]);
  for (const name of ["files", "both", "kept"]) expect(stdout.split("\n")).not.toContain(name);
});

test("exit codes and errors are those of varve", async () => {
  await expect(docker(["build", "-t", "UPPER", "."])).rejects.toMatchObject({ code: 2 });
  await expect(docker(["build", "--taag", "x", "."])).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringContaining("unknown flag: --taag"),
  });
});

test("docker builder prune prunes the server", async () => {
  const { stdout } = await docker(["builder", "prune", "--force", "--all", "--filter", "until=0s"]);
  expect(stdout).toMatch(/^Total reclaimed space: /m);
});

test("uninstall restores the previous state", async () => {
  expect(await varve(["docker", "uninstall"], { env: { HOME: home } })).toMatchObject({ status: 0 });
  expect(config()).toEqual(others);
  expect(existsSync(plugin())).toBe(false);
  expect(await varve(["docker", "uninstall"], { env: { HOME: home } })).toMatchObject({
    status: 0,
    stdout: "",
  });
  expect(config()).toEqual(others);
});

describe("as a replacement of buildx", () => {
  const buildx = () => join(home, ".docker/cli-plugins/docker-buildx");

  /** Starts the plugin as `docker compose build` does (docker/compose, pkg/compose/build_bake.go). */
  async function composeBuild(bake: object, more: string[] = []) {
    const metadata = join(suite.folder, `compose-${randomUUID()}.json`);
    const words = ["bake", "--file", "-", "--progress", "rawjson", "--metadata-file", metadata, ...more];
    const env = {
      PATH: process.env.PATH,
      HOME: home,
      DOCKER_HOST: `unix://${daemon.socket}`,
      SECRET: "hidden",
    };
    const child = spawn(buildx(), words, { cwd: project, env });
    child.stdin.end(JSON.stringify(bake));
    let stderr = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.stdout.resume();
    const [status] = await once(child, "close");
    return { status, stderr, metadata: () => JSON.parse(readFileSync(metadata, "utf8")) };
  }

  test("is installed and found by docker", async () => {
    expect(
      await varve(["docker", "install", "--buildx", "--server", suite.url], { env: { HOME: home } }),
    ).toMatchObject({ status: 0, stderr: "" });
    expect((await docker(["buildx", "version"])).stdout).toMatch(/^varve\/buildx v0\.17\.0\+varve\./);
    expect((await docker(["info", "--format", "{{json .ClientInfo.Plugins}}"])).stdout).toContain(buildx());
  });

  test("docker buildx build and bake are varve's, other commands those of buildx", async () => {
    await docker(["buildx", "build", "-t", "by-buildx", "--build-arg", "word=x", "."]);
    expect(await inspect("by-buildx", "{{.Config.Labels.word}}")).toBe("x");
    writeFileSync(join(project, "docker-bake.json"), '{"target":{"default":{"tags":["by-bake"]}}}');
    const { stdout } = await docker(["buildx", "bake"]);
    expect(stdout).toMatch(/^default sha256:[0-9a-f]{64}$/);
    expect((await docker(["buildx", "ls"])).stdout).toContain("default");
  });

  test("builds for compose, which reads progress and metadata", async () => {
    const target = (name: string, more: object) => ({
      context: project,
      dockerfile: "Dockerfile",
      args: { word: name },
      labels: { "com.docker.compose.project": "p" },
      tags: [`p-${name}`],
      output: ["type=docker"],
      ...more,
    });
    const bake = {
      group: { default: { targets: ["web", "db"] } },
      target: {
        web: target("web", {
          "shm-size": "1048576",
          ulimits: ["nofile=10:20"],
          "extra-hosts": { a: "10.0.0.1" },
        }),
        db: target("db", { contexts: { other: "target:web" }, secret: ["id=s,type=env,env=SECRET"] }),
      },
    };
    const { status, stderr, metadata } = await composeBuild(bake, ["--allow", `fs.read=${project}`]);
    expect({ status, stderr }).toMatchObject({ status: 0 });
    for (const line of stderr.trim().split("\n")) expect(() => JSON.parse(line), line).not.toThrow();
    expect(metadata()).toMatchObject({
      web: { "containerimage.digest": expect.stringMatching(/^sha256:/), "image.name": "p-web" },
      db: { "containerimage.digest": expect.stringMatching(/^sha256:/) },
    });
    expect(await inspect("p-db", "{{.Config.Labels.word}}")).toBe("db");
  });

  test("lints for compose build --check, which reads metadata of each service", async () => {
    const bake = {
      group: { default: { targets: ["web"] } },
      target: { web: { context: project, dockerfile: "Dockerfile", tags: ["p-web"], call: "lint" } },
    };
    const { status, stderr, metadata } = await composeBuild(bake, ["--allow", `fs.read=${project}`]);
    expect({ status, stderr }).toMatchObject({ status: 0 });
    expect(metadata()).toEqual({ web: {} });
  });

  test("builds for compose build --quiet and for several platforms", async () => {
    const target = {
      context: project,
      dockerfile: join(project, "Dockerfile"),
      tags: ["p-both"],
      platforms: ["linux/amd64", "linux/arm64"],
      "no-cache-filter": ["none"],
      "extra-hosts": { a: "10.0.0.1,10.0.0.2" },
      attest: ["type=provenance,mode=max"],
      output: ["type=image,push=false"],
    };
    const bake = { group: { default: { targets: ["both"] } }, target: { both: target } };
    const { status, stderr, metadata } = await composeBuild(bake, ["--progress=quiet"]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(metadata()).toMatchObject({ both: { "image.name": "p-both" } });
  });

  test("reports a failure to compose", async () => {
    const bake = {
      group: { default: { targets: ["a"] } },
      target: { a: { context: project, target: "none" } },
    };
    const { status, stderr } = await composeBuild(bake);
    expect(status).not.toBe(0);
    expect(stderr).toMatch(/^ERROR: .*none/m);
  });

  test("does not replace a buildx of the user, and is removed by uninstall", async () => {
    await varve(["docker", "uninstall"], { env: { HOME: home } });
    expect(existsSync(buildx())).toBe(false);
    writeFileSync(buildx(), "#!/bin/sh\n", { mode: 0o755 });
    const { status, stderr } = await varve(["docker", "install", "--buildx"], { env: { HOME: home } });
    expect({ status, stderr }).toMatchObject({ status: 1, stderr: expect.stringContaining("exists") });
    await varve(["docker", "uninstall"], { env: { HOME: home } });
    expect(readFileSync(buildx(), "utf8")).toBe("#!/bin/sh\n");
    rmSync(buildx());
  });
});

test("install does not replace another builder", async () => {
  writeFileSync(configFile(), JSON.stringify({ aliases: { builder: "buildx" } }));
  const { status, stderr } = await varve(["docker", "install"], { env: { HOME: home } });
  expect({ status, stderr }).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('already "buildx"'),
  });
  expect(existsSync(plugin())).toBe(false);
});

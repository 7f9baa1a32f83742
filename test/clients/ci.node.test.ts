import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { chmod, copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { type LocalRunner, startLocalRunner } from "../../src/serve/local-runner.ts";
import type { LocalServer } from "../../src/serve/local-server.ts";
import { findBusybox } from "../differential/bases/busybox.ts";
import { imageOf } from "../differential/bases/oci.ts";
import { pushBase } from "../differential/bases/push.ts";
import { makeDebian } from "../differential/debian/base.ts";
import { freePort } from "../helpers/free-port.ts";
import { GitSite } from "../helpers/git-site.ts";
import { Issuer } from "../helpers/issuer.ts";
import { suiteFolder } from "../helpers/suite-folder.ts";
import { startTestServer } from "../helpers/test-server.ts";
import { type DebianRegistry, startDebianRegistry } from "../registry/debian-registry.ts";
import { type Daemon, startDockerd } from "./daemons.ts";
import { run } from "./programs.ts";

// varve builds images of itself. The recipes of docs/ci.md then run in containers of these images, as an ordinary user
// without capabilities.

const execute = promisify(execFile);
const root = join(import.meta.dirname, "../..");
const varve = join(root, "dist/image/varve");
const admin = "token-of-the-operator";
const audience = "https://varve.example.com";

const folder = suiteFolder();
let registry: DebianRegistry;
let server: LocalServer;
let runner: LocalRunner;
let issuer: Issuer;
let git: GitSite;
let dockerd: Daemon;
/** As docker names the server. */
let host: string;
/** A project with a RUN step. */
let project: string;

const docker = (...args: string[]) => run("docker", ["--host", `unix://${dockerd.socket}`, ...args]);

async function build(image: string, ...args: string[]): Promise<void> {
  const env = { PATH: process.env.PATH, XDG_CACHE_HOME: join(folder, "cache"), VARVE_TOKEN: admin };
  const words = ["build", "--quiet", "--runner=pool", "--server", server.url, "-t", image, ...args];
  await execute(varve, words, { env, cwd: root, maxBuffer: 2 ** 26 });
}

/** The status of a manifest of the server. */
async function statusOf(name: string, reference: string): Promise<number> {
  const headers = { authorization: `Bearer ${admin}` };
  return (await fetch(`${server.url}/v2/${name}/manifests/${reference}`, { headers })).status;
}

beforeAll(async () => {
  const assets = join(folder, "assets");
  project = join(folder, "project");
  for (const path of [assets, project]) await mkdir(path);
  await writeFile(join(project, "busybox"), findBusybox().binary, { mode: 0o755 });
  await writeFile(
    join(project, "Dockerfile"),
    'FROM scratch\nARG NOW\nCOPY busybox /bin/busybox\nRUN ["/bin/busybox", "sh", "-c", "echo made > /file"]\n',
  );
  // Jobs write into their folder.
  await chmod(project, 0o777);
  const made = execute("npm", ["run", "--silent", "image"], { cwd: root });
  issuer = await Issuer.start();
  git = await GitSite.start();
  git.make("app.git", [{ files: { Dockerfile: "FROM scratch\nCOPY . /\n", a: "1" } }]);
  registry = await startDebianRegistry();
  await pushBase(registry, imageOf({ ...(await makeDebian()), name: "debian:trixie-slim" }));
  const trust = [
    { name: "ci", issuer: issuer.url, audience, claims: { sub: "app" }, scopes: ["build,push:team/app"] },
  ];
  const variables = {
    VARVE_MIRRORS: JSON.stringify({ "docker.io": registry.url }),
    VARVE_ADMIN_TOKEN: admin,
    VARVE_RUNNER_TOKEN: admin,
    VARVE_RUNNER_WAIT: "30",
    VARVE_ACCESS: JSON.stringify({ public: ["varve/*"], trust }),
  };
  server = await startTestServer({ port: 0, data: join(folder, "varve"), assets, variables });
  host = `127.0.0.1:${new URL(server.url).port}`;
  runner = await startLocalRunner({ server: server.url, token: admin, data: join(folder, "runner") });
  dockerd = await startDockerd(join(folder, "docker"));
  await made;
  await build("varve/server", ".");
  await build("varve/cli", "--target=cli", ".");
  await build("varve/kaniko", "--target=kaniko", `--build-arg=VARVE_SERVER=${server.url}`, ".");
  await build("varve/curl", "-f", await curlDockerfile(), project);
}, 1_200_000);

afterAll(async () => {
  await dockerd?.stop();
  await runner?.close();
  await server?.close();
  await registry?.[Symbol.asyncDispose]();
  await issuer?.[Symbol.asyncDispose]();
  await git?.[Symbol.asyncDispose]();
  // Docker leaves the namespace of the machine's network mounted.
  for (const driver of ["overlay2", "vfs"])
    await execute("umount", [join(folder, "docker", driver, "exec/netns/default")]).catch(() => {});
}, 60_000);

async function curlDockerfile(): Promise<string> {
  const file = join(folder, "curl.Dockerfile");
  const install = "apt-get update && apt-get install -y --no-install-recommends curl ca-certificates";
  await writeFile(file, `FROM debian:trixie-slim\nRUN ${install}\n`);
  return file;
}

const secure = ["--user=1000:1000", "--cap-drop=ALL", "--security-opt=no-new-privileges"];

/** Runs a script as an ordinary user in a container of an image, in the folder of the project. */
function inContainer(
  image: string,
  script: string,
  { env = {}, options = [] }: { env?: Record<string, string>; options?: string[] } = {},
): Promise<string> {
  const variables = Object.entries(env).map(([name, value]) => `--env=${name}=${value}`);
  const words = ["run", "--rm", "--network=host", ...secure, `--volume=${project}:/project`];
  const place = ["--workdir=/project", "--entrypoint=sh", ...variables, ...options];
  return docker(...words, ...place, `${host}/${image}`, "-euc", script);
}

test("the image of the server serves a build and a pull", async () => {
  const port = await freePort();
  const own = "token-of-another-operator";
  const settings = [`--env=PORT=${port}`, `--env=VARVE_ADMIN_TOKEN=${own}`];
  const place = ["--network=host", "--name=server", "--cap-drop=ALL", "--security-opt=no-new-privileges"];
  await docker("run", "--detach", ...place, ...settings, `${host}/varve/server`);
  try {
    const url = `http://127.0.0.1:${port}`;
    const isHealthy = () =>
      fetch(`${url}/healthz`).then(
        ({ ok }) => ok,
        () => false,
      );
    await expect.poll(isHealthy, { timeout: 60_000 }).toBe(true);
    const env = { VARVE_TOKEN: own, VARVE_SERVER: url, PATH: "" };
    const file = join(folder, "hello.Dockerfile");
    await writeFile(file, 'FROM scratch\nCOPY busybox /bin/busybox\nCMD ["/bin/busybox", "echo", "hello"]\n');
    const { stdout } = await execute(varve, ["build", "-t", "hello", "-f", file, project], { env });
    expect(stdout).toMatch(/^sha256:/);
    await docker("login", "--username=token", `--password=${own}`, `127.0.0.1:${port}`);
    await docker("run", "--name=hello", "--network=none", `127.0.0.1:${port}/hello`);
    // docker run sometimes loses the output of a container that ends at once.
    expect(await docker("logs", "hello")).toBe("hello");
    await docker("stop", "--time=20", "server");
    expect(await docker("inspect", "--format={{.State.ExitCode}} {{.Config.User}}", "server")).toBe(
      "0 65532:65532",
    );
  } catch (error) {
    const { stderr } = await execute("docker", ["--host", `unix://${dockerd.socket}`, "logs", "server"]);
    throw new Error(`${(error as Error).message}\n${stderr}`, { cause: error });
  } finally {
    await docker("rm", "--force", "server", "hello");
    await docker("logout", `127.0.0.1:${port}`).catch(() => {});
  }
}, 180_000);

describe("the image as a replacement of kaniko's", () => {
  test("runs as the executor of a Pod and pushes to a registry", async () => {
    const destination = `${registry.host}/team/app:kaniko`;
    const options = ["--rm", "--network=host", ...secure, `--volume=${project}:/workspace`];
    await docker(
      ...["run", ...options, `--env=VARVE_TOKEN=${admin}`, `${host}/varve/kaniko`],
      ...["--context=dir:///workspace/", `--destination=${destination}`, "--digest-file=/workspace/digest"],
      ...["--snapshot-mode=redo", "--use-new-run", "--cache=true"],
    );
    const answer = await fetch(`${registry.url}/v2/team/app/manifests/kaniko`, {
      headers: { accept: "application/vnd.oci.image.manifest.v1+json" },
    });
    expect(answer.headers.get("docker-content-digest")).toBe(await readFile(join(project, "digest"), "utf8"));
  });

  test("works in a GitLab job whose script calls /kaniko/executor", async () => {
    const text = readFileSync(join(root, "docs/from-kaniko.md"), "utf8");
    const [, yaml = ""] = /## GitLab CI[\s\S]*?After:\n\n```yaml\n([\s\S]*?)```/.exec(text) ?? [];
    const job = (parse(yaml) as { build: { script: string[] } }).build;
    const env = {
      CI_PROJECT_DIR: "/project",
      CI_REGISTRY_IMAGE: `${registry.host}/group/app`,
      CI_COMMIT_TAG: "v1",
      VARVE_TOKEN: admin,
    };
    await inContainer("varve/kaniko", job.script.join("\n"), { env });
    // Debian's registry has no OCI manifests for clients that do not accept them.
    const headers = { accept: "application/vnd.oci.image.manifest.v1+json" };
    expect((await fetch(`${registry.url}/v2/group/app/manifests/v1`, { headers })).status).toBe(200);
  });

  test("fetches a git context", async () => {
    const context = git.url("app.git").replace("http://", "git://");
    const env = { VARVE_TOKEN: admin, GIT_PULL_METHOD: "http" };
    const script = `cd /workspace; /kaniko/executor --no-push --context=${context} --destination=team/git:1`;
    expect(await inContainer("varve/kaniko", script, { env })).toMatch(/^sha256:/);
  });
});

describe("docs/ci.md", () => {
  const text = readFileSync(join(root, "docs/ci.md"), "utf8");
  /** Code blocks of the page by section. */
  const recipes = new Map(
    text.split(/^## /m).map((section) => {
      const [, code = ""] = /```\w+\n([\s\S]*?)```/.exec(section) ?? [];
      return [section.slice(0, section.indexOf("\n")), code];
    }),
  );
  const recipe = (name: string) => {
    const code = recipes.get(name);
    if (code === undefined) throw new Error(`There is no recipe for ${name}`);
    return code.replaceAll("https://varve.example.com", server.url);
  };
  const token = () => issuer.token({ sub: "app", aud: audience });

  test("GitLab CI", async () => {
    const job = parse(recipe("GitLab CI")).build;
    const env = { ...job.variables, VARVE_TOKEN: await token(), CI_COMMIT_SHORT_SHA: "gitlab" };
    await inContainer("varve/cli", job.script.join("\n"), { env });
    expect(await statusOf("team/app", "gitlab")).toBe(200);
    const metadata = JSON.parse(await readFile(join(project, "build.json"), "utf8"));
    expect(metadata["image.name"]).toBe("team/app:gitlab");
  });

  test("Jenkins", async () => {
    const [, script = ""] = /sh '(.*)'/.exec(recipe("Jenkins")) ?? [];
    const [, url = ""] = /VARVE_SERVER = '(.*)'/.exec(recipe("Jenkins")) ?? [];
    const made = await execute(varve, ["token", "create", "--scope=build,push:team/app"], {
      env: { VARVE_SERVER: server.url, VARVE_TOKEN: admin },
    });
    const env = { VARVE_SERVER: url, VARVE_TOKEN: made.stdout.trim(), BUILD_NUMBER: "7" };
    await inContainer("varve/cli", script, { env });
    expect(await statusOf("team/app", "7")).toBe(200);
  });

  test("CircleCI", async () => {
    const { build } = parse(recipe("CircleCI")).jobs;
    const env = { ...build.environment, CIRCLE_OIDC_TOKEN_V2: await token(), CIRCLE_SHA1: "circle" };
    await inContainer("varve/cli", build.steps[1].run.command, { env });
    expect(await statusOf("team/app", "circle")).toBe(200);
  });

  test("Bitbucket Pipelines", async () => {
    const { step } = parse(recipe("Bitbucket Pipelines")).pipelines.default[0];
    const env = { BITBUCKET_STEP_OIDC_TOKEN: await token(), BITBUCKET_COMMIT: "bitbucket" };
    await inContainer("varve/cli", step.script.join("\n"), { env });
    expect(await statusOf("team/app", "bitbucket")).toBe(200);
  });

  test("Buildkite", async () => {
    const [step] = parse(recipe("Buildkite")).steps;
    const agent = join(folder, "buildkite-agent");
    await writeFile(agent, `#!/bin/sh\necho ${await token()}\n`, { mode: 0o755 });
    const options = [`--volume=${agent}:/usr/local/bin/buildkite-agent:ro`];
    const env = { ...step.env, BUILDKITE_COMMIT: "buildkite" };
    await inContainer("varve/cli", step.command.replaceAll("$$", "$"), { env, options });
    expect(await statusOf("team/app", "buildkite")).toBe(200);
  });

  test("Tekton", async () => {
    const [step] = parse(recipe("Tekton")).spec.steps;
    const script = step.script
      .replace("$(params.image)", "team/app:tekton")
      .replace("$(results.digest.path)", "/project/digest");
    await inContainer("varve/cli", script, { env: { VARVE_SERVER: server.url, VARVE_TOKEN: await token() } });
    expect(await statusOf("team/app", await readFile(join(project, "digest"), "utf8"))).toBe(200);
  });

  test("Argo Workflows", async () => {
    const [{ script }] = parse(recipe("Argo Workflows")).spec.templates;
    const place = join(folder, "token");
    await mkdir(place);
    await writeFile(join(place, "token"), await token());
    const parameters: Record<string, string> = {
      image: "team/app:argo",
      repository: git.url("app.git"),
      revision: "master",
    };
    const source = script.source.replace(
      /\{\{workflow\.parameters\.(\w+)\}\}/g,
      (_: string, name: string) => parameters[name] ?? "",
    );
    const options = [`--volume=${place}:/var/run/varve:ro`];
    await inContainer("varve/cli", source, { env: { VARVE_SERVER: server.url }, options });
    expect(await statusOf("team/app", "argo")).toBe(200);
  });

  test("curl", async () => {
    const manifest = await inContainer("varve/curl", recipe("curl"), { env: { VARVE_TOKEN: await token() } });
    expect(JSON.parse(manifest)).toMatchObject({ schemaVersion: 2 });
    expect(await statusOf("team/app", "latest")).toBe(200);
    await copyFile("/dev/null", join(project, "empty"));
    const failing = recipe("curl").replace("t=team/app", "dockerfile=empty&t=team/app");
    await expect(inContainer("varve/curl", failing, { env: { VARVE_TOKEN: await token() } })).rejects.toThrow(
      "ended with 22",
    );
  });
});

import { execFile } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { recordedFiles } from "../bake/recorded-files.ts";
import { varve } from "../cli/server.ts";
import { findBusybox } from "../differential/bases/busybox.ts";
import { suiteFolder } from "../helpers/suite-folder.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";
import { announce } from "./programs.ts";
import { Suite } from "./suite.ts";

// Compares `varve bake` with `docker buildx bake`: the same files give the same plan. Then builds the targets.

const execute = promisify(execFile);
const files = join(import.meta.dirname, "../bake/files");
const settings = suiteFolder();
/** A socket in place of an SSH agent, because buildx checks that one exists. */
const agent = createServer();

beforeAll(async () => {
  await announce("docker", ["buildx", "version"]);
  agent.listen(join(settings, "agent"));
  await once(agent, "listening");
});
afterAll(() => {
  agent.close();
});

interface Plan {
  group?: Record<string, { targets: string[] }>;
  target: Record<string, unknown>;
}

/** A plan with sorted groups: buildx orders services of compose files by chance. */
function planOf(text: string): Plan {
  const plan = JSON.parse(text) as Plan;
  for (const group of Object.values(plan.group ?? {})) group.targets.sort();
  return plan;
}

const variables = (more: Record<string, string>) => ({
  PATH: process.env.PATH ?? "",
  HOME: settings,
  SSH_AUTH_SOCK: join(settings, "agent"),
  FROM_ENV: "of the environment",
  TOKEN: "secret",
  ...more,
});

describe("--print", () => {
  test.each<[words: string, env?: Record<string, string>]>([
    ["-f plain.hcl"],
    ["-f plain.hcl", { SOURCE_DATE_EPOCH: "5" }],
    ["-f groups.hcl"],
    ["-f groups.hcl tools"],
    ["-f groups.hcl web docs"],
    [
      "-f groups.hcl web --set web.tags=a --set web.tags=b --set *.platform=linux/arm64 --set web.args.X=1 --push",
    ],
    ["-f groups.hcl docs --set docs.output=type=registry --no-cache --pull=false"],
    ["-f groups.hcl docs --push"],
    ["-f groups.hcl --sbom true --provenance mode=max"],
    ["-f groups.hcl --load"],
    ["-f groups.hcl --sbom= --provenance="],
    ["-f groups.hcl -f plain.hcl"],
    ["-f variables.hcl"],
    ["-f variables.hcl", { TAG: "env", DEBUG: "1", COUNT: "7", EMPTY: "e", NOTHING: "n" }],
    ["-f variables.hcl -f override.hcl"],
    ["-f inherit.hcl base more app child"],
    ["-f inherit.hcl child --set base.args.A=over --set child.labels.x=y --set child.contexts.n=m"],
    ["-f inherit.hcl child --set child.target=t --set child.context=q --set child.dockerfile=d"],
    ["-f matrix.hcl app"],
    ["-f matrix.hcl app-1-0"],
    ["-f matrix-two.hcl"],
    ["-f functions.hcl"],
    ["-f expressions.hcl"],
    ["-f references.hcl"],
    ["-f references.hcl all"],
    ["-f links.hcl app"],
    ["-f links.hcl two"],
    ["-f merged.hcl app"],
    ["-f file.json"],
    ["-f file.json b", { TAG: "q", N: "5" }],
    ["-f compose.yaml"],
    ["-f compose.yaml web", { TAG: "1" }],
    ["-f compose.yaml api.v1"],
    ["-f compose.yaml -f compose-override.yaml"],
    ["-f compose.yaml -f plain.hcl"],
    ["-f compose-more.yaml"],
    [""],
  ])("%s %j", async (line, env = {}) => {
    const words = ["bake", ...line.split(" ").filter(Boolean), "--print"];
    const options = { cwd: files, env: variables(env) };
    const docker = await execute("docker", ["buildx", ...words], options);
    const own = await varve(words, options);
    expect(own.stderr.replaceAll(/^WARNING: The variable .*\n/gm, "")).toBe("");
    expect(planOf(own.stdout)).toEqual(planOf(docker.stdout));
  });

  test("--push also applies to an output of --set", async () => {
    // buildx 0.13 applies the two in random order (Go's order of maps) and prints one of two plans.
    const words = [
      "bake",
      "-f",
      "groups.hcl",
      "docs",
      "--set",
      "docs.output=type=registry",
      "--push",
      "--print",
    ];
    const { stdout } = await varve(words, { cwd: files, env: variables({}) });
    expect(planOf(stdout).target.docs).toMatchObject({ output: ["type=registry,push=true"] });
  });

  test.each([
    ["-f groups.hcl nope", "failed to find target nope"],
    ["-f groups.hcl --set nope.tags=x", "could not find any target matching 'nope'"],
    ["-f groups.hcl --set web.nope=x", "unknown key: nope"],
    ["-f groups.hcl --set web=x", "invalid override key web, expected target.name"],
    ["-f groups.hcl --set web.args=x", "args requires name"],
    ["-f groups.hcl --set web.no-cache=x", "invalid value x for boolean key no-cache"],
  ])("both reject %s", async (line, message) => {
    const words = ["bake", ...line.split(" "), "--print"];
    const options = { cwd: files, env: variables({}) };
    const docker = await execute("docker", ["buildx", ...words], options).catch(
      (error: { stderr: string }) => error,
    );
    expect(docker.stderr).toContain(message);
    const own = await varve(words, options);
    expect(own).toMatchObject({ status: 1, stderr: expect.stringContaining(message) });
  });
});

test("buildx accepts and rejects the recorded files", { timeout: 600_000 }, async () => {
  using folder = temporaryFolder({});
  for (const { name, text, plan } of recordedFiles()) {
    writeFileSync(join(folder.path, name), text);
    const words = ["buildx", "bake", "--file", name, "--print"];
    const run = execute("docker", words, {
      cwd: folder.path,
      env: { PATH: process.env.PATH, HOME: settings },
    });
    const printed = await run.then(
      ({ stdout }) => JSON.parse(stdout) as object,
      () => null,
    );
    expect(printed, text).toEqual(plan);
  }
});

describe("building", () => {
  let suite: Suite;
  const busybox = findBusybox();
  const folder = temporaryFolder({
    "docker-bake.hcl": `
group "default" { targets = ["web", "tools", "files"] }
variable "TAG" { default = "v1" }
target "base" {
  dockerfile-inline = <<EOT
FROM scratch
COPY busybox /bin/busybox
RUN ["/bin/busybox", "--install", "-s", "/bin"]
EOT
}
target "step" {
  contexts = { base = "target:base" }
  dockerfile-inline = <<EOT
FROM base
ARG word
RUN date +%s > /begin; sleep 4; echo $word > /word; date +%s > /end
CMD ["cat", "/word"]
EOT
}
target "web" {
  inherits = ["step"]
  args = { word = "web" }
  tags = ["bake/web:\${TAG}"]
  output = ["web"]
}
target "tools" {
  inherits = ["step"]
  args = { word = "tools" }
  tags = ["bake/tools"]
  output = ["tools"]
}
target "files" {
  dockerfile = "Dockerfile.files"
  context = "sub"
  output = ["files"]
}
target "bad" {
  contexts = { base = "target:base" }
  dockerfile-inline = "FROM base\\nRUN echo it broke; exit 3\\n"
}
target "long" {
  contexts = { base = "target:base" }
  dockerfile-inline = "FROM base\\nRUN sleep 60\\n"
}
`,
    "sub/Dockerfile.files": "FROM scratch\nCOPY file /\n",
    "sub/file": "contents\n",
    "compose.yaml": "",
  });

  beforeAll(async () => {
    suite = await Suite.start();
    rmSync(join(folder.path, "compose.yaml"));
    writeFileSync(join(folder.path, "busybox"), busybox.binary, { mode: 0o755 });
  });
  afterAll(async () => {
    await suite?.[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });
  const bake = (...words: string[]) =>
    varve(["bake", "--runner", "local", ...words], {
      cwd: folder.path,
      env: variables({ VARVE_SERVER: suite.url }),
    });
  const read = (path: string) => readFileSync(join(folder.path, path), "utf8").trim();

  test("builds all targets in parallel, and shared steps once", async () => {
    const built = await bake("--metadata-file", "metadata.json");
    expect(built, built.stderr).toMatchObject({ status: 0 });
    expect(built.stdout).toMatch(/^files sha256:\w{64}\ntools sha256:\w{64}\nweb sha256:\w{64}\n$/);
    expect([read("web/word"), read("tools/word"), read("files/file")]).toEqual(["web", "tools", "contents"]);
    const [begin, end] = [Number(read("web/begin")), Number(read("web/end"))];
    expect(Number(read("tools/begin"))).toBeLessThan(end);
    expect(Number(read("tools/end"))).toBeGreaterThan(begin);
    const shared = built.stderr.match(/^#\d+ \[base 2\/2\] RUN/gm);
    expect(new Set(shared).size).toBe(1);
    expect(built.stderr).toMatch(/^#\d+ \[web internal\] |\[web 1\/2\] RUN/m);
    expect(built.stderr).toContain("naming to bake/web:v1");
    const metadata = JSON.parse(read("metadata.json")) as Record<string, Record<string, unknown>>;
    expect(Object.keys(metadata).sort()).toEqual(["base", "files", "tools", "web"]);
    expect(built.stdout).toContain(`web ${String(metadata.web?.["containerimage.digest"])}`);
  });

  test("the first failure stops all targets and is printed once", async () => {
    const began = Date.now();
    const failed = await bake("long", "bad");
    expect(failed.status).toBe(1);
    expect(Date.now() - began).toBeLessThan(50_000);
    expect(failed.stderr.match(/it broke$/gm)?.length).toBe(1);
    expect(failed.stderr).toMatch(/^ERROR: target bad: process .* exit code: 3$/m);
    expect(failed.stderr.match(/^ERROR: /gm)?.length).toBe(1);
  });

  test("findings of --check are code 5", async () => {
    const checked = await bake("--check", "files", "--set", "files.dockerfile=Dockerfile.files");
    expect(checked, checked.stderr).toMatchObject({ status: 0 });
    writeFileSync(join(folder.path, "sub/Dockerfile.files"), "from scratch\nCOPY file /\n");
    expect(await bake("--check", "files")).toMatchObject({
      status: 5,
      stdout: expect.stringContaining("ConsistentInstructionCasing"),
    });
    writeFileSync(join(folder.path, "sub/Dockerfile.files"), "FROM scratch\nCOPY file /\n");
  });

  test("an error in one target prevents all builds", async () => {
    const { status, stderr } = await bake("--set", "web.output=type=nope", "files", "web");
    expect({ status, stderr }).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/^ERROR: target web: /),
    });
    expect(stderr).not.toContain("#1");
  });

  test("reads a file from stdin, and reports the position of an error", async () => {
    const stdin =
      'target "default" {\n  context = "sub"\n  dockerfile-inline = "FROM scratch\\nCOPY file /x\\n"\n}\n';
    const env = variables({ VARVE_SERVER: suite.url });
    const built = await varve(["bake", "-f", "-"], { cwd: folder.path, env, stdin });
    expect(built, built.stderr).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^default sha256:/),
    });
    const wrong = await varve(["bake", "-f", "-"], {
      cwd: folder.path,
      env,
      stdin: 'target "default" {\n  tags = [\n}\n',
    });
    expect(wrong).toMatchObject({
      status: 1,
      stderr: 'ERROR: -:3,1: Expected an expression, but found "}"\n',
    });
  });
});

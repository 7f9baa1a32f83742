import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { BuildRecord } from "../../schemas/build.ts";
import { type Files, temporaryFolder } from "../helpers/temporary-folder.ts";
import { Step, type StepOptions, type StepRun } from "./step.ts";
import { audience, useTrustingServer } from "./trusting-server.ts";

// The bake action: the shipped bundle with the inputs that GitHub would give it.

const trusting = useTrustingServer("build,push,run:team/**");

const definition = `
variable "TAG" { default = "none" }
group "default" { targets = ["app", "tool"] }
target "base" { dockerfile = "base.Dockerfile" }
target "app" {
  contexts = { base = "target:base" }
  tags = ["team/bake/app:\${TAG}"]
}
target "tool" {
  dockerfile = "tool.Dockerfile"
  tags = ["team/bake/tool:\${TAG}"]
}
target "untagged" { dockerfile = "tool.Dockerfile" }
target "broken" { target = "none" }
`;

const project: Files = {
  "docker-bake.hcl": definition,
  Dockerfile: "FROM base\nCOPY a /a\n",
  "base.Dockerfile": "FROM scratch\nCOPY a /base\n",
  "tool.Dockerfile": "FROM scratch\nARG KIND=plain\nLABEL kind=$KIND\nCOPY a /tool\nMAINTAINER me\n",
  a: "a",
};

function stepIn(
  workspace: string,
  inputs: Record<string, string> = {},
  options: Partial<StepOptions> = {},
): Step {
  const usual = { server: trusting.server.url, audience };
  const env = { ...trusting.issuer.environment, GITHUB_REPOSITORY: "team/app" };
  return new Step({ ...usual, ...inputs }, { workspace, env, program: "bake.mjs", ...options });
}

interface TargetMetadata {
  "containerimage.digest": string;
  "buildx.build.ref": string;
  "image.name"?: string;
  "varve.build": { repository: string };
}

const metadataOf = ({ outputs }: StepRun) =>
  JSON.parse(outputs.metadata ?? "") as Record<string, TargetMetadata>;

const named = ({ commands }: StepRun, name: string) => commands.filter((command) => command.name === name);

test("builds the targets of the checkout, and the targets that they use", async () => {
  using folder = temporaryFolder(project);
  const run = await stepIn(folder.path, { vars: "TAG=1", set: "tool.args.KIND=one,two" }).main();
  expect([run.status, run.log]).toEqual([0, expect.stringMatching(/\[app \d\/\d\] COPY a \/a/)]);
  const metadata = metadataOf(run);
  expect(metadata).toMatchObject({
    app: { "image.name": "team/bake/app:1", "containerimage.digest": expect.stringMatching(/^sha256:/) },
    tool: { "image.name": "team/bake/tool:1" },
    base: { "containerimage.digest": expect.stringMatching(/^sha256:/) },
  });
  const { config } = await trusting.asAdmin<{ config: { digest: string } }>("/v2/team/bake/tool/manifests/1");
  const image = await trusting.asAdmin<{ config: { Labels: object } }>(
    `/v2/team/bake/tool/blobs/${config.digest}`,
  );
  expect(image.config.Labels).toEqual({ kind: "one,two" });
  expect(run.log).toContain('"KIND": "one,two"');
  // A part of the summary for each target, and the finding of one on its line.
  for (const name of ["team/bake/app:1", "team/bake/tool:1"])
    expect(run.summary).toContain(`docker pull ${new URL(trusting.server.url).host}/${name}`);
  expect(
    named(run, "warning").map(({ properties }) => [properties.title, properties.file, properties.line]),
  ).toEqual([["MaintainerDeprecated", "tool.Dockerfile", "5"]]);
  for (const { message } of named(run, "add-mask")) expect(run.log.split(message)).toHaveLength(2);
});

test("reads files of a folder, names targets, and writes outside of it", async () => {
  using folder = temporaryFolder(
    Object.fromEntries(Object.entries(project).map(([path, file]) => [`sub/${path}`, file])),
  );
  const files = {
    files: "./docker-bake.hcl",
    source: "sub",
    targets: "tool",
    set: "*.output=type=local,dest=../out",
  };
  const run = await stepIn(folder.path, files).main();
  expect(run, run.log).toMatchObject({ status: 0 });
  expect(readFileSync(join(folder.path, "out/tool"), "utf8")).toBe("a");
  const other = await stepIn(folder.path, {
    source: "{{defaultContext}}:sub",
    targets: "tool",
    workdir: ".",
  }).main();
  expect(other, other.log).toMatchObject({ status: 0 });
});

test("a target without tags needs no scope", async () => {
  using folder = temporaryFolder(project);
  const run = await stepIn(folder.path, { targets: "untagged" }).main();
  expect(run, run.log).toMatchObject({ status: 0 });
  expect(metadataOf(run).untagged?.["varve.build"].repository).toBe("builds/team/app");
});

describe("fails", () => {
  test("with the target that failed, and cancels the others", async () => {
    using folder = temporaryFolder(project);
    const run = await stepIn(folder.path, { targets: "broken" }).main();
    expect([run.status, run.outputs]).toEqual([1, {}]);
    expect(named(run, "error").map(({ message }) => message)).toEqual([expect.stringContaining("none")]);
  });

  test.each<[Record<string, string>, string]>([
    [{ source: "https://github.com/docker/buildx.git#v0.8.2" }, "the input source must be a folder"],
    [{ targets: "nope" }, "failed to find target nope"],
    [{ files: "missing.hcl" }, "Cannot read missing.hcl"],
    [{ vars: "TAG" }, "--var TAG is not NAME=VALUE"],
    [{ server: "" }, "the input server is missing"],
    [{ push: "perhaps" }, 'the input push must be true or false, not "perhaps"'],
  ])("for %j with one error", async (inputs, message) => {
    using folder = temporaryFolder(project);
    const run = await stepIn(folder.path, inputs).main();
    expect(run.status).toBe(1);
    expect(named(run, "error").map((error) => error.message)).toEqual([expect.stringContaining(message)]);
  });
});

test("builds of a killed step are cancelled when the job ends", async () => {
  const waiting = 'target "default" {\n platforms = ["linux/s390x"]\n tags = ["team/bake/stopped"]\n}\n';
  using folder = temporaryFolder({
    "docker-bake.hcl": waiting,
    Dockerfile: "FROM scratch\nCOPY a /\nRUN --network=none true\n",
    a: "a",
  });
  const step = stepIn(folder.path);
  const run = step.start();
  await expect.poll(run.log, { timeout: 25_000 }).toContain("waiting for a runner");
  process.kill(run.pid, "SIGKILL");
  const { state: saved } = await run.ended;
  const { status, log } = await step.post();
  expect([status, log]).toEqual([0, expect.stringContaining(`Cancelled the build ${saved.build}`)]);
  expect((await trusting.asAdmin<BuildRecord>(`/v1/builds/${saved.build}`)).state).toBe("cancelled");
  expect(existsSync(folder.path)).toBe(true);
});

import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import type { LocalServer } from "../../src/serve/local-server.ts";
import { startServer, varve } from "../cli/server.ts";
import { type TemporaryFolder, temporaryFolder } from "../helpers/temporary-folder.ts";
import { Step } from "./step.ts";

// The workflow that builds each platform in a job, run as GitHub would: its scripts, and the shipped bundle of its actions.

const execute = promisify(execFile);
const root = join(import.meta.dirname, "../..");

interface Job {
  steps: WorkflowStep[];
}
interface WorkflowStep {
  id?: string;
  uses?: string;
  run?: string;
  env?: Record<string, string>;
  with?: Record<string, string>;
}
interface Workflow {
  on: { workflow_call: { inputs: Record<string, { default?: string }>; secrets: object; outputs: object } };
  jobs: Record<"plan" | "build" | "join", Job>;
}

const workflow: Workflow = parse(readFileSync(join(root, ".github/workflows/build-platforms.yml"), "utf8"));
let server: LocalServer & AsyncDisposable;
let folder: TemporaryFolder;

beforeAll(async () => {
  server = await startServer();
  folder = temporaryFolder({
    Dockerfile: "FROM scratch\nARG TARGETARCH\nLABEL arch=$TARGETARCH\nCOPY a /\n",
    a: "a",
  });
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  folder?.[Symbol.dispose]();
});

/** Evaluates expressions that are names of values. */
function evaluate(text: string, values: Record<string, string>): string {
  return String(text).replaceAll(/\$\{\{\s*([^}]*?)\s*\}\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`There is no value of ${name}`);
    return value;
  });
}

const evaluated = (texts: Record<string, string> = {}, values: Record<string, string>) =>
  Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, evaluate(text, values)]));

function stepOf(job: keyof Workflow["jobs"], id: string): WorkflowStep {
  const step = workflow.jobs[job].steps.find((one) => one.id === id);
  if (step === undefined) throw new Error(`The job ${job} has no step ${id}`);
  return step;
}

/** Runs the script of a step, and reads its outputs. */
async function runScript(
  { run = "", env }: WorkflowStep,
  values: Record<string, string>,
  temp: string,
): Promise<Record<string, string>> {
  const output = join(temp, "output");
  writeFileSync(output, "");
  const variables = {
    PATH: process.env.PATH,
    RUNNER_TEMP: temp,
    GITHUB_OUTPUT: output,
    ...evaluated(env, values),
  };
  await execute("bash", ["--noprofile", "--norc", "-eo", "pipefail", "-c", run], { env: variables });
  const lines = readFileSync(output, "utf8").trim().split("\n");
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );
}

const manifest = async (name: string) => {
  const answer = await fetch(`${server.url}/v2/${name}`, { headers: { accept: "*/*" } });
  expect(answer.status).toBe(200);
  return (await answer.json()) as {
    manifests: { platform?: object; annotations?: object }[];
    annotations?: object;
  };
};

/** Inputs of the workflow with their defaults. */
const inputs = (given: Record<string, string>) => {
  const all = Object.entries(workflow.on.workflow_call.inputs).map(([name, { default: value = "" }]) => [
    name,
    value,
  ]);
  const values = Object.entries({ ...Object.fromEntries(all), ...given });
  const secrets = Object.keys(workflow.on.workflow_call.secrets).map((name) => [`secrets.${name}`, ""]);
  return Object.fromEntries([
    ...values.map(([name, value]) => [`inputs.${name}`, String(value)]),
    ...secrets,
  ]);
};

describe("the workflow for several platforms", () => {
  test("joins the images of its jobs into one index", async () => {
    const temp = mkdtempSync(join(folder.path, "temp-"));
    const given = inputs({
      server: server.url,
      tags: "\n  Team/Platforms:1.2\n  team/platforms:latest\n",
      platforms: "linux/amd64, linux/arm64",
      provenance: "mode=max",
      annotations: "index:a=b",
    });
    const plan = await runScript(stepOf("plan", "plan"), given, temp);
    expect(plan.image).toBe("team/platforms");
    const matrix = JSON.parse(plan.matrix ?? "") as { platform: string; machine: string }[];
    expect(matrix).toEqual([
      { platform: "linux/amd64", machine: "ubuntu-24.04" },
      { platform: "linux/arm64", machine: "ubuntu-24.04-arm" },
    ]);
    const digests = join(temp, "joined");
    mkdirSync(digests);
    for (const { platform, machine } of matrix) {
      const job = mkdtempSync(join(temp, "job-"));
      const values: Record<string, string> = {
        ...given,
        "needs.plan.outputs.image": plan.image ?? "",
        "matrix.platform": platform,
        "matrix.machine": machine,
      };
      const build = stepOf("build", "build");
      expect(build.uses).toMatch(/\/varve@/);
      const built = await new Step(evaluated(build.with, values), { workspace: folder.path }).main();
      expect(built, built.log).toMatchObject({ status: 0 });
      const after = { ...values, "steps.build.outputs.digest": built.outputs.digest ?? "" };
      const { artifact } = await runScript(stepOf("build", "digest"), after, job);
      expect(artifact).toBe(`digest-${platform.replace("/", "-")}`);
      await execute("sh", ["-c", 'cp "$0"/digests/* "$1"', job, digests]);
    }
    const joinStep = stepOf("join", "join");
    expect(joinStep.uses).toMatch(/\/varve\/join@/);
    const words = evaluated(joinStep.with, { ...given, "runner.temp": temp });
    const step = new Step({ ...words, sources: digests }, { workspace: folder.path, program: "join.mjs" });
    const { status, outputs, log } = await step.main();
    expect([status, log]).toEqual([0, expect.stringContaining(outputs.digest ?? "no digest")]);
    const index = await manifest("team/platforms/manifests/1.2");
    expect(index.annotations).toEqual({ a: "b" });
    // Each image with its attestation.
    expect(index.manifests.map(({ platform }) => platform)).toEqual(
      expect.arrayContaining([
        { os: "linux", architecture: "amd64" },
        { os: "linux", architecture: "arm64" },
      ]),
    );
    expect(index.manifests).toHaveLength(4);
    expect(await manifest("team/platforms/manifests/latest")).toEqual(index);
  });

  test("passes only inputs that the actions have", () => {
    for (const [job, id, file] of [
      ["build", "build", "action.yml"],
      ["join", "join", "join/action.yml"],
    ] as const) {
      const known = Object.keys((parse(readFileSync(join(root, file), "utf8")) as { inputs: object }).inputs);
      expect(known).toEqual(expect.arrayContaining(Object.keys(stepOf(job, id).with ?? {})));
    }
  });
});

describe("varve imagetools create", () => {
  test("joins images of the server, also of other repositories", async () => {
    const env = { VARVE_SERVER: server.url };
    const build = async (name: string, platform: string) => {
      const built = await varve(["build", "-t", name, "--platform", platform, "."], {
        cwd: folder.path,
        env,
      });
      expect(built, built.stderr).toMatchObject({ status: 0 });
      return built.stdout.trim();
    };
    await build("one/app:amd", "linux/amd64");
    const arm = await build("two/app:arm", "linux/arm/v7");
    const sources = ["one/app:amd", `two/app@${arm}`];
    const words = ["imagetools", "create", "-t", "one/app:both", "--annotation", "x=y", ...sources];
    const joined = await varve(words, { env });
    expect(joined).toMatchObject({
      status: 0,
      stderr: "",
      stdout: expect.stringMatching(/^sha256:[0-9a-f]{64}\n$/),
    });
    const index = await manifest("one/app/manifests/both");
    expect(index).toMatchObject({
      annotations: { x: "y" },
      manifests: [
        { platform: { os: "linux", architecture: "amd64" } },
        { platform: { os: "linux", architecture: "arm", variant: "v7" } },
      ],
    });
    expect((await varve(words, { env })).stdout).toBe(joined.stdout);
  });

  test.each([
    [["create", "one/app:amd", "two/app:arm"], 2, "--tag is missing"],
    [["inspect", "one/app:amd"], 2, 'unknown action "inspect"'],
    [["create", "-t", "x", "one/app:none"], 1, "one/app"],
    [["create", "-t", "x", "--annotation", "y", "one/app:amd"], 2, "it must be KEY=VALUE"],
  ])("%j fails", async (words, status, message) => {
    const run = await varve(["imagetools", ...words], { env: { VARVE_SERVER: server.url } });
    expect(run).toMatchObject({ status, stderr: expect.stringContaining(message) });
  });
});

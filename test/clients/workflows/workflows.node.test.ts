import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readList } from "../../../src/action/list-input.ts";
import { Images } from "../../../src/client/images.ts";
import { Service } from "../../../src/client/service.ts";
import { Step, type StepRun } from "../../action/step.ts";
import { findBusybox } from "../../differential/bases/busybox.ts";
import { type TemporaryFolder, temporaryFolder } from "../../helpers/temporary-folder.ts";
import { type DebianRegistry, startDebianRegistry } from "../../registry/debian-registry.ts";
import { fileImage } from "../../registry/test-image.ts";
import { type Daemon, startDockerd } from "../daemons.ts";
import { announce } from "../programs.ts";
import { Suite } from "../suite.ts";
import { buildxWords } from "./buildx-words.ts";
import { filesIn, type ImageFacts, layoutImage } from "./layout-image.ts";
import { projectFor } from "./project.ts";
import { inputsOf, type Workflow, workflows } from "./read-workflows.ts";

// Runs steps of public workflows that use docker/build-push-action with the bundle of this Action instead. The image must
// equal that of `docker buildx build` with the same inputs, and must be pushed to the same places.

const execute = promisify(execFile);
const busybox = findBusybox().binary;
let suite: Suite;
let daemon: Daemon;
let registry: DebianRegistry;

beforeAll(async () => {
  await announce("docker", ["buildx", "version"]);
  suite = await Suite.start();
  daemon = await startDockerd(suite.folder, { hasContainerdStore: true });
  registry = await startDebianRegistry();
  for (const workflow of workflows.filter((one) => one.with["build-contexts"] !== undefined))
    await registry.push(fileImage({ "etc/base": "a base" }), `${namespaceOf(workflow)}/my-base-image:latest`);
});
afterAll(async () => {
  await registry?.[Symbol.asyncDispose]();
  await daemon?.stop();
  await suite?.[Symbol.asyncDispose]();
});

/** Workflows run concurrently, so each has unique names. */
const namespaceOf = (workflow: Workflow) => `w${workflows.indexOf(workflow)}`;

/** Variables of the jobs. */
const variables = {
  ENV_SECRET: "of the environment",
  GIT_AUTH_TOKEN: "a token",
  DOCKER_METADATA_OUTPUT_VERSION: "1.2.3",
  DOCKER_METADATA_OUTPUT_TAGS: "ghcr.io/owner/app:1.2.3\nghcr.io/owner/app:latest",
  DOCKER_METADATA_OUTPUT_LABELS: "a=b",
  DOCKER_METADATA_OUTPUT_JSON: '{"tags":["a"]}',
  GITHUB_SERVER_URL: "https://github.com",
  GITHUB_REPOSITORY: "Owner/App",
  GITHUB_RUN_ID: "1",
};

interface Side {
  inputs: Record<string, string>;
  workspace: TemporaryFolder;
}

function sideOf(workflow: Workflow): Side {
  const workspace = temporaryFolder();
  const inputs = inputsOf(workflow, `${registry.host}/${namespaceOf(workflow)}`, workspace.path);
  const { path, [Symbol.dispose]: dispose } = temporaryFolder(
    projectFor(inputs, namespaceOf(workflow), busybox),
  );
  workspace[Symbol.dispose]();
  // The paths in the inputs are those of the final folder.
  return {
    inputs: Object.fromEntries(
      Object.entries(inputs).map(([name, text]) => [name, text.replaceAll(workspace.path, path)]),
    ),
    workspace: { path, [Symbol.dispose]: dispose },
  };
}

/** The image that `docker buildx build` builds from the inputs. */
async function builtByDocker({ inputs, workspace }: Side): Promise<ImageFacts> {
  using folder = temporaryFolder();
  const layout = join(folder.path, "layout");
  const { words, files } = buildxWords(inputs, {
    workspace: workspace.path,
    layout: `${layout}.tar`,
    secrets: folder.path,
  });
  for (const [id, value] of Object.entries(files)) writeFileSync(join(folder.path, id), value);
  const env = {
    ...{ PATH: process.env.PATH, HOME: suite.folder, DOCKER_HOST: `unix://${daemon.socket}` },
    ...variables,
  };
  await execute("docker", ["buildx", "build", ...words], { cwd: workspace.path, env });
  mkdirSync(layout);
  await execute("tar", ["-C", layout, "-xf", `${layout}.tar`]);
  return layoutImage(layout);
}

function runStep({ inputs, workspace }: Side): Promise<StepRun> {
  const env = { ...variables, DOCKER_HOST: `unix://${daemon.socket}` };
  return new Step({ server: suite.url, ...inputs }, { workspace: workspace.path, env }).main();
}

/** The image at the server that the outputs of the step name. */
async function builtByStep({ outputs }: StepRun): Promise<ImageFacts> {
  using folder = temporaryFolder();
  const { "varve.build": build } = JSON.parse(outputs.metadata ?? "") as {
    "varve.build": { repository: string };
  };
  const image = { name: build.repository, reference: outputs.digest ?? "" };
  const archive = await new Images(new Service(suite.url)).archive(image, { format: "oci" });
  const file = join(folder.path, "layout.tar");
  writeFileSync(file, new Uint8Array(await archive.arrayBuffer()));
  await execute("tar", ["-C", folder.path, "-xf", file]);
  return layoutImage(folder.path);
}

/** Digest of a tag of the registry; undefined when it does not exist. */
async function pushed(name: string): Promise<string | undefined> {
  const [, repository = "", reference = "latest"] =
    /^[^/]+\/([^@]+?)(?:[:@]((?:sha256:)?[^:@/]+))?$/.exec(name) ?? [];
  const accept = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json";
  const answer = await fetch(
    `http://${registry.host}/v2/${repository.toLowerCase()}/manifests/${reference}`,
    {
      method: "HEAD",
      headers: { accept },
    },
  );
  return answer.headers.get("docker-content-digest") ?? undefined;
}

const list = (text = "") => readList(text);
const outputsOf = (inputs: Record<string, string>) =>
  readList(inputs.outputs ?? "", { ignoreComma: true, quotes: false });

// Names of `test.each` are cut.
for (const workflow of workflows) {
  test.concurrent(`${workflow.source}, ${workflow.job}: the same image, at the same places`, async () => {
    const own = sideOf(workflow);
    const docker = sideOf(workflow);
    using _ownFolder = own.workspace;
    using _dockerFolder = docker.workspace;
    const { inputs } = own;
    const run = await runStep(own);
    if (inputs.call === "check") {
      expect(run, run.log).toMatchObject({ status: 1, outputs: {} });
      return;
    }
    expect(run, run.log).toMatchObject({ status: 0 });
    // Secrets without a value and files that do not exist are left out with a warning.
    const hasInvalid = Object.values(inputs).some((text) => text.includes("INVALID_SECRET="));
    expect(
      run.commands.some(({ name, message }) => name === "warning" && message.includes("INVALID_SECRET")),
    ).toBe(hasInvalid);
    const { digest = "", imageid, metadata } = run.outputs;
    expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(imageid).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(JSON.parse(metadata ?? "")).toMatchObject({ "containerimage.digest": digest });

    const [expected, image] = [await builtByDocker(docker), await builtByStep(run)];
    if (inputs.sbom === "true")
      for (const types of image.attestations) types.splice(types.indexOf("https://spdx.dev/Document"), 1);
    expect({ ...image, attestations: image.attestations.filter((types) => types.length > 0) }).toEqual(
      expected,
    );
    expect(filesIn(own.workspace.path)).toEqual(filesIn(docker.workspace.path));

    const outputs = outputsOf(inputs);
    for (const output of outputs.filter((one) => /push=true/.test(one))) {
      const [, names = ""] =
        /"?name=([^"]*)"|name=([^,]*)/.exec(output)?.filter((one) => one !== undefined) ?? [];
      const all = names === "" ? list(inputs.tags) : names.split(",");
      for (const name of all.filter((one) => one.startsWith(registry.host)))
        expect(await pushed(/push-by-digest/.test(output) ? `${name}@${digest}` : name), name).toBe(digest);
    }
    if (inputs.push === "true") {
      for (const tag of list(inputs.tags).filter((name) => name.startsWith(registry.host)))
        expect(await pushed(tag), tag).toBe(digest);
    }
    if (inputs.load === "true") {
      const format = '{{index .Config.Labels "platform"}}';
      for (const tag of list(inputs.tags)) {
        const words = ["--host", `unix://${daemon.socket}`, "image", "inspect", "--format", format, tag];
        expect((await execute("docker", words)).stdout).toMatch(/^linux\//);
      }
    }
  });
}

import { ok, strictEqual } from "node:assert/strict";
import { BuildError } from "../../src/build/errors.ts";
import type { BuildPlan } from "../../src/build/plan/build-plan.ts";
import { plan } from "../../src/build/plan/evaluate.ts";
import { imageConfig } from "../../src/build/plan/image-config.ts";
import type { PlanOptions, World } from "../../src/build/plan/options.ts";
import { DockerfileError } from "../../src/dockerfile/diagnostic.ts";
import { readDockerfile } from "../../src/dockerfile/instructions.ts";
import { readIgnoreFile } from "../../src/dockerignore/read.ts";
import { encodeImageConfig, type ImageConfig } from "../../src/oci/config.ts";
import {
  formatPlatform,
  InvalidPlatformError,
  normalizePlatform,
  type Platform,
  parsePlatform,
} from "../../src/oci/platform.ts";
import { layersOf } from "../build/plan/plan-of.ts";
import { type Check, readCases, runChecks, type SetResult } from "./case-set.ts";
import {
  type CaseInputs,
  compareConfig,
  compareErrorLines,
  compareNames,
  compareWarnings,
  type ExpectedImage,
  type IntegrationCase,
  namedContexts,
  stubTime,
  warningOf,
} from "./integration-case.ts";

/**
 * Whole builds as far as planning them goes: config, history, names of steps, warnings and errors. Files and what
 * only shows when a step is carried out are for others to compare.
 */
export async function integrationPlan(): Promise<SetResult> {
  const cases = await readCases<IntegrationCase>("integration-cases.json");
  return runChecks(cases.map((given) => [given.name, check(given)]));
}

/** Begins of errors that planning cannot know: they arise when a step is carried out. */
const later =
  /^(failed to compute cache key|failed to load cache key|process "|cannot (copy|replace) to|mkdir |lstat |open |too many links|invalid user index|secret |digest mismatch|failed to read dockerfile|failed to resolve source metadata)/;

function check(given: IntegrationCase): Check {
  return async () => {
    let outcome: Outcome;
    try {
      outcome = await build(given);
    } catch (error) {
      if (given.expectError === undefined) throw error;
      compareError(error, given);
      return;
    }
    if (given.expectError !== undefined) {
      ok(later.test(given.expectError), `expected the error ${given.expectError}`);
      return;
    }
    compareWarnings((outcome.plans[0]?.diagnostics ?? []).map(warningOf), given);
    if (given.platforms === undefined) compareResult(outcome.plans[0] as BuildPlan, given);
    for (const [name, expected] of Object.entries(given.platforms ?? {})) {
      const found = outcome.plans.find(({ platform }) => formatPlatform(platform) === name);
      compareResult(found as BuildPlan, expected);
    }
    const steps = outcome.plans.flatMap((one) => one.steps);
    compareNames(
      steps.map(({ description }) => description.name),
      given,
    );
  };
}

interface Outcome {
  /** One per platform. */
  readonly plans: readonly BuildPlan[];
}

async function build(given: IntegrationCase): Promise<Outcome> {
  const platforms = readPlatforms(given.platform);
  const options: PlanOptions = {
    target: given.target,
    buildArgs: given.buildArgs,
    labels: given.labels,
    isMultiPlatform: platforms.length > 1 || given.opts?.["multi-platform"] === "true",
    namedContexts: await contextsOf(given),
    ignore: readIgnoreFile(ignoreFileOf(given)),
  };
  const world = worldOf(given);
  const plans: BuildPlan[] = [];
  for (const platform of platforms) {
    const read = readDockerfile(given.dockerfile, { check: given.buildArgs?.BUILDKIT_DOCKERFILE_CHECK });
    plans.push(await plan(read, { ...options, platform }, world));
  }
  return { plans };
}

function readPlatforms(text: string | undefined): (Platform | undefined)[] {
  if (text === undefined) return [undefined];
  return text.split(",").map((one) => {
    try {
      return normalizePlatform(parsePlatform(one));
    } catch (error) {
      if (!(error instanceof InvalidPlatformError)) throw error;
      throw new Error(`failed to parse target platform ${one}: ${error.message}`);
    }
  });
}

function ignoreFileOf({
  files = {},
  dockerfileDirFiles,
  dockerfileName = "Dockerfile",
}: IntegrationCase): string {
  const besides = (dockerfileDirFiles ?? files)[`${dockerfileName}.dockerignore`];
  const content = besides ?? files[".dockerignore"] ?? "";
  return typeof content === "string" ? content : (content.content ?? "");
}

const stub: ImageConfig = {
  architecture: "amd64",
  os: "linux",
  config: {
    Env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
    Cmd: ["sh"],
    WorkingDir: "/",
    ArgsEscaped: true,
  },
  rootfs: { type: "layers", diff_ids: [diffId(0)] },
  history: [
    { created: stubTime, created_by: "COPY rootfs/ / # buildkit", comment: "buildkit.dockerfile.v0" },
    { created: stubTime, created_by: 'CMD ["sh"]', comment: "buildkit.dockerfile.v0", empty_layer: true },
  ],
};

function diffId(index: number): string {
  return `sha256:${String(index).padStart(64, "0")}`;
}

function contextsOf(given: CaseInputs): Promise<Record<string, string>> {
  return namedContexts(
    given,
    (name) => `stub.invalid/${name}`,
    (name, context) => ("files" in context ? diffId(1) : `docker-image://case.invalid/${name}`),
  );
}

function worldOf(given: CaseInputs): World {
  return {
    resolveImage: async (reference, platform) => {
      const name = /^(stub|case)\.invalid\/(.*):latest$/.exec(reference);
      if (name === null) throw new Error(`there is no image ${reference}`);
      if (name[1] === "stub") return { digest: diffId(2), platform, config: stub };
      const context = Object.entries(given.contexts ?? {}).find(([key]) => key === name[2])?.[1];
      if (context === undefined || !("image" in context)) throw new Error(`there is no image ${reference}`);
      return { digest: diffId(3), platform, config: await imageOf(context.image) };
    },
  };
}

async function imageOf(inputs: CaseInputs): Promise<ImageConfig> {
  const built = await plan(
    readDockerfile(inputs.dockerfile),
    { namedContexts: await contextsOf(inputs) },
    worldOf(inputs),
  );
  return { ...configOf(built, stubTime), created: stubTime };
}

function configOf(built: BuildPlan, created?: string): ImageConfig {
  const { base, steps } = layersOf(built, built.result.files);
  const below = base.kind === "image" ? (built.images[base.image]?.config.rootfs.diff_ids.length ?? 0) : 0;
  const diffIds = Array.from({ length: below + steps.length }, (_, index) => diffId(index));
  return imageConfig(built.result, diffIds, created);
}

function compareResult(built: BuildPlan, expected: ExpectedImage): void {
  const { epoch } = built;
  const created = epoch === undefined ? undefined : new Date(epoch * 1000).toISOString().replace(".000", "");
  compareConfig(new TextDecoder().decode(encodeImageConfig(configOf(built, created))), expected);
}

function compareError(error: unknown, given: IntegrationCase): void {
  if (error instanceof BuildError) {
    const reason = /^(.*failed to resolve source metadata for [^:]+:[^:]+:)/.exec(
      given.expectError ?? "",
    )?.[1];
    ok(reason !== undefined && error.message.startsWith(reason), error.message);
    return;
  }
  if (!(error instanceof DockerfileError)) {
    strictEqual((error as Error).message, given.expectError);
    return;
  }
  strictEqual(error.message, given.expectError);
  compareWarnings(error.warnings.map(warningOf), given);
  compareErrorLines(error.diagnostic.lines, given);
}

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { BuildError } from "../../src/build/errors.ts";
import type { BuildPlan } from "../../src/build/plan/build-plan.ts";
import { plan } from "../../src/build/plan/evaluate.ts";
import { imageConfig } from "../../src/build/plan/image-config.ts";
import type { PlanOptions, World } from "../../src/build/plan/options.ts";
import { type Diagnostic, DockerfileError } from "../../src/dockerfile/diagnostic.ts";
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

type Content = string | { content?: string; [field: string]: unknown };

interface Inputs {
  dockerfile: string;
  files?: Record<string, Content>;
  contexts?: Record<string, Context>;
}

type Context = { files: Record<string, Content> } | { image: Inputs } | { raw: string };

interface Expected {
  expectConfig?: Record<string, unknown>;
  steps?: string[];
}

interface Case extends Inputs, Expected {
  name: string;
  needsRun?: boolean;
  buildArgs?: Record<string, string>;
  labels?: Record<string, string>;
  opts?: Record<string, string>;
  target?: string;
  platform?: string;
  platforms?: Record<string, Expected>;
  dockerfileName?: string;
  dockerfileDirFiles?: Record<string, Content>;
  expectError?: string;
  expectErrorLines?: number[];
  expectWarnings?: string[];
  steps?: string[];
}

/**
 * Whole builds as far as planning them goes: config, history, names of steps, warnings and errors. Files and what
 * only shows when a step is carried out are for others to compare.
 */
export async function integrationPlan(): Promise<SetResult> {
  const cases = await readCases<Case>("integration-cases.json");
  return runChecks(cases.map((given) => [given.name, check(given)]));
}

/** Begins of errors that planning cannot know: they arise when a step is carried out. */
const later =
  /^(failed to compute cache key|failed to load cache key|process "|cannot (copy|replace) to|mkdir |lstat |open |too many links|invalid user index|secret |digest mismatch|failed to read dockerfile|failed to resolve source metadata)/;

function check(given: Case): Check {
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
    compareWarnings(outcome.plans[0]?.diagnostics ?? [], given.expectWarnings);
    if (given.platforms === undefined) compareResult(outcome.plans[0] as BuildPlan, given);
    for (const [name, expected] of Object.entries(given.platforms ?? {})) {
      const found = outcome.plans.find(({ platform }) => formatPlatform(platform) === name);
      compareResult(found as BuildPlan, expected);
    }
    compareNames(outcome, given);
  };
}

interface Outcome {
  /** One per platform. */
  readonly plans: readonly BuildPlan[];
}

async function build(given: Case): Promise<Outcome> {
  const platforms = readPlatforms(given.platform);
  const options: PlanOptions = {
    target: given.target,
    buildArgs: given.buildArgs,
    labels: given.labels,
    isMultiPlatform: platforms.length > 1 || given.opts?.["multi-platform"] === "true",
    namedContexts: namedContextsOf(given),
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

function ignoreFileOf({ files = {}, dockerfileDirFiles, dockerfileName = "Dockerfile" }: Case): string {
  const besides = (dockerfileDirFiles ?? files)[`${dockerfileName}.dockerignore`];
  const content = besides ?? files[".dockerignore"] ?? "";
  return typeof content === "string" ? content : (content.content ?? "");
}

const stubs = ["busybox", "alpine"];
/** Time of what the stub of a base says about itself; the records leave it out. */
const stubTime = "2000-01-01T00:00:00Z";

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

/** As the cases were recorded: the stubs stand in for images as named contexts. */
function namedContextsOf(given: Inputs): Record<string, string> {
  const contexts: Record<string, string> = {};
  for (const name of stubs) {
    // Such a context would stand for a stage of that name too.
    if (!given.dockerfile.includes(`AS ${name}`)) contexts[name] = `docker-image://stub.invalid/${name}`;
  }
  for (const [name, context] of Object.entries(given.contexts ?? {})) {
    if ("raw" in context) contexts[name] = context.raw;
    else if ("files" in context) contexts[name] = diffId(1);
    else contexts[name] = `docker-image://case.invalid/${name}`;
  }
  return contexts;
}

function worldOf(given: Inputs): World {
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

async function imageOf(inputs: Inputs): Promise<ImageConfig> {
  const built = await plan(
    readDockerfile(inputs.dockerfile),
    { namedContexts: namedContextsOf(inputs) },
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

function compareResult(built: BuildPlan, { expectConfig = {} }: Expected): void {
  const { epoch } = built;
  const created = epoch === undefined ? undefined : new Date(epoch * 1000).toISOString().replace(".000", "");
  const encoded = new TextDecoder().decode(encodeImageConfig(configOf(built, created)));
  const {
    rootfs,
    history,
    created: time,
    ...config
  } = JSON.parse(encoded) as Record<string, unknown> & {
    rootfs: { diff_ids: string[] | null };
    history: Record<string, unknown>[] | null;
  };
  const times = expectConfig.created !== undefined;
  const found = {
    ...config,
    ...(times && { created: time }),
    history: (history ?? []).map(({ created: at, ...entry }) =>
      times && at !== stubTime ? { created: at, ...entry } : entry,
    ),
    rootfsLayers: rootfs.diff_ids?.length ?? 0,
  };
  const { topLevelKeyOrder, manifestLayersIsNull: _, diffIdsIsNull: __, ...expected } = expectConfig;
  deepStrictEqual(found, expected);
  deepStrictEqual(Object.keys(JSON.parse(encoded)), topLevelKeyOrder);
}

/**
 * BuildKit shows steps that are equal for two platforms once, and the second half of `--link` by itself; the records
 * leave out what begins as a named context does.
 */
function compareNames({ plans }: Outcome, { steps = [] }: Case): void {
  const found = plans.flatMap((one) => one.steps.map(({ description }) => description.name));
  const shown = found.filter((name) => !name.startsWith("[context "));
  const expected = steps.filter((name) => !/\] LINK /.test(name));
  const wanted = plans.length > 1 ? shown.filter((name) => expected.includes(name)) : shown;
  deepStrictEqual([...new Set(wanted)].sort(), [...new Set(expected)].sort());
}

function compareWarnings(diagnostics: readonly Diagnostic[], expected: readonly string[] = []): void {
  const found = diagnostics.map(({ code, message, lines }) => `${code}: ${message} (line ${lines.start})`);
  deepStrictEqual([...new Set(found)].sort(), [...new Set(expected)].sort());
}

function compareError(error: unknown, given: Case): void {
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
  compareWarnings(error.warnings, given.expectWarnings);
  if (given.expectErrorLines === undefined) return;
  const { start, end } = error.diagnostic.lines;
  deepStrictEqual([start, end], [Math.min(...given.expectErrorLines), Math.max(...given.expectErrorLines)]);
}

import { type MachineRunner, prepareRunner } from "../command/build/build-runner.ts";
import type { BuildTools, Ended } from "../command/build/build-tools.ts";
import { metadataText } from "../command/build/metadata.ts";
import { cancelOnInterrupt, displayBuild, startLocalBuild } from "../command/build/start-build.ts";
import { sendOutputs } from "../command/outputs/send-outputs.ts";
import { imageSize } from "./image-size.ts";
import { lastSizes } from "./last-build.ts";
import { type FailureLevel, fails, lintFindings } from "./lint.ts";
import type { Outcome } from "./report.ts";
import { buildUrl } from "./summary.ts";
import type { Workflow } from "./workflow.ts";

interface StepOptions {
  /** The lint findings that fail the step; undefined without a lint. */
  lint: FailureLevel | undefined;
  workflow: Workflow;
  /** The `User-Agent` of the step. */
  agent: string;
  /** Filled with the results as they become known. */
  outcome: Outcome;
}

/** Lints and builds, and sets the outputs of the step. @throws the errors of the commands */
export async function buildStep(
  tools: BuildTools,
  { lint, workflow, outcome, agent }: StepOptions,
): Promise<void> {
  const { service, flags } = tools;
  if (lint !== undefined) {
    outcome.findings = await lintFindings(service, flags);
    const isCheck = flags.call.method === "check";
    const level = isCheck ? (flags.call.ignoresStatus ? "never" : "warning") : lint;
    if (fails(outcome.findings, level))
      throw new Error("The lint of the Dockerfile failed: see its annotations");
    if (isCheck) return;
  }
  const [name] = flags.options.tags ?? [];
  if (name !== undefined) Object.assign(outcome, await lastSizes(service, name, agent));
  const ended = await workflow.withoutCommands(() => run(tools, workflow, outcome));
  outcome.findings.push(...ended.warnings.map(findingOf));
  if ("problem" in ended) {
    outcome.problem = ended.problem;
    return;
  }
  const { result } = ended;
  outcome.result = result;
  outcome.size = await imageSize(service, { name: result.repository, reference: result.descriptor.digest });
  workflow.setOutput("imageid", result.imageId);
  workflow.setOutput("digest", result.descriptor.digest);
  workflow.setOutput("metadata", metadataText(outcome.id ?? "", ended, flags));
}

async function run(tools: BuildTools, workflow: Workflow, outcome: Outcome): Promise<Ended> {
  const { service, flags } = tools;
  const runner = await prepareRunner(service, flags);
  try {
    return await runWith(runner, tools, workflow, outcome);
  } finally {
    const report = await runner.finish();
    if (report !== undefined) workflow.print(report);
  }
}

async function runWith(
  runner: MachineRunner,
  tools: BuildTools,
  workflow: Workflow,
  outcome: Outcome,
): Promise<Ended> {
  const { flags } = tools;
  const running = runner.attend(await startLocalBuild(tools));
  outcome.id = running.id;
  // The post step cancels the build if this process is killed.
  workflow.saveState("build", running.id);
  workflow.setOutput("build-id", running.id);
  workflow.setOutput("build-url", buildUrl(flags.server, running.id));
  cancelOnInterrupt(running, tools);
  const ended = await displayBuild(running, tools);
  workflow.saveState("ended", "true");
  if ("result" in ended) await sendOutputs(ended.result, tools);
  return ended;
}

function findingOf({ rule, message, line, url }: Ended["warnings"][number]) {
  return {
    rule,
    message,
    line,
    endLine: line,
    severity: "warning" as const,
    ...(url !== undefined && { url }),
  };
}

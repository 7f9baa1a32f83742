import type { BuildRecord } from "../../schemas/build.ts";
import type { BuildResult } from "../../schemas/events.ts";
import type { Problem } from "../../schemas/problem.ts";
import type { BuildFlags } from "../command/flags/build-flags.ts";
import type { BuildProgress } from "../progress/build-progress.ts";
import { failedOutput } from "../progress/failed-output.ts";
import { branchOf } from "./agent.ts";
import { annotate, type LintFinding, uniqueFindings } from "./annotations.ts";
import { dockerfileIn } from "./lint.ts";
import type { ReportSettings } from "./report-settings.ts";
import { summary } from "./summary.ts";
import type { Environment, Workflow } from "./workflow.ts";

/** The outcome of the step. */
export interface Outcome {
  /** URL; empty until it is known. */
  server: string;
  flags?: BuildFlags;
  /** Id of the build, once it was started. */
  id?: string;
  result?: BuildResult;
  problem?: Problem;
  /** The last known state of the build. */
  build: BuildProgress;
  findings: LintFinding[];
  /** Number of warnings that were already annotated. */
  warnings: number;
  /** Bytes of the image, and of the previous image with its name. */
  size?: number | undefined;
  lastSize?: number | undefined;
  /** The last successful build of the branch. */
  lastBuild?: BuildRecord | undefined;
}

interface ReportOptions extends ReportSettings {
  environment: Environment;
  workflow: Workflow;
}

/** Writes annotations and the summary of the job. */
export function report(outcome: Outcome, options: ReportOptions): void {
  const { problem, flags, result, server, id, build, size, lastSize, lastBuild } = outcome;
  const { environment, workflow } = options;
  const file = flags && dockerfileIn(environment, flags);
  if (problem !== undefined && problem.code !== "cancelled")
    annotateProblem(problem, outcome, file, workflow);
  const findings = uniqueFindings([...outcome.findings, ...findingsOf(problem)]);
  if (options.lint)
    annotate(workflow, findings, file, { error: problem === undefined ? 0 : 1, warning: outcome.warnings });
  const ended = problem === undefined ? result && { result } : { problem };
  if (!options.summary || ended === undefined || server === "") return;
  const branch = branchOf(environment);
  const last = { lastSize, lastBuild, branch };
  workflow.summarize(summary({ server, id, build, ended, findings, size, ...last, why: options.explain }));
}

/** The warnings about a Dockerfile that the server has rejected. */
function findingsOf(problem: Problem | undefined): LintFinding[] {
  const warnings = problem?.warnings ?? [];
  return warnings.map((one) => ({ ...one, endLine: one.endLine ?? one.line, severity: "warning" }));
}

/** Annotates the line of the problem, if it is known. */
function annotateProblem(
  { title, detail, hint, errors = [] }: Problem,
  { build }: Outcome,
  file: string | undefined,
  workflow: Workflow,
): void {
  const [place] = errors;
  const message = [detail ?? title, ...failedOutput(build), hint].filter(Boolean).join("\n");
  workflow.annotate("error", message, {
    title: "varve",
    ...(file !== undefined && place !== undefined && { file, line: place.line, endLine: place.endLine }),
  });
}

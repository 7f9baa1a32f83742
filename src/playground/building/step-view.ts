import type { Difference } from "../../../schemas/events.ts";
import type { PlanStep } from "../../../schemas/plan.ts";
import type { Problem } from "../../../schemas/problem.ts";
import { instructionOfStep } from "../../progress/step-name.ts";
import { isOpen, type OutputLine, type StepProgress, type StepState } from "../../progress/step-progress.ts";
import type { Status } from "../messages.ts";
import type { BuildLog } from "./build-log.ts";
import type { CurrentPlan } from "./planning.ts";

/** A step of a build or of a plan, as the page shows it. */
export interface StepView {
  readonly id: string;
  /** For example `[build 2/4] COPY src /src`. */
  readonly name: string;
  readonly stage: string;
  /** First line of its instruction. */
  readonly line: number;
  readonly status: Status;
  /** Start time in milliseconds since 1970; undefined unless the step is running. */
  readonly runningSince?: number | undefined;
  /** The last lines of output; empty after the step succeeded. */
  readonly output?: readonly OutputLine[] | undefined;
  readonly milliseconds?: number | undefined;
  /** Stored size of its layer. */
  readonly bytes?: number | undefined;
  readonly why?: string | undefined;
  readonly differences: readonly Difference[];
  /** The transfer that the step started last. */
  readonly progress?: { message: string; current: number; total: number | undefined } | undefined;
  readonly waiting?: string | undefined;
  readonly problem?: Problem | undefined;
  /** The server's plan of the step. */
  readonly plan?: PlanStep | undefined;
}

const planStatus: Record<PlanStep["state"], Status> = {
  hit: "hit",
  miss: "miss",
  "not needed": "unneeded",
  unknown: "unknown",
};

/** Duration of the last execution on this page, in milliseconds, by instruction. */
const times = new Map<string, number>();

/** Returns the total duration of the last executions of steps, in milliseconds. */
export function timeOf(names: readonly string[]): number {
  return names.reduce((sum, name) => sum + (times.get(instructionOfStep(name)) ?? 0), 0);
}

const stepStatus: Record<StepState, Status> = {
  pending: "pending",
  waiting: "waiting",
  running: "running",
  cached: "hit",
  done: "miss",
  failed: "failed",
  cancelled: "cancelled",
  unneeded: "unneeded",
};

/** Maps the state of a step to the status that the page shows. */
export function statusOf({ state, isReused }: StepProgress): Status {
  return state === "done" && isReused ? "reused" : stepStatus[state];
}

/** Returns the steps of a build in plan order. */
export function stepsOfBuild(log: BuildLog): StepView[] {
  return log.steps.value.map((step) => {
    const { info, milliseconds, started, layer, why, differences, waiting, problem } = step;
    if (step.state === "done" && milliseconds !== undefined)
      times.set(instructionOfStep(info.name), milliseconds);
    const [transfer] = [...step.transfers].slice(-1);
    return {
      id: info.id,
      name: info.name,
      stage: info.stage,
      line: info.lines.start,
      status: statusOf(step),
      milliseconds,
      bytes: layer?.size,
      why,
      differences,
      waiting,
      problem,
      ...(transfer !== undefined && { progress: { message: transfer[0], ...transfer[1] } }),
      // The progress drops the output when the step succeeds.
      output: step.output.last(),
      ...(isOpen(step) && { runningSince: log.dateOf(started ?? 0) }),
    };
  });
}

/** Returns the steps of the server's plan, or of the page's own plan until that arrives. */
export function stepsOfPlan({ result, local }: CurrentPlan): StepView[] {
  const [platform] = result?.platforms ?? [];
  if (platform !== undefined) {
    return platform.steps.map((plan) => ({
      id: plan.id,
      name: plan.name,
      stage: plan.stage,
      line: plan.range.line,
      status: planStatus[plan.state],
      milliseconds: times.get(instructionOfStep(plan.name)),
      bytes: plan.layer?.size,
      why: plan.why,
      differences: plan.differences,
      plan,
    }));
  }
  return (local?.steps ?? []).map(({ name, stage, lines }, index) => ({
    id: `local-${index}`,
    name,
    stage,
    line: lines.start,
    status: "pending",
    milliseconds: times.get(instructionOfStep(name)),
    differences: [],
  }));
}

/** Returns the lines of the stages that the target does not need. */
export function unneededStages({ result, local }: CurrentPlan): { start: number; end: number }[] {
  const [platform] = result?.platforms ?? [];
  if (platform !== undefined) {
    return platform.stages
      .filter(({ needed }) => !needed)
      .map(({ range, endLine }) => ({ start: range.line, end: endLine }));
  }
  const stages = local?.stages ?? [];
  return stages.flatMap(({ lines, needed }, index) =>
    needed
      ? []
      : [{ start: lines.start, end: (stages[index + 1]?.lines.start ?? Number.POSITIVE_INFINITY) - 1 }],
  );
}

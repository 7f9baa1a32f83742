import type { Difference } from "../../../schemas/events.ts";
import type { PlanStep } from "../../../schemas/plan.ts";
import type { Problem } from "../../../schemas/problem.ts";
import type { Status } from "../ui/status.tsx";
import type { BuildLog, StepState } from "./build-log.ts";
import type { Planned } from "./planning.ts";

/** A step as it is shown: carried out, or only planned. */
export interface StepView {
  readonly id: string;
  /** As `[build 2/4] COPY src /src`. */
  readonly name: string;
  readonly stage: string;
  /** First line of its instruction. */
  readonly line: number;
  readonly status: Status;
  /** Not carried out: this is what a build would do. */
  readonly isPlanned: boolean;
  readonly milliseconds?: number | undefined;
  /** Of its layer as stored. */
  readonly bytes?: number | undefined;
  readonly why?: string | undefined;
  readonly differences: readonly Difference[];
  readonly progress?: StepState["progress"] | undefined;
  readonly waiting?: string | undefined;
  readonly problem?: Problem | undefined;
  /** What the server says of a planned step. */
  readonly plan?: PlanStep | undefined;
}

const planStatus: Record<PlanStep["state"], Status> = {
  hit: "hit",
  miss: "miss",
  "not needed": "unneeded",
  unknown: "unknown",
};

/** How long steps took when they were last carried out here, by what their names say without their place. */
const times = new Map<string, number>();

function instructionOf(name: string): string {
  return name.replace(/^\[[^\]]*\]\s*/, "");
}

/** Milliseconds that steps took when they were last carried out here, together. */
export function timeOf(names: readonly string[]): number {
  return names.reduce((sum, name) => sum + (times.get(instructionOf(name)) ?? 0), 0);
}

/** Steps of a build, in their order. */
export function stepsOfBuild(log: BuildLog): StepView[] {
  return log.list.value.map(({ info, ...state }) => {
    if (state.milliseconds !== undefined) times.set(instructionOf(info.name), state.milliseconds);
    const { id, name, stage, lines } = info;
    return { id, name, stage, line: lines.start, isPlanned: false, ...state };
  });
}

/** Steps of a plan; those of the page itself until the server has answered. */
export function stepsOfPlan({ result, local }: Planned): StepView[] {
  const [platform] = result?.platforms ?? [];
  if (platform !== undefined) {
    return platform.steps.map((plan) => ({
      id: plan.id,
      name: plan.name,
      stage: plan.stage,
      line: plan.range.line,
      status: planStatus[plan.state],
      isPlanned: true,
      milliseconds: times.get(instructionOf(plan.name)),
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
    isPlanned: true,
    milliseconds: times.get(instructionOf(name)),
    differences: [],
  }));
}

/** Stretches of lines of stages that what is built does not depend on. */
export function unneededStages({ result, local }: Planned): { start: number; end: number }[] {
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

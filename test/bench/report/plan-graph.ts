import type { PlanResult } from "../../../schemas/plan.ts";

type PlatformPlan = PlanResult["platforms"][number];

/** The steps of a plan, each with the ids of the steps that must have ended before it starts. */
export function dependencies({ stages, steps, edges }: PlatformPlan): Map<string, string[]> {
  const stepsOf = (stage: number) => steps.filter(({ stageIndex }) => stageIndex === stage);
  const baseOf = (stage: number) => {
    const edge = edges.find(({ kind, to }) => kind === "from" && to === stage);
    return edge !== undefined && "stage" in edge.from ? edge.from.stage : undefined;
  };
  /** The last step of a stage, or of the stage that it begins with when it has none. */
  const lastOf = (stage: number | undefined): string[] => {
    if (stage === undefined || stages[stage] === undefined) return [];
    const last = stepsOf(stage).at(-1);
    return last === undefined ? lastOf(baseOf(stage)) : [last.id];
  };
  return new Map(
    steps.map((step) => {
      const own = stepsOf(step.stageIndex);
      const before = own[own.indexOf(step) - 1];
      const read = edges.filter(
        ({ kind, to, range }) =>
          kind !== "from" &&
          to === step.stageIndex &&
          range.line >= step.lines.start &&
          range.line <= step.lines.end,
      );
      const parent = before === undefined ? lastOf(baseOf(step.stageIndex)) : [before.id];
      const others = read.flatMap(({ from }) => ("stage" in from ? lastOf(from.stage) : []));
      return [step.id, [...new Set([...parent, ...others])]];
    }),
  );
}

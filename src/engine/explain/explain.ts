import type { Explanation } from "../../../schemas/build.ts";
import type { StepInfo } from "../../../schemas/events.ts";
import type { BuildProgress } from "../../progress/build-progress.ts";
import type { StepProgress } from "../../progress/step-progress.ts";

type Status = Omit<Explanation["steps"][number], keyof StepInfo>;

/** The reason for each cache hit or miss of a build so far. */
export function explain(id: string, { steps }: BuildProgress): Explanation {
  const ofBuild = [...steps.values()].filter(({ isLocal }) => !isLocal);
  return { id, steps: ofBuild.map((step) => ({ ...step.info, ...statusOf(step) })) };
}

function statusOf({ state, started, why, differences }: StepProgress): Status {
  switch (state) {
    case "cached":
      return { status: "hit", why: why ?? "The step and its inputs have not changed.", differences: [] };
    case "done":
      return { status: "miss", why: why ?? "", differences: [...differences] };
    case "running":
      return miss("The step is running.");
    case "waiting":
      return miss("The step waits for a runner.");
    case "failed":
      return miss("The step failed.");
    case "pending":
      return { status: "unknown", why: "The step has not started.", differences: [] };
    case "cancelled":
      if (started !== undefined) return miss("The step was cancelled.");
      return { status: "unknown", why: "The build ended before the step.", differences: [] };
    case "unneeded":
      return {
        status: "not needed",
        why: "The result does not depend on it, or only through a cached step.",
        differences: [],
      };
  }
}

function miss(why: string): Status {
  return { status: "miss", why, differences: [] };
}

import type { Explanation } from "../../../schemas/build.ts";
import type { BuildEvent, StepInfo } from "../../../schemas/events.ts";

type Status = Omit<Explanation["steps"][number], keyof StepInfo>;

const notNeeded: Status = {
  status: "not needed",
  why: "The result does not depend on it, or only through a step that was found.",
  differences: [],
};

/** Why each step of a build hit or missed the build cache, from the events of that build. */
export function explain(id: string, events: readonly BuildEvent[]): Explanation {
  const steps: StepInfo[] = [];
  const statuses = new Map<string, Status>();
  for (const event of events) {
    if (event.type === "plan") steps.push(...event.steps);
    else if (event.type === "step.cached") {
      statuses.set(event.step, {
        status: "hit",
        why: "Everything that defines the step is as before.",
        differences: [],
      });
    } else if (event.type === "step.done") {
      const { why, differences } = event;
      statuses.set(event.step, { status: "miss", why, differences });
    }
  }
  return { id, steps: steps.map((step) => ({ ...step, ...(statuses.get(step.id) ?? notNeeded) })) };
}

import type { RunStep } from "../../../schemas/build.ts";
import type { BuildProgress } from "../../progress/build-progress.ts";
import { instructionOfStep, isFrom } from "../../progress/step-name.ts";

/** Maximum number of steps of a run that are kept for insights. */
const MAX_STEPS = 100;
const MAX_NAME = 300;

/** The steps of a run: reused and executed ones. Base images do not count. */
export function runStepsOf({ steps }: BuildProgress): RunStep[] {
  return [...steps.values()].flatMap(({ isLocal, info, name, state, milliseconds = 0 }): RunStep[] => {
    if (isLocal || isFrom(name)) return [];
    const step = { name: instructionOfStep(info.name).slice(0, MAX_NAME) };
    if (state === "cached" || state === "unneeded") return [{ ...step, isHit: true, milliseconds: 0 }];
    if (state === "done" || state === "failed") return [{ ...step, isHit: false, milliseconds }];
    return [];
  });
}

/** The numbers of steps that were reused and executed. */
export function countSteps(steps: readonly RunStep[]): { hits: number; misses: number } {
  const hits = steps.filter(({ isHit }) => isHit).length;
  return { hits, misses: steps.length - hits };
}

/** The steps that took longest, in their order. */
export function longestSteps(steps: readonly RunStep[]): RunStep[] {
  if (steps.length <= MAX_STEPS) return [...steps];
  const kept = new Set([...steps].sort((a, b) => b.milliseconds - a.milliseconds).slice(0, MAX_STEPS));
  return steps.filter((step) => kept.has(step));
}

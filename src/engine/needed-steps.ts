import type { BuildPlan } from "./plan/build-plan.ts";
import { type FileState, inputsOf, type Step } from "./plan/step.ts";

/** Steps whose layers or files the result is made of: the sources of a step that is known are not. */
export function neededSteps(
  { steps, result }: Pick<BuildPlan, "steps" | "result">,
  isKnown: (index: number) => boolean,
): Set<number> {
  const needed = new Set<number>();
  const need = (state: FileState): void => {
    if (state.kind !== "step" || needed.has(state.step)) return;
    needed.add(state.step);
    const { definition } = steps[state.step] as Step;
    if (isKnown(state.step)) need(definition.parent);
    else inputsOf(definition).forEach(need);
  };
  need(result.files);
  return needed;
}

/** The steps of some stages, told by their names in whatever case, and all that depend on them. */
export function stepsOf(
  { steps, stages }: Pick<BuildPlan, "steps" | "stages">,
  names: ReadonlySet<string>,
): Set<number> {
  const found = new Set<number>();
  if (names.size === 0) return found;
  const wanted = new Set([...names].map((name) => name.toLowerCase()));
  for (const { index, definition, description } of steps) {
    const depends = inputsOf(definition).some((state) => state.kind === "step" && found.has(state.step));
    if (depends || wanted.has(stages[description.stage]?.name.toLowerCase() ?? "")) found.add(index);
  }
  return found;
}

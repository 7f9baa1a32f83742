import type { BuildPlan } from "../plan/build-plan.ts";
import { type FileState, inputsOf, type Step, type StepDefinition } from "../plan/step.ts";

/** The steps that a build needs. A step with a known result needs only its parent, for its layers. */
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

/**
 * The steps of stages, given by name in any case, and all steps that depend on them.
 * @param inputs the inputs through which a step depends on another one; by default all
 */
export function stepsOf(
  { steps, stages }: Pick<BuildPlan, "steps" | "stages">,
  names: ReadonlySet<string>,
  inputs: (definition: StepDefinition) => FileState[] = inputsOf,
): Set<number> {
  const found = new Set<number>();
  if (names.size === 0) return found;
  const wanted = new Set([...names].map((name) => name.toLowerCase()));
  for (const { index, definition, description } of steps) {
    const depends = inputs(definition).some((state) => state.kind === "step" && found.has(state.step));
    if (depends || wanted.has(stages[description.stage]?.name.toLowerCase() ?? "")) found.add(index);
  }
  return found;
}

/**
 * Steps whose results an executing RUN reads, directly or through other steps, with the platform of the RUN.
 * @param known steps with known results, whose inputs are not needed
 */
export function inputsOfRuns(
  plan: Pick<BuildPlan, "steps" | "result">,
  known: ReadonlySet<number>,
): Map<number, string> {
  const found = new Map<number, string>();
  const visit = (state: FileState, platform: string): void => {
    if (state.kind !== "step" || found.has(state.step)) return;
    found.set(state.step, platform);
    if (known.has(state.step)) return;
    for (const input of inputsOf((plan.steps[state.step] as Step).definition)) visit(input, platform);
  };
  for (const index of neededSteps(plan, (step) => known.has(step))) {
    const { definition } = plan.steps[index] as Step;
    if (definition.kind !== "run" || known.has(index)) continue;
    for (const input of inputsOf(definition)) visit(input, definition.platform);
  }
  return found;
}

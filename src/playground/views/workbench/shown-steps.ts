import { computed, effect, signal } from "@preact/signals";
import { currentBuild } from "../../building/current-build.ts";
import { currentPlan } from "../../building/planning.ts";
import { type StepView, stepsOfBuild, stepsOfPlan, unneededStages } from "../../building/step-view.ts";
import type { TimeLineMark } from "../../editor/time-line.ts";
import { tokenize } from "../../editor/tokens.ts";
import { formatBytes, formatDuration } from "../../i18n/format.ts";
import { messages } from "../../messages.ts";
import { dockerfileText, inputs } from "../../project/project.ts";

/** The user's choice between the plan and the last build; undefined by default and after each change of the project. */
export const chosenSource = signal<"plan" | "build" | undefined>(undefined);

effect(() => {
  void inputs.value;
  chosenSource.value = undefined;
});

/** Whether the last build is running, or is a build of the project as it is now. */
export const isBuildFresh = computed(() => {
  const build = currentBuild.value;
  return build !== undefined && (build.phase.value !== "ended" || build.inputs === inputs.value);
});

/** Whether the steps of the plan or of the last build are shown. */
export const stepsSource = computed((): "plan" | "build" => {
  if (currentBuild.value === undefined) return "plan";
  return chosenSource.value ?? (isBuildFresh.value ? "build" : "plan");
});

export const shownSteps = computed((): readonly StepView[] => {
  if (stepsSource.value === "build") {
    const build = currentBuild.value;
    return build === undefined ? [] : stepsOfBuild(build.log);
  }
  // This records the durations of the last build's steps, which the plan shows.
  if (currentBuild.value !== undefined) stepsOfBuild(currentBuild.value.log);
  return currentPlan.value === undefined ? [] : stepsOfPlan(currentPlan.value);
});

/** Whether the shown steps belong to the text in the editor. */
const isSameText = computed(() => {
  const text = dockerfileText.value;
  return stepsSource.value === "build"
    ? currentBuild.value?.inputs.dockerfile === text
    : currentPlan.value?.inputs.dockerfile === text;
});

/** Why the server cannot build the text in the editor. */
export const serverProblem = computed(() => {
  const plan = currentPlan.value;
  return plan?.inputs.dockerfile === dockerfileText.value ? plan.result?.problem : undefined;
});

/** Returns the marks of the gutter; undefined when the shown steps belong to another text. */
export function timeLineMarks(chosenLine: number | undefined): TimeLineMark[] | undefined {
  if (!isSameText.value) return undefined;
  const { statuses } = messages.value;
  const byLine = new Map(shownSteps.value.map((step) => [step.line, step]));
  const skipped = currentPlan.value === undefined ? [] : unneededStages(currentPlan.value);
  return tokenize(dockerfileText.value).instructions.flatMap(({ start }): TimeLineMark[] => {
    const step = byLine.get(start);
    const isSkipped = skipped.some((lines) => lines.start <= start && start <= lines.end);
    const status = isSkipped ? "unneeded" : markStatus(step);
    if (status === undefined) return [];
    const { milliseconds, bytes } = step ?? {};
    const tookTime = milliseconds !== undefined && status !== "hit" && status !== "unneeded";
    return [
      {
        line: start,
        status,
        label: statuses[status],
        time: tookTime ? formatDuration(milliseconds) : "",
        bytes: bytes === undefined || status === "unneeded" ? "" : formatBytes(bytes),
        isChosen: start === chosenLine,
      },
    ];
  });
}

function markStatus(step: StepView | undefined): TimeLineMark["status"] | undefined {
  if (step === undefined) return undefined;
  const { status } = step;
  return status === "pending" || status === "done" || status === "cancelled" ? undefined : status;
}

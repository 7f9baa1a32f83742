import { computed, effect, signal } from "@preact/signals";
import { currentBuild } from "../../building/current-build.ts";
import { planned } from "../../building/planning.ts";
import { type StepView, stepsOfBuild, stepsOfPlan, unneededStages } from "../../building/step-view.ts";
import type { TimeLineMark } from "../../editor/time-line.ts";
import { tokenize } from "../../editor/tokens.ts";
import { formatBytes, formatDuration } from "../../i18n/format.ts";
import { messages } from "../../messages.ts";
import { dockerfileText, inputs } from "../../project/project.ts";

/** The user wants to see the plan although the last build is of this very project, or the other way round. */
export const wanted = signal<"plan" | "build" | undefined>(undefined);

effect(() => {
  void inputs.value;
  wanted.value = undefined;
});

/** The last build is of the project as it is now. */
export const isBuildFresh = computed(() => {
  const build = currentBuild.value;
  return build !== undefined && (build.phase.value !== "ended" || build.inputs === inputs.value);
});

/** Whether the steps of the last build are shown, or what a build would do now. */
export const shows = computed((): "plan" | "build" => {
  if (currentBuild.value === undefined) return "plan";
  return wanted.value ?? (isBuildFresh.value ? "build" : "plan");
});

export const shownSteps = computed((): readonly StepView[] => {
  if (shows.value === "build") {
    const build = currentBuild.value;
    return build === undefined ? [] : stepsOfBuild(build.log);
  }
  // The last build still says how long steps took.
  if (currentBuild.value !== undefined) stepsOfBuild(currentBuild.value.log);
  return planned.value === undefined ? [] : stepsOfPlan(planned.value);
});

/** Whether lines of the steps that are shown are those of the text in the editor. */
const isSameText = computed(() => {
  const text = dockerfileText.value;
  return shows.value === "build"
    ? currentBuild.value?.inputs.dockerfile === text
    : planned.value?.inputs.dockerfile === text;
});

/** Why the server cannot build the text in the editor. */
export const serverProblem = computed(() => {
  const plan = planned.value;
  return plan?.inputs.dockerfile === dockerfileText.value ? plan.result?.problem : undefined;
});

/** What the gutter says of each instruction; undefined while what is known is about another text. */
export function marks(chosenLine: number | undefined): TimeLineMark[] | undefined {
  if (!isSameText.value) return undefined;
  const { statuses } = messages.value;
  const byLine = new Map(shownSteps.value.map((step) => [step.line, step]));
  const skipped = planned.value === undefined ? [] : unneededStages(planned.value);
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

import "./steps-list.css";
import type { ComponentChildren } from "preact";
import { formatBytes, formatDuration } from "../i18n/format.ts";
import { Icon } from "../ui/icon.tsx";
import { StatusBadge } from "../ui/status.tsx";
import { escapeInvisible } from "../ui/visible-text.ts";
import { OutputText } from "./output-text.tsx";
import { RunningTime } from "./running-time.tsx";
import { explainWait } from "./sentences.ts";
import { StepDetails } from "./step-details.tsx";
import type { StepView } from "./step-view.ts";

interface StepsListProps {
  steps: readonly StepView[];
  /** Id of the step whose details are open. */
  chosen: string | undefined;
  onChoose(id: string | undefined): void;
  /** Actions for the open step. */
  actions?(step: StepView): ComponentChildren;
}

/** Shows the steps of a build or a plan with their statuses, times and last output. */
export function StepsList({ steps, chosen, onChoose, actions }: StepsListProps) {
  return (
    <ol class="steps">
      {steps.map((step) => {
        const isOpen = step.id === chosen;
        return (
          <li key={step.id} class={`step${isOpen ? " step-open" : ""}`}>
            <button
              type="button"
              class="step-row"
              aria-expanded={isOpen}
              onClick={() => onChoose(isOpen ? undefined : step.id)}
            >
              <span class={`step-twist${isOpen ? " step-twist-open" : ""}`}>
                <Icon name="chevron" />
              </span>
              <code class="step-name" title={escapeInvisible(step.name)}>
                {escapeInvisible(step.name)}
              </code>
              <span class="step-facts">
                <StatusBadge status={step.status} />
                <span class="step-number number">
                  {step.runningSince !== undefined && <RunningTime since={step.runningSince} />}
                  {step.milliseconds !== undefined && !isSkipped(step)
                    ? formatDuration(step.milliseconds)
                    : ""}
                </span>
                <span class="step-number number">
                  {step.bytes === undefined ? "" : formatBytes(step.bytes)}
                </span>
              </span>
              {step.progress && step.status === "running" && <StepProgress progress={step.progress} />}
            </button>
            <StepOutput step={step} />
            {isOpen && <StepDetails step={step}>{actions?.(step)}</StepDetails>}
          </li>
        );
      })}
    </ol>
  );
}

/** Whether a step was not executed: its result is from the build cache, or is not needed. */
function isSkipped({ status }: StepView): boolean {
  return status === "hit" || status === "unneeded";
}

/** What a step waits for, and its last lines of output. */
function StepOutput({ step: { output = [], waiting } }: { step: StepView }) {
  if (output.length === 0 && waiting === undefined) return null;
  return (
    <div class="step-output">
      {waiting !== undefined && <div>{escapeInvisible(explainWait(waiting))}</div>}
      {output.map(({ text }, index) => (
        <div key={index}>
          <OutputText text={text} />
        </div>
      ))}
    </div>
  );
}

function StepProgress({ progress }: { progress: NonNullable<StepView["progress"]> }) {
  const { message, current, total } = progress;
  return (
    <span class="step-progress soft">
      <progress aria-label={message} value={current} max={total ?? undefined} />
      {message}
    </span>
  );
}

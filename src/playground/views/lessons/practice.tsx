import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { hasBaseImage } from "../../lessons/base-image.ts";
import type { LessonStep } from "../../lessons/schema.ts";
import type { LessonSession } from "../../lessons/session.ts";
import { isRunnerMissing, useRunners } from "../../running/runners.ts";
import { Button } from "../../ui/button.tsx";
import { Icon } from "../../ui/icon.tsx";
import { messages } from "./messages.ts";
import { Prose } from "./prose.tsx";

/** Milliseconds between two checks for the base image while it is missing. */
const POLL_MS = 5000;

/**
 * Explains what this server lacks for a step with containers, shows the expected output, and offers to skip the step.
 */
export function Practice({
  session,
  step,
  after,
}: {
  session: LessonSession;
  step: LessonStep;
  after: string;
}) {
  const text = messages.value;
  const list = useRunners();
  const hasBase = useBaseImage();
  const isRunnerless = isRunnerMissing(list);
  if (step.kind !== "task" || (!isRunnerless && hasBase)) return null;
  return (
    <div class="lesson-missing">
      <div class="lesson-missing-why" role="status">
        <Icon name="warning" />
        <div>
          <p>{isRunnerless ? text.noRunner : text.noBase}</p>
          <p>
            <Prose text={isRunnerless ? text.noRunnerHow : text.noBaseHow} />
          </p>
        </div>
      </div>
      {step.prints !== undefined && (
        <>
          <p>{text.wouldPrint}</p>
          <pre class="lesson-done-code">{step.prints.join("\n")}</pre>
        </>
      )}
      <p>
        <Prose text={after} />
      </p>
      <Button onClick={() => session.skip()}>{text.skip}</Button>
    </div>
  );
}

/** Whether the base image is available; true until the server responds. */
function useBaseImage(): boolean {
  const hasBase = useSignal(true);
  useEffect(() => {
    const look = () =>
      hasBaseImage().then(
        (has) => {
          hasBase.value = has;
        },
        () => {},
      );
    void look();
    if (hasBase.value) return;
    const timer = setInterval(() => void look(), POLL_MS);
    return () => clearInterval(timer);
  }, [hasBase.value]);
  return hasBase.value;
}

import { hasBaseImage } from "../../lessons/base-image.ts";
import type { LessonStep } from "../../lessons/schema.ts";
import type { LessonSession } from "../../lessons/session.ts";
import { containers } from "../../running/containers.ts";
import { isRunnerMissing, useRunners } from "../../running/runners.ts";
import { runInShell } from "../../shell/shell.ts";
import { Button } from "../../ui/button.tsx";
import { CodeLines } from "../../ui/code-text.tsx";
import { Icon } from "../../ui/icon.tsx";
import { usePolled } from "../../ui/polled.ts";
import { messages } from "./messages.ts";
import { Prose } from "./prose.tsx";

/**
 * Shows what the server lacks for a step with containers, and offers to skip the step. Shows nothing if all is there.
 */
export function StepRequirements({
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
  const hasBase = usePolled(hasBaseImage, { repeatAfter: (has) => !has }) ?? true;
  const isRunnerless = isRunnerMissing(list);
  if (step.kind !== "task") return null;
  if (!isRunnerless && hasBase) return <RestartContainer session={session} step={step} />;
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
          <pre class="lesson-done-code">
            <CodeLines lines={step.prints} />
          </pre>
        </>
      )}
      <p>
        <Prose text={after} />
      </p>
      <Button onClick={() => session.skip()}>{text.skip}</Button>
    </div>
  );
}

/** Offers to restart the container of an earlier step when it is not running. */
function RestartContainer({ session, step }: { session: LessonSession; step: LessonStep }) {
  const text = messages.value;
  const { needs } = step;
  const line = session.lesson.steps.find(({ id }) => id === needs?.step)?.code?.join("\n") ?? "";
  const [, name] = /--name (\S+)/.exec(line) ?? [];
  if (needs === undefined || name === undefined) return null;
  const container = containers.value.find((one) => one.name === name);
  const kind = container?.state.value.kind;
  if (kind !== undefined && kind !== "failed" && (kind !== "exited" || needs.isEnded)) return null;
  return (
    <div class="lesson-missing" role="status">
      <p>
        <Prose text={text.containerEnded(name)} />
      </p>
      <pre class="lesson-done-code">
        <CodeLines lines={[line]} />
      </pre>
      <Button
        icon="play"
        onClick={() => {
          container?.remove();
          runInShell(line);
        }}
      >
        {text.startAgain}
      </Button>
    </div>
  );
}

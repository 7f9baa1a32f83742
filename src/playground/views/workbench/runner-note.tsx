import { useComputed, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { RunnerList } from "../../../../schemas/runner.ts";
import { tokenize } from "../../editor/tokens.ts";
import { dockerfileText } from "../../project/project.ts";
import { runnerList } from "../../service.ts";
import { CommandLine } from "../../ui/digest.tsx";
import { Icon } from "../../ui/icon.tsx";
import { messages } from "./messages.ts";

/** Milliseconds between two requests for the runners, while there is none. */
const AGAIN = 5000;

/** Says that RUN needs a runner, and how to connect one, when there is none. */
export function RunnerNote() {
  const text = messages.value;
  const hasRun = useComputed(() =>
    tokenize(dockerfileText.value).instructions.some(({ keyword }) => keyword === "RUN"),
  );
  const list = useSignal<RunnerList | undefined>(undefined);
  const isMissed = hasRun.value && list.value?.runners.length === 0;
  useEffect(() => {
    if (!hasRun.value) return;
    const look = () =>
      runnerList().then(
        (known) => {
          list.value = known;
        },
        () => {
          list.value = undefined;
        },
      );
    void look();
    if (!isMissed) return;
    const timer = setInterval(() => void look(), AGAIN);
    return () => clearInterval(timer);
  }, [hasRun.value, isMissed]);
  if (!isMissed) return null;
  const local = list.value?.local;
  if (local?.state === "restarting") {
    return (
      <div class="runner-note" role="status">
        <Icon name="warning" />
        <div>
          <p>{text.runnerRestarts}</p>
          {local.detail !== undefined && <p>{local.detail}</p>}
        </div>
      </div>
    );
  }
  return (
    <div class="runner-note" role="status">
      <Icon name="warning" />
      <div>
        <p>{text.noRunner}</p>
        {local?.detail !== undefined && <p>{local.detail}</p>}
        <p>{text.runnerHow}</p>
        <CommandLine label={text.runnerHow} command={`npm run varve -- runner --server ${location.origin}`} />
      </div>
    </div>
  );
}

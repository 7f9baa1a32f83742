import { useComputed } from "@preact/signals";
import { tokenize } from "../../editor/tokens.ts";
import { dockerfileText } from "../../project/project.ts";
import { useRunners } from "../../running/runners.ts";
import { CopyableCommand } from "../../ui/digest.tsx";
import { Icon } from "../../ui/icon.tsx";
import { messages } from "./messages.ts";

/** Explains how to connect a runner for RUN steps while none is connected. */
export function RunnerNote() {
  const text = messages.value;
  const hasRun = useComputed(() =>
    tokenize(dockerfileText.value).instructions.some(({ keyword }) => keyword === "RUN"),
  );
  const list = useRunners(hasRun.value);
  const isMissed = hasRun.value && list?.runners.length === 0;
  if (!isMissed) return null;
  const local = list?.local;
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
        <CopyableCommand
          label={text.runnerHow}
          command={`npm run varve -- runner --server ${location.origin}`}
        />
      </div>
    </div>
  );
}

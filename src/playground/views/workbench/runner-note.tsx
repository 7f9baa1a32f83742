import { useComputed, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { tokenize } from "../../editor/tokens.ts";
import { dockerfileText } from "../../project/project.ts";
import { runners } from "../../service.ts";
import { CommandLine } from "../../ui/digest.tsx";
import { Icon } from "../../ui/icon.tsx";
import { messages } from "./messages.ts";

/** Milliseconds between two looks at who is connected, while somebody is missed. */
const AGAIN = 5000;

/** Says that RUN needs a runner, and how to connect one, when there is none. */
export function RunnerNote() {
  const text = messages.value;
  const hasRun = useComputed(() =>
    tokenize(dockerfileText.value).instructions.some(({ keyword }) => keyword === "RUN"),
  );
  const count = useSignal<number | undefined>(undefined);
  const isMissed = hasRun.value && count.value === 0;
  useEffect(() => {
    if (!hasRun.value) return;
    const look = () =>
      runners().then(
        ({ length }) => {
          count.value = length;
        },
        () => {
          count.value = undefined;
        },
      );
    void look();
    if (!isMissed) return;
    const timer = setInterval(() => void look(), AGAIN);
    return () => clearInterval(timer);
  }, [hasRun.value, isMissed]);
  if (!isMissed) return null;
  return (
    <div class="runner-note" role="status">
      <Icon name="warning" />
      <div>
        <p>{text.noRunner}</p>
        <p>{text.runnerHow}</p>
        <CommandLine label={text.runnerHow} command={`npm run varve -- runner --server ${location.origin}`} />
      </div>
    </div>
  );
}

import { useComputed } from "@preact/signals";
import { tokenize } from "../../editor/tokens.ts";
import { dockerfileText } from "../../project/project.ts";
import { RunnerNote } from "../../running/runner-note.tsx";
import { useRunners } from "../../running/runners.ts";
import { messages } from "./messages.ts";

/** Reports that the Dockerfile has RUN instructions while no runner is connected. */
export function MissingRunner() {
  const text = messages.value;
  const hasRun = useComputed(() =>
    tokenize(dockerfileText.value).instructions.some(({ keyword }) => keyword === "RUN"),
  );
  const list = useRunners(hasRun.value);
  if (!hasRun.value || list?.runners.length !== 0) return null;
  const isRestarting = list.local?.state === "restarting";
  return (
    <RunnerNote
      problem={isRestarting ? text.runnerRestarts : text.noRunner}
      detail={list.local?.detail}
      isStartNeeded={!isRestarting}
    />
  );
}

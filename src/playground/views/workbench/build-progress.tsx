import { useSignalEffect } from "@preact/signals";
import type { StepState } from "../../../progress/step-progress.ts";
import type { CurrentBuild } from "../../building/current-build.ts";
import { messages as buildMessages } from "../../building/messages.ts";
import { announce } from "../../ui/announce.tsx";
import { ProblemNote } from "../../ui/problem.tsx";
import { messages } from "./messages.ts";

/** How far the build is: what travels, and how it ended. */
export function BuildProgress({ build }: { build: CurrentBuild }) {
  const text = messages.value;
  const { log, phase, upload, isCancelled } = build;
  const { files, totalBytes, doneBytes, sentBytes } = upload.value;
  const share = totalBytes === 0 ? 1 : doneBytes / totalBytes;
  useSignalEffect(() => {
    if (phase.value === "ended") announce(endOf(build));
  });
  const isSending = phase.value === "sending" && totalBytes > 0;
  const problem = log.problem.value;
  const states = log.steps.value.map(({ state }) => state);
  const count = (state: StepState) => states.filter((one) => one === state).length;
  return (
    <div class="build-progress">
      <p class="build-progress-state">
        <span>{phase.value === "ended" ? endOf(build) : text.phases[phase.value]}</span>
        {phase.value !== "reading" && (
          <span class="soft">
            {isSending
              ? text.sent(files, sentBytes, share)
              : files > 0
                ? text.sentAll(files, sentBytes)
                : phase.value === "sending"
                  ? ""
                  : text.nothingSent}
          </span>
        )}
        {phase.value === "ended" && problem === undefined && (
          <span class="soft">
            {buildMessages.value.summary(count("cached"), count("done"), count("unneeded"))}
          </span>
        )}
      </p>
      {phase.value !== "ended" && (
        <progress aria-label={text.phases[phase.value]} max={1} value={isSending ? share : undefined} />
      )}
      {problem !== undefined && !isCancelled.value && <ProblemNote error={problem} />}
    </div>
  );
}

function endOf({ log, isCancelled }: CurrentBuild): string {
  const text = messages.value;
  if (log.result.value !== undefined) return text.built(log.time.value);
  return isCancelled.value ? text.cancelled : text.failed(log.time.value);
}

import { useSignalEffect } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { StepState } from "../../../progress/step-progress.ts";
import { hasEnded } from "../../../progress/step-progress.ts";
import { BuildSummary } from "../../building/build-summary.tsx";
import type { CurrentBuild } from "../../building/current-build.ts";
import { messages as buildMessages } from "../../building/messages.ts";
import { RunningTime } from "../../building/running-time.tsx";
import { announce } from "../../ui/announce.tsx";
import { ProblemNote } from "../../ui/problem.tsx";
import { visible } from "../../ui/visible-text.ts";
import { messages } from "./messages.ts";

export interface BuildProgressProps {
  build: CurrentBuild;
  /** Only the end of the build is of interest. */
  isShort: boolean;
  onRun(): void;
}

/** How far the build is: what is sent, how it ended and what it made. */
export function BuildProgress({ build, isShort, onRun }: BuildProgressProps) {
  const text = messages.value;
  const { log, phase, isCancelled } = build;
  useAnnouncements(build);
  const problem = log.problem.value;
  const isEnded = phase.value === "ended";
  if (isShort && isEnded) {
    return (
      <div class="build-progress">
        <p class="build-progress-state soft">{text.lastBuild(endOf(build))}</p>
      </div>
    );
  }
  return (
    <div class="build-progress">
      <p class="build-progress-state">
        <strong>{isEnded ? endOf(build) : text.phases[phase.value]}</strong>
        {!isEnded && (
          <span class="number">
            <RunningTime since={build.since} />
          </span>
        )}
        <span class="soft">{uploadOf(build)}</span>
        {isEnded && problem === undefined && <span class="soft">{summaryOf(build)}</span>}
      </p>
      {!isEnded && <Bar build={build} />}
      {problem !== undefined && !isCancelled.value && <ProblemNote error={problem} />}
      {isEnded && log.result.value !== undefined && (
        <BuildSummary
          result={log.result.value}
          time={log.time.value}
          lastTime={build.lastTime}
          onRun={onRun}
        />
      )}
    </div>
  );
}

/** Moves with the bytes that travel, then with the steps that end. */
function Bar({ build: { log, phase, upload } }: { build: CurrentBuild }) {
  const text = messages.value;
  const { totalBytes = 0, doneBytes = 0 } = upload.value ?? {};
  const steps = log.steps.value;
  const ended = steps.filter(hasEnded).length;
  const isSending = phase.value === "sending" && totalBytes > 0;
  const isStepping = phase.value === "building" && ended > 0;
  const share = isSending ? doneBytes / totalBytes : isStepping ? ended / steps.length : undefined;
  return (
    <progress
      class={share === undefined ? "bar-unknown" : ""}
      aria-label={isStepping ? text.building(ended, steps.length) : text.phases[phase.value]}
      max={1}
      value={share}
    />
  );
}

function uploadOf({ id, phase, upload }: CurrentBuild): string {
  const text = messages.value;
  if (upload.value === undefined || phase.value === "reading") return "";
  // A request that was rejected sent no files, and says nothing of those that the server has.
  if (phase.value !== "sending" && id.value === undefined) return "";
  const { files, totalBytes, doneBytes, sentBytes } = upload.value;
  if (phase.value === "sending") {
    return totalBytes === 0 ? "" : text.sent(files, sentBytes, doneBytes / totalBytes);
  }
  return files > 0 ? text.sentAll(files, sentBytes) : text.nothingSent;
}

/** Counts of steps by what became of them; what did not happen is left out. */
function summaryOf({ log }: CurrentBuild): string {
  const { summary } = buildMessages.value;
  const states = log.steps.value.map(({ state }) => state);
  const count = (state: StepState) => states.filter((one) => one === state).length;
  const counts = [
    [count("cached"), summary.hits],
    [count("done"), summary.executed],
    [count("unneeded"), summary.unneeded],
  ] as const;
  return counts
    .filter(([number]) => number > 0)
    .map(([number, say]) => say(number))
    .join(", ");
}

/** Has screen readers say how the build ends, and when a RUN starts. */
function useAnnouncements(build: CurrentBuild): void {
  const running = useRef(new Set<string>());
  useSignalEffect(() => {
    if (build.phase.value === "ended") announce(endOf(build));
  });
  useSignalEffect(() => {
    for (const { info, state } of build.log.steps.value) {
      if (state !== "running" || running.current.has(info.id) || !/\] RUN\b/.test(info.name)) continue;
      running.current.add(info.id);
      announce(messages.peek().runStarts(visible(info.name)));
    }
  });
}

function endOf({ log, isCancelled }: CurrentBuild): string {
  const text = messages.value;
  if (log.result.value !== undefined) return text.built(log.time.value);
  const wasCancelled = isCancelled.value || log.problem.value?.code === "cancelled";
  return wasCancelled ? text.cancelled : text.failed(log.time.value);
}

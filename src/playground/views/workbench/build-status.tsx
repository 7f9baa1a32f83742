import { useSignalEffect } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { StepState } from "../../../progress/step-progress.ts";
import { hasStepEnded } from "../../../progress/step-progress.ts";
import { BuildSummary } from "../../building/build-summary.tsx";
import type { CurrentBuild } from "../../building/current-build.ts";
import { messages as buildMessages } from "../../building/messages.ts";
import { RunningTime } from "../../building/running-time.tsx";
import { announce } from "../../ui/announce.tsx";
import { ProblemNote } from "../../ui/problem.tsx";
import { escapeInvisible } from "../../ui/visible-text.ts";
import { messages } from "./messages.ts";

interface BuildStatusProps {
  build: CurrentBuild;
  /** Whether to show an ended build in one line. */
  isShort: boolean;
  onRun(): void;
}

/** The progress of a build, and its result. */
export function BuildStatus({ build, isShort, onRun }: BuildStatusProps) {
  const text = messages.value;
  const { log, phase, isCancelled } = build;
  useAnnouncements(build);
  const problem = log.problem.value;
  const isEnded = phase.value === "ended";
  if (isShort && isEnded) {
    return (
      <div class="build-status">
        <p class="build-status-state soft">{text.lastBuild(endOf(build))}</p>
      </div>
    );
  }
  return (
    <div class="build-status">
      <p class="build-status-state">
        <strong>{isEnded ? endOf(build) : text.phases[phase.value]}</strong>
        {!isEnded && (
          <span class="number">
            <RunningTime since={build.since} />
          </span>
        )}
        <span class="soft">{uploadOf(build)}</span>
        {isEnded && problem === undefined && <span class="soft">{summaryOf(build)}</span>}
      </p>
      {!isEnded && <ProgressBar build={build} />}
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

/** Shows the share of uploaded bytes, then that of finished steps. */
function ProgressBar({ build: { log, phase, upload } }: { build: CurrentBuild }) {
  const text = messages.value;
  const { totalBytes = 0, doneBytes = 0 } = upload.value ?? {};
  const steps = log.steps.value;
  const ended = steps.filter(hasStepEnded).length;
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
  // The build was rejected before the upload, so nothing is known about it.
  if (phase.value !== "sending" && id.value === undefined) return "";
  const { files, totalBytes, doneBytes, sentBytes } = upload.value;
  if (phase.value === "sending") {
    return totalBytes === 0 ? "" : text.sent(files, sentBytes, doneBytes / totalBytes);
  }
  return files > 0 ? text.sentAll(files, sentBytes) : text.nothingSent;
}

/** Formats the number of steps by outcome. Omits outcomes without steps. */
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
    .map(([number, format]) => format(number))
    .join(", ");
}

/** Announces the result of the build and the start of each RUN step to screen readers. */
function useAnnouncements(build: CurrentBuild): void {
  const running = useRef(new Set<string>());
  useSignalEffect(() => {
    if (build.phase.value === "ended") announce(endOf(build));
  });
  useSignalEffect(() => {
    for (const { info, state } of build.log.steps.value) {
      if (state !== "running" || running.current.has(info.id) || !/\] RUN\b/.test(info.name)) continue;
      running.current.add(info.id);
      announce(messages.peek().runStarts(escapeInvisible(info.name)));
    }
  });
}

function endOf({ log, isCancelled }: CurrentBuild): string {
  const text = messages.value;
  if (log.result.value !== undefined) return text.built(log.time.value);
  const wasCancelled = isCancelled.value || log.problem.value?.code === "cancelled";
  return wasCancelled ? text.cancelled : text.failed(log.time.value);
}

import type { Difference, EventDescriptor, StepInfo } from "../../schemas/events.ts";
import type { Problem } from "../../schemas/problem.ts";
import { LineBuffer } from "./line-buffer.ts";

/** Id of the step that represents the export of the image. */
export const exportId = "export";

/**
 * - `pending`: it has not started
 * - `waiting`: it cannot start yet; `StepProgress.waiting` has the reason
 * - `unneeded`: the result does not depend on it
 * - `cancelled`: the build ended before it did
 */
export type StepState =
  | "pending"
  | "waiting"
  | "running"
  | "cached"
  | "done"
  | "failed"
  | "cancelled"
  | "unneeded";

/** Bytes that a step reads or writes. Times are those of `BuildProgress.time`. */
export interface Transfer {
  readonly current: number;
  readonly total: number | undefined;
  readonly started: number;
}

/** A line of the output of a step. */
export interface OutputLine {
  readonly stream: "stdout" | "stderr";
  readonly text: string;
  /** Milliseconds, as in `BuildProgress.time`. */
  readonly time: number;
}

/** The state of one step. Times are those of `BuildProgress.time`. */
export interface StepProgress {
  readonly info: StepInfo;
  /** Its name in one line without control characters. */
  readonly name: string;
  /** Whether it is a step of the client, such as sending the context, which the server does not know. */
  readonly isLocal: boolean;
  readonly state: StepState;
  /** When it started to execute, or to wait. */
  readonly started: number | undefined;
  /** Waiting time before it ran. */
  readonly waited: number;
  /** When it ended, for steps that have started. */
  readonly ended: number | undefined;
  /** Duration, after it has ended. */
  readonly milliseconds: number | undefined;
  /** Reason for the wait. */
  readonly waiting: string | undefined;
  /** Transfers by message. */
  readonly transfers: ReadonlyMap<string, Transfer>;
  /** Its last output lines; dropped when the step succeeds. */
  readonly output: LineBuffer<OutputLine>;
  /** Its layer, once stored. */
  readonly layer: EventDescriptor | undefined;
  /** Whether an equal layer existed already. */
  readonly isReused: boolean;
  /** Why it was executed. */
  readonly why: string | undefined;
  readonly differences: readonly Difference[];
  /** Why it failed. */
  readonly problem: Problem | undefined;
}

/** A step that `BuildProgress` can change. */
export type MutableStep = { -readonly [K in keyof StepProgress]: StepProgress[K] } & {
  transfers: Map<string, Transfer>;
};

/** @param lines most output lines kept */
export function pendingStep(info: StepInfo, name: string, isLocal: boolean, lines: number): MutableStep {
  return {
    info,
    name,
    isLocal,
    state: "pending",
    started: undefined,
    waited: 0,
    ended: undefined,
    milliseconds: undefined,
    waiting: undefined,
    transfers: new Map(),
    output: new LineBuffer(lines),
    layer: undefined,
    isReused: false,
    why: undefined,
    differences: [],
    problem: undefined,
  };
}

/** Removes the result of an ended step, which is executed again. */
export function clearResult(step: MutableStep): void {
  step.ended = undefined;
  step.milliseconds = undefined;
  step.transfers.clear();
}

/** Whether a step is executing or waiting. */
export function isOpen({ state }: Pick<StepProgress, "state">): boolean {
  return state === "running" || state === "waiting";
}

/** Whether a step has ended, or will not start. */
export function hasStepEnded(step: Pick<StepProgress, "state">): boolean {
  return step.state !== "pending" && !isOpen(step);
}

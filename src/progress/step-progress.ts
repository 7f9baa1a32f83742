import type { Descriptor, Difference, StepInfo } from "../../schemas/events.ts";
import type { Problem } from "../../schemas/problem.ts";
import { LineBuffer } from "./line-buffer.ts";

/**
 * - `pending`: it has not started
 * - `waiting`: it cannot start yet; `StepProgress.waiting` says why
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

/** What is known of one step. Times are those of `BuildProgress.time`. */
export interface StepProgress {
  readonly info: StepInfo;
  /** Its name in one line without control characters. */
  readonly name: string;
  /** A step of the client, such as sending the context; the server does not know it. */
  readonly isLocal: boolean;
  readonly state: StepState;
  /** When it started; when it started to wait while it waits. */
  readonly started: number | undefined;
  /** How long it took, once it has ended. */
  readonly milliseconds: number | undefined;
  /** How long the process of a RUN ran. */
  readonly processMilliseconds: number | undefined;
  /** What it waits for. */
  readonly waiting: string | undefined;
  /** By what is counted. */
  readonly transfers: ReadonlyMap<string, Transfer>;
  /** Its last lines of output; those of a step that ended well are dropped. */
  readonly output: LineBuffer<OutputLine>;
  /** Its layer, once that is stored. */
  readonly layer: Descriptor | undefined;
  /** An equal layer existed already. */
  readonly isReused: boolean;
  /** Why it was executed. */
  readonly why: string | undefined;
  readonly differences: readonly Difference[];
  /** Why it failed. */
  readonly problem: Problem | undefined;
}

/** A step as the module that counts events changes it. */
export type MutableStep = { -readonly [K in keyof StepProgress]: StepProgress[K] } & {
  transfers: Map<string, Transfer>;
};

/** @param lines of output that are kept */
export function pendingStep(info: StepInfo, name: string, isLocal: boolean, lines: number): MutableStep {
  return {
    info,
    name,
    isLocal,
    state: "pending",
    started: undefined,
    milliseconds: undefined,
    processMilliseconds: undefined,
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

/** Whether a step is being executed, or waits to be. */
export function isOpen({ state }: Pick<StepProgress, "state">): boolean {
  return state === "running" || state === "waiting";
}

/** Whether a step has ended, or will not start. */
export function hasEnded(step: Pick<StepProgress, "state">): boolean {
  return step.state !== "pending" && !isOpen(step);
}

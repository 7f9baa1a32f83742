import type { BuildEvent } from "../../schemas/events.ts";
import type { StepProgress } from "./step-progress.ts";

export type Warning = Extract<BuildEvent, { type: "warning" }>;

/** A line of a build's log: output of a step, or an event. */
export interface LogLine {
  /** Undefined for a line about the whole build. */
  readonly step: StepProgress | undefined;
  readonly kind: "stdout" | "stderr" | "step" | "warning" | "error" | "note";
  readonly text: string;
}

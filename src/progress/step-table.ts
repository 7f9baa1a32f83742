import type { EventDescriptor, StepInfo } from "../../schemas/events.ts";
import { NeededSteps } from "./needed-steps.ts";
import {
  clearResult,
  exportId,
  hasStepEnded,
  isOpen,
  type MutableStep,
  pendingStep,
  type StepProgress,
} from "./step-progress.ts";
import { plainTitle } from "./terminal-text.ts";

/** The steps of a build and the changes of their states. Times are those of `BuildProgress.time`. */
export class StepTable {
  /** The steps of the plan in order, and those of the client. */
  readonly steps = new Map<string, StepProgress>();
  /** Started steps, in order of their starts. */
  readonly started: StepProgress[] = [];
  /** Number of steps that have ended or are not needed. */
  ended = 0;
  /** Number of steps that run or wait. */
  #open = 0;
  /** `steps` and the export. */
  readonly #byId = new Map<string, MutableStep>();
  readonly #needed = new NeededSteps();
  readonly #lines: number;

  /** @param lines most output lines kept for a step */
  constructor(lines: number) {
    this.#lines = lines;
  }

  /** The export of the image, once it has started. */
  get export(): MutableStep | undefined {
    return this.#byId.get(exportId);
  }

  /** Number of known steps, including the export. */
  get total(): number {
    return this.#byId.size;
  }

  /** Whether no step runs, waits or may still be needed. */
  get isComplete(): boolean {
    return this.#needed.isComplete && this.#open === 0;
  }

  /** Adds or renames the steps of a plan. @param isLocal whether it is the plan of the client */
  plan(infos: readonly StepInfo[], isLocal: boolean): void {
    for (const info of infos) {
      const known = this.#byId.get(info.id);
      if (known === undefined) this.#add(info, isLocal);
      else known.info = info;
    }
    if (!isLocal) this.#needed.add(infos);
  }

  /** The step with an id; adds one that no plan has. */
  get(id: string): MutableStep {
    return this.#byId.get(id) ?? this.#add(stepInfo(id, id), true);
  }

  addExport(): MutableStep {
    return this.#add(stepInfo(exportId, "exporting to image"), false);
  }

  /** Starts a step; again when its result was lost. */
  start(step: MutableStep, time: number): void {
    if (hasStepEnded(step)) clearResult(step);
    step.waited = 0;
    step.waiting = undefined;
    this.#setState(step, "running");
    this.#begin(step, time);
    step.started = time;
  }

  /** Ends the wait of a started step. The layer of an ended step may still be written. */
  resume(step: MutableStep, time: number): void {
    if (step.state === "waiting") {
      step.waited = time - (step.started ?? time);
      this.#setState(step, "running");
    }
    step.waiting = undefined;
  }

  wait(step: MutableStep, reason: string, time: number): void {
    step.waiting = reason;
    this.#setState(step, "waiting");
    this.#begin(step, time);
  }

  /** Ends a step that has its result. */
  finish(
    step: MutableStep,
    state: "cached" | "done",
    layer: EventDescriptor | undefined,
    time: number,
  ): void {
    step.layer = layer ?? step.layer;
    step.output.clear();
    this.#end(step, state, time);
    this.#begin(step, time);
  }

  /** Ends a started step when the build ends. */
  end(step: MutableStep, state: "done" | "failed" | "cancelled", time: number): void {
    step.milliseconds = time - (step.started ?? time);
    this.#end(step, state, time);
  }

  /** Ends all steps of the build. @returns those that had started */
  endAll(state: "done" | "cancelled", time: number): StepProgress[] {
    const isDone = state === "done";
    const ended: StepProgress[] = [];
    for (const step of this.#byId.values()) {
      if (hasStepEnded(step) || (step.isLocal && isDone)) continue;
      if (step.state === "pending") this.#setState(step, isDone ? "unneeded" : "cancelled");
      else {
        this.end(step, state, time);
        ended.push(step);
      }
    }
    return ended;
  }

  #add(info: StepInfo, isLocal: boolean): MutableStep {
    const step = pendingStep(info, plainTitle(info.name), isLocal, this.#lines);
    this.#byId.set(info.id, step);
    if (info.id !== exportId) this.steps.set(info.id, step);
    return step;
  }

  #begin(step: MutableStep, time: number): void {
    if (step.started !== undefined) return;
    this.started.push(step);
    step.started = time;
  }

  #end(step: MutableStep, state: MutableStep["state"], time: number): void {
    step.ended = time;
    step.waiting = undefined;
    this.#setState(step, state);
  }

  #setState(step: MutableStep, state: MutableStep["state"]): void {
    this.#count(step, -1);
    step.state = state;
    this.#count(step, 1);
    if (state === "cached" || state === "done") {
      for (const id of this.#needed.finish(step.info.id)) {
        const other = this.#byId.get(id);
        if (other?.state === "pending") this.#setState(other, "unneeded");
      }
    }
  }

  #count(step: StepProgress, change: 1 | -1): void {
    const neverStarted = step.state === "cancelled" && step.started === undefined;
    if (hasStepEnded(step) && !neverStarted) this.ended += change;
    if (isOpen(step)) this.#open += change;
  }
}

function stepInfo(id: string, name: string): StepInfo {
  return { id, name, stage: "", platform: "", lines: { start: 0, end: 0 } };
}

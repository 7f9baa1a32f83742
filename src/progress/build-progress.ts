import type { BuildEvent, BuildResult, EventDescriptor, StepInfo } from "../../schemas/events.ts";
import type { Problem } from "../../schemas/problem.ts";
import { EventClock } from "./event-clock.ts";
import { LineBuffer } from "./line-buffer.ts";
import type { LogLine, Warning } from "./log-line.ts";
import { NeededSteps } from "./needed-steps.ts";
import {
  clearResult,
  hasStepEnded,
  isOpen,
  type MutableStep,
  pendingStep,
  type StepProgress,
} from "./step-progress.ts";
import { outputLines, plainTitle } from "./terminal-text.ts";

interface ProgressOptions {
  /** Maximum number of output lines kept for each step until it succeeds. Default: none. */
  stepLines?: number;
  /** Maximum number of lines kept of the build's log. Default: none. */
  logLines?: number;
}

/** Id of the step that represents the export of the image. */
export const exportId = "export";

/**
 * The state of a build, computed from its events. Deterministic: recorded events give the same state again. Ignores
 * events of unknown types, so that a client can show builds of a newer server.
 */
export class BuildProgress {
  /** Milliseconds of the last event, on a common time line; that of the server begins at zero. */
  time = 0;
  status: "running" | "done" | "failed" | "cancelled" = "running";
  /** The steps of the plan in order, and those of the client. */
  readonly steps = new Map<string, StepProgress>();
  /** Started steps, in order of their starts. */
  readonly started: StepProgress[] = [];
  readonly warnings: Warning[] = [];
  /** Objects written by the export. */
  readonly exports: { message: string; digest: string }[] = [];
  result: BuildResult | undefined;
  problem: Problem | undefined;
  readonly log: LineBuffer<LogLine>;
  /** Number of steps that have ended or are not needed. */
  ended = 0;
  /** Number of steps that run or wait. */
  #open = 0;
  readonly #byId = new Map<string, MutableStep>();
  readonly #clock = new EventClock();
  readonly #needed = new NeededSteps();
  readonly #stepLines: number;

  constructor({ stepLines = 0, logLines = 0 }: ProgressOptions = {}) {
    this.#stepLines = stepLines;
    this.log = new LineBuffer(logLines);
  }

  /** The state after all events of a recorded build. */
  static of(events: Iterable<BuildEvent>, options?: ProgressOptions): BuildProgress {
    const progress = new BuildProgress(options);
    for (const event of events) progress.add(event);
    return progress;
  }

  /** The export of the image, once it has started. */
  get export(): StepProgress | undefined {
    return this.#byId.get(exportId);
  }

  /** Number of known steps, including the export. */
  get total(): number {
    return this.#byId.size;
  }

  /** @returns the steps that the event changed */
  add(event: BuildEvent): StepProgress[] {
    const time = this.#clock.timeOf(event);
    this.time = Math.max(this.time, time);
    switch (event.type) {
      case "plan":
        this.#plan(event.steps, event.seq === 0);
        return this.#startExport(time);
      case "step.start":
        return [this.#start(this.#step(event.step), time)];
      case "step.running":
        return [this.#run(event.step, time)];
      case "step.progress": {
        const step = this.#run(event.step, time);
        const { current, total } = event;
        const started = step.transfers.get(event.message)?.started ?? time;
        step.transfers.set(event.message, { current, total, started });
        return [step];
      }
      case "step.log":
        return [this.#output(this.#run(event.step, time), event, time)];
      case "step.waiting":
        return [this.#wait(this.#step(event.step), event.message, time)];
      case "step.cached": {
        const step = this.#step(event.step);
        if (event.why !== undefined) step.why = event.why;
        return this.#finish(step, "cached", event.layer, time);
      }
      case "step.done": {
        const step = this.#step(event.step);
        step.milliseconds = event.milliseconds;
        step.processMilliseconds = event.processMilliseconds;
        step.isReused = event.reused;
        step.why = event.why;
        step.differences = event.differences;
        return this.#finish(step, "done", event.layer, time);
      }
      case "step.stored": {
        const step = this.#step(event.step);
        step.layer = event.layer;
        return this.export === undefined ? [step] : [step, this.export];
      }
      case "warning":
        this.warnings.push(event);
        this.#note(undefined, "warning", `${event.rule}: ${event.message} (${event.file}:${event.line})`);
        return [];
      case "export":
        this.exports.push({ message: event.message, digest: event.digest });
        this.#note(undefined, "note", event.message);
        return [this.#exportStep(time)];
      case "error":
        return this.#fail(event.problem, event.step, time);
      case "result": {
        const { type: _type, seq: _seq, time: _time, ...result } = event;
        this.result = result;
        this.status = "done";
        const step = this.#exportStep(time);
        this.#endAll(time, "unneeded");
        return [step];
      }
      default:
        return [];
    }
  }

  /** Ends a running build with a problem that no event reports. */
  fail(problem: Problem): void {
    if (this.status === "running") this.#fail(problem, undefined, this.time);
  }

  #plan(infos: readonly StepInfo[], isLocal: boolean): void {
    for (const info of infos) {
      const known = this.#byId.get(info.id);
      if (known === undefined) this.#addStep(info, isLocal);
      else known.info = info;
    }
    if (!isLocal) this.#needed.add(infos);
  }

  #addStep(info: StepInfo, isLocal: boolean): MutableStep {
    const step = pendingStep(info, plainTitle(info.name), isLocal, this.#stepLines);
    this.#byId.set(info.id, step);
    if (info.id !== exportId) this.steps.set(info.id, step);
    return step;
  }

  /** The step with an id; adds one that no plan has. */
  #step(id: string): MutableStep {
    const lines = { start: 0, end: 0 };
    return this.#byId.get(id) ?? this.#addStep({ id, name: id, stage: "", platform: "", lines }, true);
  }

  /** Starts a step; again when its result was lost. */
  #start(step: MutableStep, time: number): MutableStep {
    if (step.started === undefined) this.started.push(step);
    if (hasStepEnded(step)) clearResult(step);
    this.#setState(step, "running");
    step.started = time;
    step.waited = 0;
    step.waiting = undefined;
    this.#note(step, "step", step.info.name);
    return step;
  }

  /** Marks a step as running, whether or not its start was reported. */
  #run(id: string, time: number): MutableStep {
    const step = this.#step(id);
    if (step.started === undefined) return this.#start(step, time);
    // The layer of a finished step may still be written.
    if (step.state === "waiting") {
      step.waited = time - step.started;
      this.#setState(step, "running");
    }
    step.waiting = undefined;
    return step;
  }

  #wait(step: MutableStep, message: string, time: number): MutableStep {
    if (step.started === undefined) {
      this.started.push(step);
      step.started = time;
    }
    this.#setState(step, "waiting");
    step.waiting = message;
    this.#note(step, "note", message);
    return step;
  }

  #output(step: MutableStep, { stream, text }: { stream: "stdout" | "stderr"; text: string }, time: number) {
    for (const line of outputLines(text)) {
      step.output.add({ stream, text: line, time });
      this.log.add({ step, kind: stream, text: line });
    }
    return step;
  }

  #finish(
    step: MutableStep,
    state: "cached" | "done",
    layer: EventDescriptor | undefined,
    time: number,
  ): StepProgress[] {
    if (step.started === undefined) {
      this.started.push(step);
      step.started = time;
    }
    step.waiting = undefined;
    step.ended = time;
    step.layer = layer ?? step.layer;
    this.#setState(step, state);
    step.output.clear();
    if (state === "cached") this.#note(step, "step", `${step.info.name} CACHED`);
    return [step, ...this.#startExport(time)];
  }

  /** Starts the export when all other steps have ended. */
  #startExport(time: number): StepProgress[] {
    const isReady = this.#needed.isComplete && this.#open === 0;
    return isReady && this.status === "running" && this.export === undefined ? [this.#exportStep(time)] : [];
  }

  #exportStep(time: number): MutableStep {
    const known = this.#byId.get(exportId);
    if (known !== undefined) return known;
    const lines = { start: 0, end: 0 };
    const info = { id: exportId, name: "exporting to image", stage: "", platform: "", lines };
    return this.#start(this.#addStep(info, false), time);
  }

  #fail(problem: Problem, id: string | undefined, time: number): StepProgress[] {
    const isCancelled = problem.code === "cancelled";
    this.status = isCancelled ? "cancelled" : "failed";
    this.problem = problem;
    const failed = isCancelled ? undefined : this.#failedStep(id);
    if (failed !== undefined) {
      if (failed.started === undefined) this.#start(failed, time);
      failed.problem = problem;
      this.#end(failed, "failed", time);
    }
    const ended = this.#endAll(time, "cancelled");
    this.#note(failed, "error", problem.detail ?? problem.title);
    return failed === undefined ? ended : [failed, ...ended];
  }

  /** The failed step; when no step failed, the export, if it has started. */
  #failedStep(id: string | undefined): MutableStep | undefined {
    if (id !== undefined) return this.#step(id);
    const exported = this.#byId.get(exportId);
    return exported !== undefined && isOpen(exported) ? exported : undefined;
  }

  /**
   * Ends all steps of the build.
   * @param pendingState state for those that have not started
   * @returns the others
   */
  #endAll(time: number, pendingState: "unneeded" | "cancelled"): StepProgress[] {
    const ended: StepProgress[] = [];
    for (const step of this.#byId.values()) {
      if (hasStepEnded(step) || (step.isLocal && this.status === "done")) continue;
      if (step.state === "pending") this.#setState(step, pendingState);
      else {
        this.#end(step, this.status === "done" ? "done" : "cancelled", time);
        ended.push(step);
      }
    }
    return ended;
  }

  #end(step: MutableStep, state: "done" | "failed" | "cancelled", time: number): void {
    step.milliseconds = time - (step.started ?? time);
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

  #note(step: StepProgress | undefined, kind: LogLine["kind"], text: string): void {
    for (const line of text.split("\n")) this.log.add({ step, kind, text: line });
  }
}

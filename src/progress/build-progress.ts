import type { BuildEvent, BuildResult, EventDescriptor } from "../../schemas/events.ts";
import type { Problem } from "../../schemas/problem.ts";
import { EventClock } from "./event-clock.ts";
import { LineBuffer } from "./line-buffer.ts";
import type { LogLine, Warning } from "./log-line.ts";
import { isOpen, type MutableStep, type StepProgress } from "./step-progress.ts";
import { StepTable } from "./step-table.ts";
import { outputLines } from "./terminal-text.ts";

interface ProgressOptions {
  /** Maximum number of output lines kept for each step until it succeeds. Default: none. */
  stepLines?: number;
  /** Maximum number of lines kept of the build's log. Default: none. */
  logLines?: number;
}

/**
 * The state of a build, computed from its events. Deterministic: recorded events give the same state again. Ignores
 * events of unknown types, so that a client can show builds of a newer server.
 */
export class BuildProgress {
  /** Milliseconds of the last event, on a common time line; that of the server begins at zero. */
  time = 0;
  status: "running" | "done" | "failed" | "cancelled" = "running";
  /** The steps of the plan in order, and those of the client. */
  readonly steps: ReadonlyMap<string, StepProgress>;
  /** Started steps, in order of their starts. */
  readonly started: readonly StepProgress[];
  readonly warnings: Warning[] = [];
  result: BuildResult | undefined;
  problem: Problem | undefined;
  readonly log: LineBuffer<LogLine>;
  readonly #clock = new EventClock();
  readonly #table: StepTable;

  constructor({ stepLines = 0, logLines = 0 }: ProgressOptions = {}) {
    this.#table = new StepTable(stepLines);
    this.steps = this.#table.steps;
    this.started = this.#table.started;
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
    return this.#table.export;
  }

  /** Number of steps that have ended or are not needed. */
  get ended(): number {
    return this.#table.ended;
  }

  /** Number of known steps, including the export. */
  get total(): number {
    return this.#table.total;
  }

  /** @returns the steps that the event changed */
  add(event: BuildEvent): StepProgress[] {
    const time = this.#clock.timeOf(event);
    this.time = Math.max(this.time, time);
    switch (event.type) {
      case "plan":
        this.#table.plan(event.steps, event.seq === 0);
        return this.#startExport(time);
      case "step.start":
        return [this.#start(this.#table.get(event.step), time)];
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
      case "step.waiting": {
        const step = this.#table.get(event.step);
        this.#table.wait(step, event.message, time);
        this.#note(step, "note", event.message);
        return [step];
      }
      case "step.cached": {
        const step = this.#table.get(event.step);
        if (event.why !== undefined) step.why = event.why;
        return this.#finish(step, "cached", event.layer, time);
      }
      case "step.done": {
        const step = this.#table.get(event.step);
        step.milliseconds = event.milliseconds;
        step.isReused = event.reused;
        step.why = event.why;
        step.differences = event.differences;
        return this.#finish(step, "done", event.layer, time);
      }
      case "step.stored": {
        const step = this.#table.get(event.step);
        step.layer = event.layer;
        return this.export === undefined ? [step] : [step, this.export];
      }
      case "warning":
        this.warnings.push(event);
        this.#note(undefined, "warning", `${event.rule}: ${event.message} (${event.file}:${event.line})`);
        return [];
      case "export":
        this.#note(undefined, "note", event.message);
        return [this.#exportStep(time)];
      case "error":
        return this.#fail(event.problem, event.step, time);
      case "result": {
        const { type: _type, seq: _seq, time: _time, ...result } = event;
        this.result = result;
        this.status = "done";
        const step = this.#exportStep(time);
        this.#table.endAll("done", time);
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

  #start(step: MutableStep, time: number): MutableStep {
    this.#table.start(step, time);
    this.#note(step, "step", step.info.name);
    return step;
  }

  /** Marks a step as running, whether or not its start was reported. */
  #run(id: string, time: number): MutableStep {
    const step = this.#table.get(id);
    if (step.started === undefined) return this.#start(step, time);
    this.#table.resume(step, time);
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
    this.#table.finish(step, state, layer, time);
    if (state === "cached") this.#note(step, "step", `${step.info.name} CACHED`);
    return [step, ...this.#startExport(time)];
  }

  /** Starts the export when all other steps have ended. */
  #startExport(time: number): StepProgress[] {
    const isReady = this.#table.isComplete && this.status === "running" && this.export === undefined;
    return isReady ? [this.#exportStep(time)] : [];
  }

  #exportStep(time: number): MutableStep {
    return this.#table.export ?? this.#start(this.#table.addExport(), time);
  }

  #fail(problem: Problem, id: string | undefined, time: number): StepProgress[] {
    const isCancelled = problem.code === "cancelled";
    this.status = isCancelled ? "cancelled" : "failed";
    this.problem = problem;
    const failed = isCancelled ? undefined : this.#failedStep(id);
    if (failed !== undefined) {
      if (failed.started === undefined) this.#start(failed, time);
      failed.problem = problem;
      this.#table.end(failed, "failed", time);
    }
    const ended = this.#table.endAll("cancelled", time);
    this.#note(failed, "error", problem.detail ?? problem.title);
    return failed === undefined ? ended : [failed, ...ended];
  }

  /** The failed step; when no step failed, the export, if it has started. */
  #failedStep(id: string | undefined): MutableStep | undefined {
    if (id !== undefined) return this.#table.get(id);
    const exported = this.#table.export;
    return exported !== undefined && isOpen(exported) ? exported : undefined;
  }

  #note(step: StepProgress | undefined, kind: LogLine["kind"], text: string): void {
    for (const line of text.split("\n")) this.log.add({ step, kind, text: line });
  }
}

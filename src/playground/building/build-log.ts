import { computed, type Signal, signal } from "@preact/signals";
import type { BuildEvent, BuildResult, Difference, StepInfo } from "../../../schemas/events.ts";
import type { Problem } from "../../../schemas/problem.ts";

export type StepStatus =
  | "pending"
  | "running"
  | "waiting"
  | "hit"
  | "miss"
  | "reused"
  | "failed"
  | "unneeded";

/** A step of a build so far. */
export interface StepState {
  readonly info: StepInfo;
  readonly status: StepStatus;
  readonly milliseconds?: number;
  /** Bytes of its layer as stored. */
  readonly bytes?: number;
  readonly why?: string;
  readonly differences: readonly Difference[];
  /** What is counted right now. */
  readonly progress?: { message: string; current: number; total?: number };
  /** What it waits for. */
  readonly waiting?: string;
  readonly problem?: Problem;
}

/** A line of output. */
export interface LogLine {
  readonly step: string | undefined;
  readonly text: string;
  readonly kind: "stdout" | "stderr" | "step" | "warning" | "error" | "note";
}

/** Lines that are kept: those before them are dropped, and it is said that they were. */
const MOST_LINES = 100_000;

/** What a build told so far, as signals: give it the events in order. */
export class BuildLog {
  readonly steps: Signal<ReadonlyMap<string, StepState>> = signal(new Map());
  readonly warnings: Signal<readonly Extract<BuildEvent, { type: "warning" }>[]> = signal([]);
  readonly result: Signal<BuildResult | undefined> = signal(undefined);
  readonly problem: Signal<Problem | undefined> = signal(undefined);
  /** Milliseconds that it took, or takes so far. */
  readonly time = signal(0);
  readonly droppedLines = signal(0);
  /** Counts up when lines are added: the list itself is one and the same. */
  readonly lineCount = signal(0);
  readonly lines: LogLine[] = [];
  /** Unfinished lines, by step and stream. */
  readonly #open = new Map<string, string>();

  readonly isDone = computed(() => this.result.value !== undefined || this.problem.value !== undefined);
  readonly list = computed((): readonly StepState[] => [...this.steps.value.values()]);

  /** How many steps there are of each kind. */
  readonly counts = computed(() => {
    const counts: Partial<Record<StepStatus, number>> = {};
    for (const { status } of this.list.value) counts[status] = (counts[status] ?? 0) + 1;
    return counts;
  });

  add(event: BuildEvent): void {
    this.time.value = event.time;
    switch (event.type) {
      case "plan":
        this.steps.value = new Map(
          event.steps.map((info) => [info.id, { info, status: "pending", differences: [] }]),
        );
        return;
      case "step.start":
        this.#change(event.step, { status: "running" });
        this.#note(event.step, "step", this.#nameOf(event.step));
        return;
      case "step.progress": {
        const { message, current, total } = event;
        this.#change(event.step, {
          status: "running",
          progress: { message, current, ...(total !== undefined && { total }) },
        });
        return;
      }
      case "step.waiting":
        this.#change(event.step, { status: "waiting", waiting: event.message });
        this.#note(event.step, "note", event.message);
        return;
      case "step.log":
        if (this.steps.peek().get(event.step)?.status === "waiting") {
          this.#change(event.step, { status: "running" });
        }
        this.#output(event.step, event.stream, event.text);
        return;
      case "step.cached":
        this.#change(event.step, { status: "hit", ...(event.layer && { bytes: event.layer.size }) });
        this.#note(event.step, "step", `${this.#nameOf(event.step)} CACHED`);
        return;
      case "step.done":
        this.#change(event.step, {
          status: event.reused ? "reused" : "miss",
          milliseconds: event.milliseconds,
          why: event.why,
          differences: event.differences,
          ...(event.layer && { bytes: event.layer.size }),
        });
        return;
      case "warning":
        this.warnings.value = [...this.warnings.peek(), event];
        this.#note(undefined, "warning", `${event.rule}: ${event.message} (${event.file}:${event.line})`);
        return;
      case "export":
        this.#note(undefined, "note", `${event.message} ${event.digest}`);
        return;
      case "error":
        if (event.step !== undefined) {
          this.#change(event.step, { status: "failed", problem: event.problem });
        }
        this.fail(event.problem);
        return;
      case "result":
        this.#settle();
        this.result.value = event;
        return;
    }
  }

  /** The build ended without an event that says so. */
  fail(problem: Problem): void {
    this.#settle();
    this.#note(undefined, "error", problem.detail ?? problem.title);
    this.problem.value = problem;
  }

  /** What was not begun when the build ended was not needed, or was never come to. */
  #settle(): void {
    const steps = new Map(this.steps.peek());
    for (const [id, step] of steps) {
      if (step.status === "pending") steps.set(id, { ...step, status: "unneeded" });
    }
    this.steps.value = steps;
  }

  #change(id: string, change: Partial<StepState>): void {
    const step = this.steps.peek().get(id);
    if (step === undefined) return;
    this.steps.value = new Map(this.steps.peek()).set(id, { ...step, ...change });
  }

  #nameOf(id: string): string {
    return this.steps.peek().get(id)?.info.name ?? id;
  }

  #output(step: string, stream: "stdout" | "stderr", text: string): void {
    const key = `${stream} ${step}`;
    const parts = ((this.#open.get(key) ?? "") + text).split("\n");
    this.#open.set(key, parts.pop() ?? "");
    for (const line of parts) this.lines.push({ step, kind: stream, text: line });
    this.#added();
  }

  #note(step: string | undefined, kind: LogLine["kind"], text: string): void {
    for (const line of text.split("\n")) this.lines.push({ step, kind, text: line });
    this.#added();
  }

  #added(): void {
    const tooMany = this.lines.length - MOST_LINES;
    if (tooMany > MOST_LINES / 10) {
      this.lines.splice(0, tooMany);
      this.droppedLines.value += tooMany;
    }
    this.lineCount.value = this.lines.length + this.droppedLines.peek();
  }
}

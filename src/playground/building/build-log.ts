import { batch, computed, type Signal, signal } from "@preact/signals";
import type { BuildEvent, BuildResult } from "../../../schemas/events.ts";
import type { Problem } from "../../../schemas/problem.ts";
import { BuildProgress } from "../../progress/build-progress.ts";
import type { LineBuffer } from "../../progress/line-buffer.ts";
import type { LogLine } from "../../progress/log-line.ts";
import type { StepProgress } from "../../progress/step-progress.ts";

/** Maximum number of log lines that are kept. */
const MAX_LOG_LINES = 100_000;
/** Maximum number of output lines that are kept for a running step. */
const MAX_STEP_LINES = 6;

/** The state of a build as signals. */
export class BuildLog {
  readonly #progress = new BuildProgress({ logLines: MAX_LOG_LINES, stepLines: MAX_STEP_LINES });
  /** Counts changes of the state. */
  readonly #revision = signal(0);
  readonly result: Signal<BuildResult | undefined> = signal(undefined);
  readonly problem: Signal<Problem | undefined> = signal(undefined);
  /** Milliseconds from the start of the build to its last event. */
  readonly time = signal(0);
  /** When the last event arrived, in milliseconds since 1970. */
  #last = Date.now();

  readonly isDone = computed(() => this.result.value !== undefined || this.problem.value !== undefined);

  /** Steps in plan order. Each event changes the steps in place and publishes a new list. */
  readonly steps = computed((): readonly StepProgress[] => {
    void this.#revision.value;
    return [...this.#progress.steps.values()];
  });

  /** Number of log lines so far, including dropped ones. */
  readonly lineCount = computed(() => {
    void this.#revision.value;
    return this.lines.count;
  });

  get lines(): LineBuffer<LogLine> {
    return this.#progress.log;
  }

  /** Position of each step in the plan, starting with 1. */
  readonly numbers = computed(
    (): ReadonlyMap<StepProgress, number> =>
      new Map(this.steps.value.map((step, index) => [step, index + 1])),
  );

  /** The export of the image; undefined before it starts. */
  get export(): StepProgress | undefined {
    return this.#progress.export;
  }

  /** Converts milliseconds since the start of the build to milliseconds since 1970. */
  dateOf(time: number): number {
    return this.#last - this.#progress.time + time;
  }

  /** Events must be added in order. */
  add(event: BuildEvent): void {
    this.#last = Date.now();
    this.#progress.add(event);
    this.#publish();
  }

  /** Ends the build with a problem that no event reports, such as a lost connection. */
  fail(problem: Problem): void {
    this.#progress.fail(problem);
    this.#publish();
  }

  #publish(): void {
    const { result, problem, time } = this.#progress;
    batch(() => {
      this.#revision.value++;
      this.result.value = result;
      this.problem.value = problem;
      this.time.value = time;
    });
  }
}

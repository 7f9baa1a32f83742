import type { BuildEvent } from "../../schemas/events.ts";
import { BuildProgress } from "./build-progress.ts";
import { StepLines } from "./step-lines.ts";
import { isRun } from "./step-name.ts";
import type { StepProgress } from "./step-progress.ts";
import { StepSequence } from "./step-sequence.ts";
import { warningLines } from "./warning-text.ts";

/** Receives the lines of a log that supports folded groups. */
interface GroupedLog {
  print(line: string): void;
  startGroup(title: string): void;
  endGroup(): void;
}

/** Output lines kept for each step, for the report of a failure. */
const STEP_LINES = 10;

/**
 * A build as a log with one group for the output of each step, in plan order. A step without output has no group, and
 * one that failed before its turn is not folded.
 */
export class GroupedText {
  readonly progress = new BuildProgress({ stepLines: STEP_LINES });
  readonly #lines: StepLines;
  readonly #sequence = new StepSequence<string>(this.progress);
  readonly #log: GroupedLog;
  readonly #numbers = new Map<string, number>();
  /** Whether the title of the current step was printed. */
  #isOpen = false;
  #isInGroup = false;

  /** @param hasColors whether to keep colours in the output of steps */
  constructor(log: GroupedLog, { hasColors = false } = {}) {
    this.#log = log;
    this.#lines = new StepLines(hasColors);
  }

  add(event: BuildEvent): void {
    const wasRunning = this.progress.status === "running";
    const changed = this.progress.add(event);
    for (const step of changed) this.#sequence.add(step, this.#lines.of(event, step, this.progress.time));
    this.#print();
    if (!wasRunning || this.progress.status === "running") return;
    for (const line of warningLines(this.progress.warnings)) this.#log.print(line);
  }

  #print(): void {
    for (const { step, items, isLast } of this.#sequence.take()) {
      const number = this.#numbers.get(step.info.id) ?? this.#numbers.size + 1;
      this.#numbers.set(step.info.id, number);
      const title = `#${number} ${step.name}`;
      // A step without output takes two lines, unless it may run for long.
      const isGroup = items.length > 0 || isRun(step.name);
      if (!this.#isOpen && (isLast || isGroup))
        this.#open(title, !isLast || (isGroup && mayFold(step, items)));
      for (const line of items) this.#log.print(line);
      if (!isLast) continue;
      this.#close();
      this.#log.print(`#${number} ${this.#lines.end(step) ?? ""}`);
    }
  }

  #open(title: string, isGroup: boolean): void {
    this.#isOpen = true;
    this.#isInGroup = isGroup;
    if (isGroup) this.#log.startGroup(title);
    else this.#log.print(title);
  }

  #close(): void {
    if (this.#isInGroup) this.#log.endGroup();
    this.#isInGroup = false;
    this.#isOpen = false;
  }
}

/** Whether to fold the output of an ended step: not for a failed one. */
function mayFold({ state }: StepProgress, items: readonly string[]): boolean {
  return items.length > 0 && state !== "failed";
}

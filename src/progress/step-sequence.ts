import type { BuildProgress } from "./build-progress.ts";
import { isFrom } from "./step-name.ts";
import { hasStepEnded, type StepProgress } from "./step-progress.ts";

/** A part of the output of a step. */
export interface SequencePart<T> {
  step: StepProgress;
  items: T[];
  /** Whether this is the first part of the step, or follows a part of another step. */
  isFirst: boolean;
  /** Whether the step has ended. */
  isLast: boolean;
}

/**
 * Sorts the output of concurrent steps into plan order: returns the output of each step in one piece, and holds back
 * that of later steps until it has ended.
 * A step that may not be needed does not block later ones; if it starts later, its output follows the step that is
 * shown then.
 */
export class StepSequence<T> {
  readonly #progress: BuildProgress;
  /** Output that is held back, by step. */
  readonly #held = new Map<StepProgress, T[]>();
  readonly #order: StepProgress[] = [];
  readonly #places = new Map<StepProgress, number>();
  /** Position of the first step without returned output. */
  #next = 0;
  #shown: StepProgress | undefined;
  /** Steps with output whose position has passed. */
  readonly #late = new Set<StepProgress>();

  constructor(progress: BuildProgress) {
    this.#progress = progress;
  }

  /** Adds output of a step that has changed. */
  add(step: StepProgress, items: readonly T[]): void {
    this.#addPlaces();
    const held = this.#held.get(step);
    if (held === undefined) this.#held.set(step, [...items]);
    else for (const item of items) held.push(item);
    const isPassed = (this.#places.get(step) ?? 0) < this.#next && step !== this.#shown;
    if (isPassed && (held === undefined || items.length > 0)) this.#late.add(step);
  }

  /** The output that can be returned now, in order. */
  take(): SequencePart<T>[] {
    this.#addPlaces();
    const parts: SequencePart<T>[] = [];
    for (;;) {
      const isFirst = this.#shown === undefined;
      const step = this.#shown ?? this.#pick();
      if (step === undefined) return parts;
      const items = this.#held.get(step) ?? [];
      const isLast = hasStepEnded(step);
      if (isFirst || isLast || items.length > 0) parts.push({ step, items, isFirst, isLast });
      this.#held.set(step, []);
      this.#shown = isLast ? undefined : step;
      if (!isLast) return parts;
    }
  }

  /** The next step to return, if it has started. */
  #pick(): StepProgress | undefined {
    const [late] = this.#late;
    if (late !== undefined) {
      this.#late.delete(late);
      return late;
    }
    for (; this.#next < this.#order.length; this.#next++) {
      const step = this.#order[this.#next] as StepProgress;
      if (step.started !== undefined) {
        this.#next++;
        return step;
      }
      if (step.state === "pending" && this.#progress.status === "running" && mustRun(step)) return undefined;
    }
    return undefined;
  }

  /** Assigns positions to steps in plan order; the export comes after the build's plan. */
  #addPlaces(): void {
    const { steps, export: exported } = this.#progress;
    if (this.#order.length < steps.size) {
      for (const step of steps.values()) this.#addPlace(step);
    }
    if (exported !== undefined) this.#addPlace(exported);
  }

  #addPlace(step: StepProgress): void {
    if (this.#places.has(step)) return;
    this.#places.set(step, this.#order.length);
    this.#order.push(step);
  }
}

/**
 * Whether a pending step will run unless it turns out to be unneeded. An image is fetched only when its files are
 * needed; without inputs, the readers of a step are unknown.
 */
function mustRun({ info, name }: StepProgress): boolean {
  return info.inputs !== undefined && !isFrom(name);
}

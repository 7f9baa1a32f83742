import type { BuildProgress } from "./build-progress.ts";
import { isFrom } from "./step-name.ts";
import { hasEnded, type StepProgress } from "./step-progress.ts";

/** A part of the output of a step. */
export interface SequencePart<T> {
  step: StepProgress;
  items: T[];
  /** Nothing of the step was given before, or something of another step since. */
  isFirst: boolean;
  /** The step has ended. */
  isLast: boolean;
}

/**
 * Puts the output of steps that run concurrently into the order of the plan: the output of a step is given in one piece,
 * and that of later steps is held back until it has ended.
 *
 * A step holds nothing back when it may not be needed; if it starts later, it is given after the step that is shown then.
 */
export class StepSequence<T> {
  readonly #progress: BuildProgress;
  /** What is held back, by step. */
  readonly #held = new Map<StepProgress, T[]>();
  readonly #order: StepProgress[] = [];
  readonly #places = new Map<StepProgress, number>();
  /** Place of the first step that was not given. */
  #next = 0;
  #shown: StepProgress | undefined;
  /** Steps that have something to give after their place was passed. */
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

  /** What can be given now, in order. */
  take(): SequencePart<T>[] {
    this.#addPlaces();
    const parts: SequencePart<T>[] = [];
    for (;;) {
      const isFirst = this.#shown === undefined;
      const step = this.#shown ?? this.#pick();
      if (step === undefined) return parts;
      const items = this.#held.get(step) ?? [];
      const isLast = hasEnded(step);
      if (isFirst || isLast || items.length > 0) parts.push({ step, items, isFirst, isLast });
      this.#held.set(step, []);
      this.#shown = isLast ? undefined : step;
      if (!isLast) return parts;
    }
  }

  /** The step that is given next, if it has started. */
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

  /** Steps have places in the order of plans; the export comes after the plan of the build. */
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
 * Whether a pending step will run unless it turns out to be unneeded. Images are fetched when something needs their
 * files; and without inputs it is not known what needs a step.
 */
function mustRun({ info, name }: StepProgress): boolean {
  return info.inputs !== undefined && !isFrom(name);
}

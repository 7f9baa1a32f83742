import type { StepInfo } from "../../schemas/events.ts";

/**
 * Tracks which steps may still be needed. A step is not needed once every step that reads its result has finished or is
 * not needed itself.
 */
export class NeededSteps {
  readonly #inputs = new Map<string, readonly string[]>();
  /** Number of steps that may still read the result of a step. */
  readonly #readers = new Map<string, number>();
  readonly #closed = new Set<string>();
  /** False for an older server, which does not report inputs. */
  #isKnown = true;

  /** Whether no step of the plan may still be needed. */
  get isComplete(): boolean {
    return this.#isKnown && this.#inputs.size > 0 && this.#closed.size === this.#inputs.size;
  }

  /** Adds the new steps of a plan. */
  add(infos: readonly StepInfo[]): void {
    const added = infos.filter(({ id }) => !this.#inputs.has(id));
    for (const { id, inputs } of added) {
      this.#inputs.set(id, inputs ?? []);
      if (inputs === undefined) this.#isKnown = false;
      for (const input of inputs ?? []) this.#readers.set(input, (this.#readers.get(input) ?? 0) + 1);
    }
  }

  /** Records that a step has its result. @returns steps that are no longer needed if they have not started */
  finish(id: string): string[] {
    const unneeded: string[] = [];
    const closing = this.#inputs.has(id) && !this.#closed.has(id) ? [id] : [];
    for (const next of closing) {
      this.#closed.add(next);
      if (next !== id) unneeded.push(next);
      for (const input of this.#inputs.get(next) ?? []) {
        const readers = (this.#readers.get(input) ?? 0) - 1;
        this.#readers.set(input, readers);
        if (readers === 0 && this.#inputs.has(input) && !this.#closed.has(input)) closing.push(input);
      }
    }
    return unneeded;
  }
}

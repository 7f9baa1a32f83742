import type { StepInfo } from "../../schemas/events.ts";

/**
 * Which steps may still be needed, as far as their inputs say it: a step is not when every step that reads its result
 * has finished or is not needed itself.
 */
export class NeededSteps {
  readonly #inputs = new Map<string, readonly string[]>();
  /** Steps that may still read the result of a step. */
  readonly #readers = new Map<string, number>();
  readonly #closed = new Set<string>();
  /** An older server does not report inputs. */
  #isKnown = true;

  /** No step of the plan is left that may be needed. */
  get isComplete(): boolean {
    return this.#isKnown && this.#inputs.size > 0 && this.#closed.size === this.#inputs.size;
  }

  /** Adds the steps of a plan that are new. */
  add(infos: readonly StepInfo[]): void {
    const added = infos.filter(({ id }) => !this.#inputs.has(id));
    for (const { id, inputs } of added) {
      this.#inputs.set(id, inputs ?? []);
      if (inputs === undefined) this.#isKnown = false;
      for (const input of inputs ?? []) this.#readers.set(input, (this.#readers.get(input) ?? 0) + 1);
    }
  }

  /** Notes that a step has its result. @returns steps that are no longer needed if they have not started */
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

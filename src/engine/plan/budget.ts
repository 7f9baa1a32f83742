import { limits } from "./limits.ts";
import { PlanFault } from "./plan-error.ts";

/**
 * Limits how much memory planning allocates. A few kilobytes of Dockerfile can expand to gigabytes: each line can double a
 * value, and every stage starts with a copy of the one below.
 */
export class PlanBudget {
  #left: number = limits.work;
  /** Remaining work for matching patterns. */
  readonly patternWork = { left: limits.patternWork };
  #instructions = 0;

  /** Work done so far, in units of `spend`. */
  get work(): number {
    return 8 * (limits.work - this.#left) + 16 * (limits.patternWork - this.patternWork.left);
  }

  /** Counts instructions. */
  instructions(count: number): void {
    this.#instructions += count;
    if (this.#instructions <= limits.instructions) return;
    const message = `The Dockerfile and the triggers of its bases have more than ${limits.instructions} instructions`;
    throw new PlanFault("plan/too-large", message);
  }

  /**
   * Counts an expanded value and returns it.
   * @throws {PlanFault} `plan/too-large`
   */
  value(text: string): string {
    if (text.length > limits.value) {
      throw new PlanFault(
        "plan/too-large",
        `A value is longer than ${limits.value} characters after expansion`,
      );
    }
    this.#pay(text.length);
    return text;
  }

  /** Counts a text for display. */
  text(length: number): void {
    this.#pay(length);
  }

  /** Counts copied entries of lists and maps. */
  entries(count: number): void {
    // Approximate size of an entry without its text, which is shared.
    this.#pay(32 * count);
  }

  #pay(amount: number): void {
    this.#left -= amount;
    if (this.#left < 0) {
      throw new PlanFault(
        "plan/too-large",
        "The Dockerfile becomes too large when its variables are expanded",
      );
    }
  }
}
